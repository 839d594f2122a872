import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SharedClusterPlan } from "../../sizing/aws/cluster-plan";
import { installChart, type Chart } from "../chart-release";
import { aiGateway, aiGatewayDefinitions, envoyGateway } from "../gateway/gateway-charts.manifest";
import type { EksCluster } from "./eks-cluster";
import {
  certManager,
  CONTROLLER_ACCOUNT,
  dcgmExporter,
  devicePlugin,
  envoyNamespace,
  loadBalancerController,
} from "./eks-services.manifest";
import { targetRegistrationPolicy } from "./policy";
import { createPodIdentity } from "./roles";

export interface EksServicesArgs {
  readonly cluster: SharedClusterPlan;
  readonly target: EksCluster;
  /** `host:port` of the Redis in which the limits of clients are counted; absent: no model has shared ones. */
  readonly rateLimitRedis?: string;
  /** Whether a Gateway's certificate comes from an issuer of cert-manager. */
  readonly hasIssuer?: boolean;
}

/**
 * What a plan needs on a cluster before it can be served there: the cards' plugin and metrics, the controller that
 * registers pods at load balancers, Envoy Gateway and Envoy AI Gateway.
 *
 * ### Cost
 * None of its own: it runs on the system nodes.
 *
 * @example
 * new EksServices("services", { cluster, target }, { providers: { kubernetes: provider } });
 */
export class EksServices extends pulumi.ComponentResource {
  /** What has to be there while load balancers have targets. */
  readonly targetsController: pulumi.Resource;
  /** What has to be there while there are Gateways. */
  readonly gatewayController: pulumi.Resource;
  /** What has to be there while engines run. */
  readonly gpuServices: readonly pulumi.Resource[];

  constructor(name: string, args: EksServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:EksServices", name, {}, opts);
    this.gpuServices = [this.install(name, devicePlugin()), this.install(name, dcgmExporter())];
    this.targetsController = this.installController(name, args);
    const proxies = new k8s.core.v1.Namespace(`${name}-envoy-namespace`, envoyNamespace(), { parent: this });
    // The controller's webhook judges every pod in that namespace: while nothing answers, none is made
    // (aws-load-balancer-controller#2711).
    const gateway = this.install(name, envoyGateway(args.rateLimitRedis), [proxies, this.targetsController]);
    if (args.hasIssuer === true) this.install(name, certManager(), [gateway]);
    const definitions = this.install(name, aiGatewayDefinitions(), [gateway]);
    this.gatewayController = this.install(name, aiGateway(), [definitions]);
    this.registerOutputs({});
  }

  private installController(name: string, args: EksServicesArgs): pulumi.Resource {
    const policy = targetRegistrationPolicy();
    const mine = { parent: this };
    const permitted = createPodIdentity(`${name}-targets`, args, "targets", CONTROLLER_ACCOUNT, policy, mine);
    return this.install(name, loadBalancerController(args.cluster, args.target.vpcId), permitted);
  }

  private install(name: string, chart: Chart, dependsOn: pulumi.Resource[] = []): k8s.helm.v3.Release {
    return installChart(name, chart, { parent: this, dependsOn });
  }
}
