import type { AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import { rangesWithin } from "../../sizing/aws/settings";
import { ENVOY_NAMESPACE } from "../gateway/gateway-charts.manifest";
import type { ServingTimeouts } from "../gateway/serving-timeouts";
import { instanceLabels } from "../kubernetes-object";
import type { ServingOptions } from "../serving-options";

/** Where TLS ends on the way of a request, and which ports that makes. */
export interface FrontPorts {
  /** The load balancer's own. */
  readonly listener: number;
  readonly protocol: "TCP" | "TLS";
  /** The Gateway's listener, as its Service has it. */
  readonly service: number;
  /** Of the proxy's pods: Envoy Gateway adds 10,000 to ports below 1,024. */
  readonly pod: number;
}

export function frontPorts(certificate: boolean, tlsAtGateway: boolean): FrontPorts {
  if (tlsAtGateway) return { listener: 443, protocol: "TCP", service: 443, pod: 10_443 };
  const behind = { service: 80, pod: 10_080 };
  return certificate ? { listener: 443, protocol: "TLS", ...behind } : { listener: 80, protocol: "TCP", ...behind };
}

/** Longest that a TCP listener waits for a byte; that of a TLS listener is fixed. Source: ELB guide, update-idle-timeout. */
const LONGEST_TCP_IDLE_SECONDS = 6000;
export const TLS_IDLE_SECONDS = 350;

/** Idle timeout of the load balancer, above the gateway's as far as AWS lets it. */
export function listenerIdleSeconds(protocol: FrontPorts["protocol"], timeouts: ServingTimeouts): number {
  if (protocol === "TLS") return TLS_IDLE_SECONDS;
  return Math.min(LONGEST_TCP_IDLE_SECONDS, timeouts.streamIdleSeconds + 30);
}

/** What a user of these timeouts has to know, or undefined. */
export function idleWarning(protocol: FrontPorts["protocol"], timeouts: ServingTimeouts): string | undefined {
  const idle = listenerIdleSeconds(protocol, timeouts);
  if (idle > timeouts.requestSeconds) return undefined;
  const remedy = protocol === "TLS" ? " End TLS at the gateway (fitserve:tlsSecret), or stream." : " Stream them.";
  return (
    `The load balancer ends a connection on which no byte passes for ${idle} s; an answer that is not streamed may ` +
    `take ${timeouts.requestSeconds} s by the plan.${remedy}`
  );
}

/** Ranges that may connect: those given, or the network's own. */
export function clientRanges({ front, network }: AwsClusterPlan): readonly string[] {
  return rangesWithin(network, front.sourceRanges);
}

/** Name of the proxies' Service and of what ties it to the load balancer: one for each instance. */
export function frontName(options: ServingOptions): string {
  return options.namespace;
}

/** Ties the proxy's pods to the load balancer. Without `networking` the controller leaves security groups alone. */
export function targetGroupBinding<Arn>(options: ServingOptions, ports: FrontPorts, targetGroupARN: Arn) {
  return {
    apiVersion: "elbv2.k8s.aws/v1beta1",
    kind: "TargetGroupBinding",
    metadata: {
      name: frontName(options),
      namespace: ENVOY_NAMESPACE,
      labels: instanceLabels(options.name, "gateway"),
    },
    spec: {
      targetGroupARN,
      targetType: "ip",
      serviceRef: { name: frontName(options), port: ports.service },
    },
  } as const;
}
