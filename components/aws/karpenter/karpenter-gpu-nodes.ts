import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AwsClusterPlan } from "../../../sizing/aws/cluster-plan";
import type { EksCluster } from "../eks-cluster";
import type { KarpenterController } from "./karpenter-controller";
import { ec2NodeClass, nodePool } from "./karpenter.manifest";

export interface KarpenterGpuNodesArgs {
  readonly cluster: AwsClusterPlan;
  readonly target: EksCluster;
  readonly controller: KarpenterController;
  /** Canonical name of the card. */
  readonly gpu: string;
  readonly gpusPerNode: number;
  /** Value of the label by which pods find these nodes. */
  readonly pool: string;
}

/** An hour of draining, and the end of the machine. */
const LONGEST_END = { delete: "75m" };

/**
 * What Karpenter needs to make the GPU nodes of a plan: the machines that the plan allows, and as many as it allows, for
 * the pods that wait for them.
 *
 * ### Cost
 * The first line of `plan.cost` while the engines run; without them nothing after a quarter of an hour.
 *
 * @example
 * new KarpenterGpuNodes("gpu", { cluster, target, controller, gpu: "L40S", gpusPerNode: 4, pool: "fitserve" });
 */
export class KarpenterGpuNodes extends pulumi.ComponentResource {
  readonly nodePool: k8s.apiextensions.CustomResource;

  constructor(name: string, args: KarpenterGpuNodesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:KarpenterGpuNodes", name, {}, opts);
    const { cluster, target, controller, gpu, gpusPerNode, pool } = args;
    const subnetIds = pulumi
      .all([...target.gpuSubnetIds(cluster.gpuPool.zone)])
      .apply((ids) => ids.map((id) => ({ id })));
    const { securityGroupId } = target;
    const { instanceProfile } = controller;
    const mine = { parent: this, customTimeouts: LONGEST_END };
    const nodeClass = new k8s.apiextensions.CustomResource(
      `${name}-node-class`,
      ec2NodeClass(cluster, pool, { subnetIds, securityGroupId, instanceProfile }),
      // The controller takes the finalizers off, once the machines are gone: it has to be there until then.
      { ...mine, dependsOn: [...controller.ready, ...target.readyForNodes] },
    );
    this.nodePool = new k8s.apiextensions.CustomResource(
      `${name}-node-pool`,
      nodePool(cluster, pool, gpu, gpusPerNode),
      { ...mine, dependsOn: [nodeClass] },
    );
    this.registerOutputs({ nodePoolName: this.nodePool.metadata.name });
  }
}
