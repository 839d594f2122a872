import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import { gpuNodeLabels } from "../gpu-product-label";
import { GPU_RESOURCE } from "../kubernetes-object";
import type { EksCluster } from "./eks-cluster";
import { launchTemplateOf } from "./eks-cluster.manifest";
import { gpuTemplate } from "./eks-launch-template.manifest";

export interface EksGpuNodeGroupArgs {
  readonly cluster: AwsClusterPlan;
  readonly target: EksCluster;
  /** Canonical name of the card. */
  readonly gpu: string;
  /** Value of the label by which pods find these nodes. */
  readonly pool: string;
  /** Changes the arguments of a child, applied last; returns new ones. */
  readonly transform?: {
    readonly nodeGroup?: (args: aws.eks.NodeGroupArgs) => aws.eks.NodeGroupArgs;
    readonly launchTemplate?: (args: aws.ec2.LaunchTemplateArgs) => aws.ec2.LaunchTemplateArgs;
  };
}

/** Reserved capacity has no spare machine: the old node goes before the new one comes. */
const REPLACE_IN_PLACE = { maxUnavailable: 1, updateStrategy: "MINIMAL" };

/**
 * A card that fails is seen by the monitoring agent, and its node replaced after ten minutes. That the agent does not
 * reach its DCGM says nothing of a card, and is never taken back (aws/eks-node-monitoring-agent#266): new nodes, which are
 * slow to start it, would be replaced for ever.
 */
const REPAIR = {
  enabled: true,
  nodeRepairConfigOverrides: [
    {
      nodeMonitoringCondition: "AcceleratedHardwareReady",
      nodeUnhealthyReason: "DCGMError",
      minRepairWaitTimeMins: 10,
      repairAction: "NoAction",
    },
  ],
};

/**
 * The GPU nodes of a plan as a managed node group: the machine that the plan chose, with the driver in its image.
 *
 * ### Cost
 * The first line of `plan.cost`; the volumes, and nothing else.
 *
 * @example
 * new EksGpuNodeGroup("gpu", { cluster, target, gpu: plan.hardware.gpu, pool: "fitserve" });
 */
export class EksGpuNodeGroup extends pulumi.ComponentResource {
  readonly nodeGroup: aws.eks.NodeGroup;

  constructor(name: string, args: EksGpuNodeGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:EksGpuNodeGroup", name, {}, opts);
    const { cluster, transform } = args;
    const planned = gpuTemplate(cluster, cluster.gpuPool);
    const template = new aws.ec2.LaunchTemplate(`${name}-template`, transform?.launchTemplate?.(planned) ?? planned, {
      parent: this,
    });
    const group = nodeGroupArgs(args, template);
    this.nodeGroup = new aws.eks.NodeGroup(`${name}-nodes`, transform?.nodeGroup?.(group) ?? group, {
      parent: this,
      dependsOn: [...args.target.readyForNodes],
      // Whoever scales the group decides how many nodes there are now; the plan says how many there may be.
      ...(cluster.gpuPool.nodes.min === cluster.gpuPool.nodes.max
        ? {}
        : { ignoreChanges: ["scalingConfig.desiredSize"] }),
    });
    this.registerOutputs({ nodeGroupName: this.nodeGroup.nodeGroupName });
  }
}

function nodeGroupArgs(
  { cluster, target, gpu, pool }: EksGpuNodeGroupArgs,
  template: aws.ec2.LaunchTemplate,
): aws.eks.NodeGroupArgs {
  const { gpuPool } = cluster;
  const { min, desired, max } = gpuPool.nodes;
  return {
    clusterName: target.name,
    nodeRoleArn: target.nodeRoleArn,
    subnetIds: [...target.gpuSubnetIds(gpuPool.zone)],
    version: cluster.kubernetes,
    releaseVersion: cluster.amiRelease,
    amiType: "AL2023_x86_64_NVIDIA",
    capacityType: gpuPool.capacity,
    // Of a capacity block the template has the type; in both places it would be refused.
    ...(gpuPool.capacity === "CAPACITY_BLOCK" ? {} : { instanceTypes: [...gpuPool.instanceTypes] }),
    scalingConfig: { minSize: min, desiredSize: desired, maxSize: max },
    launchTemplate: launchTemplateOf(template),
    updateConfig: gpuPool.reservationId === undefined ? { maxUnavailable: 1 } : REPLACE_IN_PLACE,
    nodeRepairConfig: REPAIR,
    labels: gpuNodeLabels(pool, gpu),
    taints: [{ key: GPU_RESOURCE, value: "present", effect: "NO_SCHEDULE" }],
  };
}
