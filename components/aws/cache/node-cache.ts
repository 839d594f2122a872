import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Checkpoint } from "../../../sizing/catalog";
import type { FeasiblePlan } from "../../../sizing/serving-plan";
import type { ServingOptions } from "../../serving-options";
import {
  copyAccount,
  copyDaemonSet,
  copyScript,
  nodeCacheNamespace,
  nodeModel,
  weightsVolume,
} from "./node-cache.manifest";

export interface NodeCacheArgs {
  readonly plan: FeasiblePlan;
  readonly options: ServingOptions;
  readonly bucket: string;
  readonly checkpoint: Checkpoint;
  /** What has to be there before a node copies: the nodes, the weights in the bucket, the role to read them. */
  readonly after: readonly pulumi.Resource[];
}

/** All nodes copy at the same time; the largest weights take a quarter of this. */
const COPY_TIMEOUT = "60m";

/**
 * A copy of the weights on the NVMe disks of each GPU node, from which its engines load.
 *
 * ### Cost
 * Nothing: the disks come with the machines, and a gateway endpoint carries what is copied.
 *
 * @example
 * new NodeCache("weights-nodes", { plan, options, bucket, checkpoint, after: [job, identity, gpuNodes] });
 */
export class NodeCache extends pulumi.ComponentResource {
  /** The engine starts once these are there. */
  readonly filled: readonly pulumi.Resource[];

  constructor(name: string, args: NodeCacheArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:NodeCache", name, {}, opts);
    const { plan, options, bucket, checkpoint, after } = args;
    const mine = { parent: this };
    const home = new k8s.core.v1.Namespace(`${name}-namespace`, nodeCacheNamespace(options), mine);
    const inside = { ...mine, dependsOn: [home] };
    const account = new k8s.core.v1.ServiceAccount(`${name}-account`, copyAccount(options), inside);
    const script = new k8s.core.v1.ConfigMap(`${name}-script`, copyScript(options), inside);
    const source = nodeModel(options, checkpoint);
    const volume = new k8s.core.v1.PersistentVolume(`${name}-volume`, weightsVolume(options, source), mine);
    const copies = new k8s.apps.v1.DaemonSet(`${name}-copies`, copyDaemonSet(plan, options, bucket, checkpoint), {
      ...mine,
      dependsOn: [account, script, ...after],
      customTimeouts: { create: COPY_TIMEOUT, update: COPY_TIMEOUT },
    });
    this.filled = [volume, copies];
    this.registerOutputs({});
  }
}
