import * as k8s from "@pulumi/kubernetes";
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
    readonly node?: (args: ReturnType<typeof simulatedNodes>[number]) => k8s.apiextensions.CustomResourceArgs;
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
    const nodes = simulatedNodes(args.plan, servingOptions(args.plan, args.options)).map(
      // The SDK's own Node leaves out `status`, and with it the cards.
      (node, index) =>
        new k8s.apiextensions.CustomResource(`${name}-node-${index}`, args.transform?.node?.(node) ?? node, {
          parent: this,
          deleteBeforeReplace: true,
        }),
    );
    this.nodeNames = pulumi.all(nodes.map((node) => node.metadata.apply((metadata) => metadata?.name ?? "")));
    this.registerOutputs({ nodeNames: this.nodeNames });
  }
}
