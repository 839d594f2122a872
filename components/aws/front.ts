import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { servingTimeouts } from "../gateway/serving-timeouts";
import { hasTlsAtGateway, type ServingOptions } from "../serving-options";
import type { EksCluster } from "./eks-cluster";
import type { EksServices } from "./eks-services";
import { createCertificate, createRecord } from "./front-name";
import { clientRanges, frontPorts, listenerIdleSeconds, targetGroupBinding, type FrontPorts } from "./front.manifest";
import { admitRanges } from "./ranges";

export interface AwsFrontArgs {
  readonly plan: FeasiblePlan;
  readonly cluster: AwsClusterPlan;
  readonly target: EksCluster;
  readonly services: EksServices;
  readonly options: ServingOptions;
  /** Changes the arguments of the load balancer, applied last; returns new ones. */
  readonly transform?: { readonly loadBalancer?: (args: aws.lb.LoadBalancerArgs) => aws.lb.LoadBalancerArgs };
}

/** Of TLS 1.2 and 1.3 only what is not known to be weak. */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/** What 32 characters leave of a name, without the dash and seven digits that follow. Source: pulumi-aws provider/resources.go. */
const LONGEST_STEM = 24;

/** With these AWS's provider begins a name of its own, and takes no more. Source: pulumi-aws#2121. */
const NAME_PREFIX = 6;

/** Longest that a target may take to finish what it has. Source: ELB guide, deregistration delay. */
const LONGEST_DRAIN_SECONDS = 3600;

/**
 * The way from a client to the gateway's proxies: a network load balancer of the stack's own, so that it goes when the
 * stack goes, with its certificate and its DNS record where a zone is given.
 *
 * ### Cost
 * $16 a month and what passes through it (us-east-1).
 *
 * @example
 * new AwsFront("front", { plan, cluster, target, services, options });
 */
export class AwsFront extends pulumi.ComponentResource {
  /** Address for clients, without a path. */
  readonly url: pulumi.Output<string>;
  /** The load balancer's own name. */
  readonly dnsName: pulumi.Output<string>;
  /** Ties the proxies to the load balancer. */
  readonly binding: pulumi.Resource;

  constructor(name: string, args: AwsFrontArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:AwsFront", name, {}, opts);
    const { front } = args.cluster;
    const tlsAtGateway = hasTlsAtGateway(args.options);
    const certificateArn = tlsAtGateway ? undefined : createCertificate(name, front, { parent: this });
    const ports = frontPorts(certificateArn !== undefined, tlsAtGateway);
    const group = this.createSecurityGroup(name, args, ports);
    const balancer = this.createLoadBalancer(name, args, group);
    const targets = this.createTargets(name, args, ports);
    const listener = this.createListener(name, args, ports, balancer, targets, certificateArn);
    this.binding = this.createBinding(name, args, ports, targets, listener);
    createRecord(name, front, balancer, { parent: this });
    this.dnsName = balancer.dnsName;
    const host = front.host ?? balancer.dnsName;
    this.url = pulumi.interpolate`${ports.listener === 443 ? "https" : "http"}://${host}`;
    this.registerOutputs({ url: this.url, dnsName: this.dnsName });
  }

  private createSecurityGroup(name: string, { cluster, target }: AwsFrontArgs, ports: FrontPorts) {
    const mine = { parent: this };
    const group = new aws.ec2.SecurityGroup(
      `${name}-security-group`,
      { description: `Load balancer of ${cluster.clusterName}`, vpcId: target.vpcId },
      mine,
    );
    const fromClients = admitRanges(`${name}-from`, group.id, ports.listener, clientRanges(cluster), mine);
    const onward = { ipProtocol: "tcp", fromPort: ports.pod, toPort: ports.pod };
    const toProxies = { securityGroupId: group.id, referencedSecurityGroupId: target.securityGroupId, ...onward };
    const fromHere = { securityGroupId: target.securityGroupId, referencedSecurityGroupId: group.id, ...onward };
    return {
      group,
      rules: [
        ...fromClients,
        new aws.vpc.SecurityGroupEgressRule(`${name}-to-proxies`, toProxies, mine),
        new aws.vpc.SecurityGroupIngressRule(`${name}-into-nodes`, fromHere, mine),
      ],
    };
  }

