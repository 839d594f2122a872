import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { FeasiblePlan } from "../sizing/serving-plan";
import { IngressGateway, type IngressGatewayArgs } from "./gateway/ingress-gateway";
import { GpuNodeGroup, type GpuNodeGroupArgs } from "./gpu-node-group";
import { servingNamespace } from "./namespace.manifest";
import { servingOptions, type ServingOptions } from "./serving-options";
import { servedNames } from "./vllm/deployed-arguments";
import { VllmDeployment, type VllmDeploymentArgs } from "./vllm/vllm-deployment";

export interface ServingStackArgs {
  readonly plan: FeasiblePlan;
  readonly options?: Partial<ServingOptions>;
  readonly clientKeys: IngressGatewayArgs["clientKeys"];
  /** Changes the arguments of children, applied last; see the components of the same name. */
  readonly transform?: NonNullable<GpuNodeGroupArgs["transform"]> &
    NonNullable<VllmDeploymentArgs["transform"]> &
    NonNullable<IngressGatewayArgs["transform"]>;
}

/** How clients reach the model; what is known before anything runs, so that a preview shows its changes. */
export interface ServingEndpoint {
  /** `model` of a request's body. */
  readonly model: string;
  readonly path: string;
  /** `namespace/name` of the Gateway. */
  readonly gateway: string;
  /** Prints the gateway's address once its controller has given it one; absent where a load balancer is made elsewhere. */
  readonly addressCommand?: string;
  /** Address of the engine within the cluster, past the gateway. */
  readonly engineUrl: string;
}

/**
 * A plan on a cluster: namespace, GPU nodes (simulated ones on the local target), the engine and the way in.
 *
 * ### Cost
 * `plan.cost`, plus the load balancer that the gateway's controller orders.
 *
 * @example
 * const plan = planServing(request, loadCatalog());
 * if (!isFeasible(plan)) throw new pulumi.RunError("nothing fits");
 * new ServingStack("llm", { plan, clientKeys });
 */
export class ServingStack extends pulumi.ComponentResource {
  readonly endpoint: pulumi.Output<ServingEndpoint>;

  constructor(name: string, args: ServingStackArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:serving:ServingStack", name, {}, opts);
    const options = servingOptions(args.plan, args.options);
    const child = { plan: args.plan, options, ...(args.transform === undefined ? {} : { transform: args.transform }) };
    const home = this.createNamespace(name, options);
    const nodes = options.simulateNodes ? [new GpuNodeGroup(`${name}-nodes`, child, { parent: this })] : [];
    const engine = new VllmDeployment(`${name}-engine`, child, { parent: this, dependsOn: [...home, ...nodes] });
    const way = new IngressGateway(
      `${name}-gateway`,
      { ...child, clientKeys: args.clientKeys },
      { parent: this, dependsOn: home },
    );
    this.endpoint = pulumi.all([engine.url, way.gatewayName]).apply(([engineUrl, gateway]) => ({
      model: servedNames(args.plan, options)[0] ?? args.plan.model.key,
      path: "/v1",
      gateway,
      ...(options.proxyService === undefined ? { addressCommand: addressCommand(options) } : {}),
      engineUrl,
    }));
    this.registerOutputs({ endpoint: this.endpoint });
  }

  private createNamespace(name: string, options: ServingOptions): pulumi.Resource[] {
    if (!options.createNamespace) return [];
    return [new k8s.core.v1.Namespace(`${name}-namespace`, servingNamespace(options), { parent: this })];
  }
}

function addressCommand({ name, namespace }: ServingOptions): string {
  return `kubectl get gateway ${name} --namespace ${namespace} --output jsonpath={.status.addresses[0].value}`;
}
