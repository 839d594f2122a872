import type { FeasiblePlan } from "../sizing/serving-plan";
import type { Target } from "../sizing/serving-request";
import { kubernetesName } from "./kubernetes-object";

export interface GatewayClassChoice {
  readonly name: string;
  /** A class is cluster-wide: it is made only on the local target or when asked. */
  readonly create: boolean;
}

/** What one client may use; an absent figure does not limit. */
export interface ClientLimits {
  readonly requestsPerMinute?: number;
  /** Prompt and answer together; an answer is charged when it is complete. */
  readonly tokensPerMinute?: number;
}

export interface RateLimits {
  /**
   * `proxy`: each proxy counts for itself, requests only. `shared`: all proxies count together, tokens too; Envoy
   * Gateway has to be installed with its rate-limit service and Redis.
   */
  readonly scope: "proxy" | "shared";
  /** Of each client that `clients` does not name. */
  readonly everyClient?: ClientLimits;
  /** By the name under which the client has its key. */
  readonly clients?: Readonly<Record<string, ClientLimits>>;
}

/** How a plan is put onto a cluster: names and the few things that the plan does not decide. */
export interface ServingOptions {
  /** Base name of the objects; the instance label. */
  readonly name: string;
  readonly namespace: string;
  readonly createNamespace: boolean;
  readonly gatewayClass: GatewayClassChoice;
  /** Proxies with an access log and a drain of their own; false leaves them to what the class says. */
  readonly createEnvoyProxy: boolean;
  /** Absent: clients are not limited. */
  readonly rateLimits?: RateLimits;
  /** For the Service of the gateway's proxies: what its load balancer is to be. */
  readonly loadBalancerAnnotations?: Readonly<Record<string, string>>;
  /** Nodes without machines, for a cluster where kwok plays the kubelet. */
  readonly simulateNodes: boolean;
  /** Where the engine's pods may run; replaces what follows from the plan. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Secret of type kubernetes.io/tls in the same namespace; with it the listener is HTTPS on 443. */
  readonly tlsSecret?: string;
  /** Secret in the same namespace whose key `token` opens gated repositories of the hub. */
  readonly hubTokenSecret?: string;
  /** Namespaces whose pods may talk to the engine: the gateway's proxies and the scraper of metrics. */
  readonly clientNamespaces: readonly string[];
}

/** Defaults that do not depend on the plan. */
export const SERVING_DEFAULTS = {
  namespace: "fitserve",
  /** The name that Envoy Gateway's own quickstart gives its class. */
  gatewayClassName: "eg",
  clientNamespaces: ["envoy-gateway-system", "monitoring"],
} as const;

/** Fills in what the caller left open. */
export function servingOptions(plan: FeasiblePlan, given: Partial<ServingOptions> = {}): ServingOptions {
  const target: Target = plan.request.target;
  const namespace = given.namespace ?? SERVING_DEFAULTS.namespace;
  return {
    ...given,
    name: given.name ?? kubernetesName(plan.model.key),
    namespace,
    createNamespace: given.createNamespace ?? true,
    gatewayClass: given.gatewayClass ?? defaultGatewayClass(target, namespace),
    createEnvoyProxy: given.createEnvoyProxy ?? true,
    simulateNodes: given.simulateNodes ?? target === "local",
    clientNamespaces: given.clientNamespaces ?? SERVING_DEFAULTS.clientNamespaces,
  };
}

function defaultGatewayClass(target: Target, namespace: string): GatewayClassChoice {
  return target === "local"
    ? { name: namespace, create: true }
    : { name: SERVING_DEFAULTS.gatewayClassName, create: false };
}