  private createLoadBalancer(
    name: string,
    { cluster, target, transform }: AwsFrontArgs,
    { group, rules }: { readonly group: aws.ec2.SecurityGroup; readonly rules: pulumi.Resource[] },
  ): aws.lb.LoadBalancer {
    const isPublic = cluster.front.scheme === "internet-facing";
    const planned: aws.lb.LoadBalancerArgs = {
      ...prefixIfTooLong(`${name}-load-balancer`),
      loadBalancerType: "network",
      internal: !isPublic,
      subnets: [...(isPublic ? target.publicSubnetIds : target.privateSubnetIds)],
      securityGroups: [group.id],
      enableCrossZoneLoadBalancing: true,
      enableDeletionProtection: cluster.production,
    };
    return new aws.lb.LoadBalancer(`${name}-load-balancer`, transform?.loadBalancer?.(planned) ?? planned, {
      parent: this,
      protect: cluster.production,
      // Its interfaces lie in the network's subnets: it comes after the ways, and goes before them.
      dependsOn: [...rules, ...target.readyForNodes],
    });
  }

  private createTargets(name: string, { plan, target }: AwsFrontArgs, ports: FrontPorts): aws.lb.TargetGroup {
    const drain = Math.min(LONGEST_DRAIN_SECONDS, servingTimeouts(plan).requestSeconds);
    return new aws.lb.TargetGroup(
      `${name}-targets`,
      {
        ...prefixIfTooLong(`${name}-targets`),
        vpcId: target.vpcId,
        targetType: "ip",
        protocol: "TCP",
        port: ports.pod,
        deregistrationDelay: drain,
        healthCheck: {
          protocol: "TCP",
          port: "traffic-port",
          interval: 10,
          healthyThreshold: 2,
          unhealthyThreshold: 2,
        },
      },
      { parent: this },
    );
  }

  private createListener(
    name: string,
    { plan }: AwsFrontArgs,
    ports: FrontPorts,
    balancer: aws.lb.LoadBalancer,
    targets: aws.lb.TargetGroup,
    certificateArn: pulumi.Input<string> | undefined,
  ): aws.lb.Listener {
    const idle = listenerIdleSeconds(ports.protocol, servingTimeouts(plan));
    return new aws.lb.Listener(
      `${name}-listener`,
      {
        loadBalancerArn: balancer.arn,
        port: ports.listener,
        protocol: ports.protocol,
        defaultActions: [{ type: "forward", targetGroupArn: targets.arn }],
        ...(ports.protocol === "TLS" && certificateArn !== undefined
          ? { certificateArn, sslPolicy: TLS_POLICY }
          : { tcpIdleTimeoutSeconds: idle }),
      },
      { parent: this },
    );
  }

  private createBinding(
    name: string,
    { options, services }: AwsFrontArgs,
    ports: FrontPorts,
    targets: aws.lb.TargetGroup,
    listener: aws.lb.Listener,
  ): pulumi.Resource {
    return new k8s.apiextensions.CustomResource(`${name}-binding`, targetGroupBinding(options, ports, targets.arn), {
      parent: this,
      // The controller takes its finalizer off: it has to be there until the binding is gone.
      dependsOn: [services.targetsController, services.gatewayController, listener],
      // The controller's webhook refuses another target group (aws-load-balancer-controller#2764), such as the one that
      // comes with another place for TLS; two bindings cannot have one name.
      replaceOnChanges: ["spec.targetGroupARN"],
      deleteBeforeReplace: true,
    });
  }
}

/** A name of a stack with several models may be longer than a load balancer's or a target group's can be. */
function prefixIfTooLong(name: string): { namePrefix?: string } {
  return name.length <= LONGEST_STEM ? {} : { namePrefix: name.slice(0, NAME_PREFIX) };
}
