import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { installChart, type Chart } from "../chart-release";
import { aiGateway, aiGatewayDefinitions, envoyGateway } from "./gateway-charts.manifest";

export interface GatewayControllersArgs {
  /** `host:port` of the Redis in which shared limits of clients are counted; absent: there are none. */
  readonly rateLimitRedis?: string;
}

/**
 * Envoy Gateway and Envoy AI Gateway by their charts, for a cluster that has neither: once a cluster, and for all of it.
 *
 * ### Cost
 * None of its own: it runs on nodes that are there.
 *
 * @example
 * const controllers = new GatewayControllers("gateway", {}, { providers: { kubernetes: provider } });
 * new ServingStack("llm", { plan, clientKeys }, { dependsOn: [controllers.ready] });
 */
export class GatewayControllers extends pulumi.ComponentResource {
  /** What has to be there while there are Gateways. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: GatewayControllersArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:serving:GatewayControllers", name, {}, opts);
    const gateway = this.install(name, envoyGateway(args.rateLimitRedis));
    const definitions = this.install(name, aiGatewayDefinitions(), [gateway]);
    this.ready = this.install(name, aiGateway(), [definitions]);
    this.registerOutputs({});
  }

  private install(name: string, chart: Chart, dependsOn: pulumi.Resource[] = []): k8s.helm.v3.Release {
    return installChart(name, chart, { parent: this, dependsOn });
  }
}
