import * as pulumi from "@pulumi/pulumi";
import type { FeasiblePlan } from "../sizing/serving-plan";
import { simulatedNodes } from "./gpu-node-group.manifest";
import { servingOptions, type ServingOptions } from "./serving-options";

export interface GpuNodeGroupArgs {
  /** Decides the machine and how many of it. */
  readonly plan: FeasiblePlan;
  readonly options?: Partial<ServingOptions>;
  /** Changes the arguments of each node; returns new ones. */
  readonly transform?: {
    readonly node?: (args: ReturnType<typeof simulatedNodes>[number]) => pulumi.Inputs;
  };
}

/**
 * The machines of a plan on the local target: nodes with the labels, the taint and the capacity of the chosen
 * instance, whose kubelet kwok plays. The scheduler treats them as real; no container runs on them.
 *
 * ### Cost
 * None: what the same nodes would cost in the plan's market is `plan.cost`.
 *
 * @example
 * new GpuNodeGroup("llm", { plan });
 */
export class GpuNodeGroup extends pulumi.ComponentResource {
  readonly nodeNames: pulumi.Output<string[]>;

  constructor(name: string, args: GpuNodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:serving:GpuNodeGroup", name, {}, opts);
    const planned = simulatedNodes(args.plan, servingOptions(args.plan, args.options));
    const nodes = planned.map((node, index) => {
      const properties = args.transform?.node?.(node) ?? node;
      return new SimulatedNode(`${name}-node-${index}`, properties, { parent: this });
    });
    this.nodeNames = pulumi.all(nodes.map(({ urn }, index) => urn.apply(() => planned[index]?.metadata.name ?? "")));
    this.registerOutputs({ nodeNames: this.nodeNames });
  }
}

/** The SDK's own Node leaves out `status`, and with it the cards. */
class SimulatedNode extends pulumi.CustomResource {
  constructor(name: string, properties: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    // A status is taken only when a node is made; its name is fixed, so that the old one goes first.
    const lifecycle = { deleteBeforeReplace: true, replaceOnChanges: ["status"] };
    super("kubernetes:core/v1:Node", name, { ...properties }, { ...opts, ...lifecycle });
  }
}
