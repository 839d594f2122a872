import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { SharedClusterPlan } from "../../../sizing/aws/cluster-plan";
import { awsName } from "../../../sizing/aws/names";
import { installChart } from "../../chart-release";
import { NODE_POLICIES, type EksCluster } from "../eks-cluster";
import { createPodIdentity, createServiceRole } from "../roles";
import { karpenterController, karpenterDefinitions, KARPENTER_ACCOUNT } from "./karpenter-charts.manifest";
import { karpenterPolicy } from "./karpenter-policy";
import { createInterruptionQueue, type InterruptionQueue } from "./karpenter-queue";

export interface KarpenterControllerArgs {
  readonly cluster: SharedClusterPlan;
  readonly target: EksCluster;
}

/**
 * Karpenter on the system nodes of a cluster, with the role of the nodes that it makes and the queue that tells it of
 * machines which are about to end. It makes nothing until there is a NodePool.
 *
 * ### Cost
 * Cents: requests to the queue.
 *
 * @example
 * new KarpenterController("karpenter", { cluster, target }, { providers: { kubernetes: provider } });
 */
export class KarpenterController extends pulumi.ComponentResource {
  readonly instanceProfile: pulumi.Output<string>;
  /** What has to be there while there are NodePools: the controller ends their machines. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: KarpenterControllerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:KarpenterController", name, {}, opts);
    const { cluster } = args;
    const nodes = this.createNodeRole(name, args);
    const queue = createInterruptionQueue(name, cluster, { parent: this });
    const permitted = this.createIdentity(name, args, nodes.arn, queue);
    const definitions = installChart(name, karpenterDefinitions(), { parent: this });
    const controller = installChart(name, karpenterController(cluster, queue.name), {
      parent: this,
      dependsOn: [definitions, ...permitted, ...queue.ways],
    });
    this.instanceProfile = nodes.instanceProfile;
    this.ready = [controller, ...nodes.ready];
    this.registerOutputs({});
  }

  /**
   * Apart from the role of the managed groups, whose entry EKS makes itself. The profile is the stack's own, so that the
   * controller may make none and leaves none behind.
   */
  private createNodeRole(name: string, { cluster, target }: KarpenterControllerArgs) {
    const mine = { parent: this };
    const called = `${name}-node`;
    const role = createServiceRole(called, cluster, "karpenter-node", "ec2.amazonaws.com", NODE_POLICIES, mine);
    const profile = new aws.iam.InstanceProfile(
      `${name}-node-profile`,
      { name: awsName("iamRole", cluster.clusterName, cluster.region, "karpenter-profile"), role: role.name },
      mine,
    );
    const entry = new aws.eks.AccessEntry(
      `${name}-node-access`,
      { clusterName: target.name, principalArn: role.arn, type: "EC2_LINUX" },
      mine,
    );
    return { arn: role.arn, instanceProfile: profile.name, ready: [...role.policies, profile, entry] };
  }

  private createIdentity(
    name: string,
    args: KarpenterControllerArgs,
    nodeRoleArn: pulumi.Output<string>,
    queue: InterruptionQueue,
  ): pulumi.Resource[] {
    const policy = pulumi
      .all([nodeRoleArn, queue.arn])
      .apply(([roleArn, queueArn]) => karpenterPolicy({ cluster: args.cluster, nodeRoleArn: roleArn, queueArn }));
    return createPodIdentity(`${name}-controller`, args, "karpenter", KARPENTER_ACCOUNT, policy, { parent: this });
  }
}
