import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { servingOptions, type ServingOptions } from "../serving-options";
import { httpRoute, inferencePool } from "./alternatives.manifest";
import {
  aiGatewayRoute,
  aiServiceBackend,
  backend,
  clientKeysSecret,
  gateway,
  gatewayClass,
} from "./ingress-gateway.manifest";
import { backendTrafficPolicy, clientTrafficPolicy, securityPolicy } from "./policies.manifest";
import { envoyProxy } from "./proxy.manifest";

type CustomResourceArgs = k8s.apiextensions.CustomResourceArgs;

export interface IngressGatewayArgs {
  /** Decides the route and every limit of time. */
  readonly plan: FeasiblePlan;
  /** Names, gateway class and TLS. The namespace has to exist. */
  readonly options?: Partial<ServingOptions>;
  /** Name of a client → its API key. Kept as a secret, whatever is passed in. */
  readonly clientKeys: pulumi.Input<Readonly<Record<string, string>>>;
  /** Changes the arguments of a child, applied last; returns new ones. */
  readonly transform?: {
    readonly gateway?: (args: ReturnType<typeof gateway>) => CustomResourceArgs;
    readonly route?: (args: ReturnType<typeof aiGatewayRoute>) => CustomResourceArgs;
  };
}

/**
 * The way in: a Gateway API Gateway with Envoy AI Gateway's route by model, an API key for each client, and limits
 * that follow from the plan. Envoy Gateway and Envoy AI Gateway have to run on the cluster; with
 * `options.gateway: "gateway-api"` any other controller, with one key for all.
 *
 * ### Cost
 * The load balancer that the gateway's controller orders for the Gateway; not part of `plan.cost`.
 *
 * @example
 * new IngressGateway("llm", { plan, clientKeys: config.requireSecretObject("clientKeys") });
 */
export class IngressGateway extends pulumi.ComponentResource {
  /** `namespace/name` of the Gateway, whose status holds the address. */
  readonly gatewayName: pulumi.Output<string>;

  constructor(name: string, args: IngressGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:serving:IngressGateway", name, {}, opts);
    const options = servingOptions(args.plan, args.options);
    const keys = this.createClientKeys(name, args, options);
    const door = this.createGateway(name, args, options);
    const route = this.createRoute(name, args, options, door);
    if (options.gateway === "ai-gateway") this.createPolicies(name, args.plan, options, [keys, door, route]);
    this.gatewayName = pulumi.output(`${options.namespace}/${options.name}`);
    this.registerOutputs({ gatewayName: this.gatewayName });
  }

  private createClientKeys(name: string, args: IngressGatewayArgs, options: ServingOptions) {
    const stringData = pulumi.secret(args.clientKeys);
    return new k8s.core.v1.Secret(
      `${name}-client-keys`,
      { ...clientKeysSecret(options), stringData },
      { parent: this },
    );
  }

  private createGateway(name: string, args: IngressGatewayArgs, options: ServingOptions) {
    const own = [
      ...(options.gatewayClass.create ? [this.create(`${name}-class`, gatewayClass(options))] : []),
      ...(options.createEnvoyProxy ? [this.create(`${name}-proxy`, envoyProxy(args.plan, options))] : []),
    ];
    const planned = gateway(options);
    return this.create(`${name}-gateway`, args.transform?.gateway?.(planned) ?? planned, own);
  }

  /** What the controller does with a request; the answer is the route that policies attach to. */
  private createRoute(name: string, args: IngressGatewayArgs, options: ServingOptions, door: pulumi.Resource) {
    if (options.gateway === "gateway-api")
      return this.create(`${name}-http-route`, httpRoute(args.plan, options), [door]);
    const replicas = this.createReplicas(name, options);
    const planned = aiGatewayRoute(args.plan, options);
    return this.create(`${name}-route`, args.transform?.route?.(planned) ?? planned, [door, replicas]);
  }

  private createReplicas(name: string, options: ServingOptions): pulumi.Resource {
    const { endpointPicker } = options;
    if (endpointPicker !== undefined) return this.create(`${name}-pool`, inferencePool(options, endpointPicker));
    const address = this.create(`${name}-backend`, backend(options));
    return this.create(`${name}-service-backend`, aiServiceBackend(options), [address]);
  }

  private createPolicies(name: string, plan: FeasiblePlan, options: ServingOptions, after: pulumi.Resource[]): void {
    this.create(`${name}-security-policy`, securityPolicy(options), after);
    this.create(`${name}-backend-traffic-policy`, backendTrafficPolicy(plan, options), after);
    this.create(`${name}-client-traffic-policy`, clientTrafficPolicy(plan, options), after);
  }

  private create(name: string, args: CustomResourceArgs, dependsOn: pulumi.Resource[] = []) {
    return new k8s.apiextensions.CustomResource(name, args, { parent: this, dependsOn });
  }
}
