import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { SharedClusterPlan } from "../../sizing/aws/cluster-plan";
import { SYSTEM_POOL } from "../kubernetes-object";
import { createAccess, createApiRules } from "./eks-access";
import { createAddons } from "./eks-addons";
import { clusterArgs, kubeconfigOf, launchTemplateOf, type Place } from "./eks-cluster.manifest";
import { systemTemplate } from "./eks-launch-template.manifest";
import { EksNetwork } from "./eks-network";
import { createServiceRole } from "./roles";

export interface EksClusterArgs {
  readonly cluster: SharedClusterPlan;
  /** Changes the arguments of a child, applied last; returns new ones. */
  readonly transform?: {
    readonly cluster?: (args: aws.eks.ClusterArgs) => aws.eks.ClusterArgs;
    readonly systemNodes?: (args: aws.eks.NodeGroupArgs) => aws.eks.NodeGroupArgs;
  };
}

const DEFAULTS = { logRetentionDays: 30, keyDeletionDays: 30 } as const;

/** What every node may do: join the cluster, and pull images of the account. */
export const NODE_POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"] as const;

/**
 * An EKS cluster without GPU nodes: network, control plane, add-ons and the nodes for everything that needs no GPU.
 *
 * ### Cost
 * $73 a month for the control plane, and two system nodes, about $140 (us-east-1), beside the network's.
 *
 * @example
 * const planned = planAwsCluster(inputs);
 * if (planned.ok) new EksCluster("aws", { cluster: planned.cluster });
 */
export class EksCluster extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  /** Credentials of the cluster for the Kubernetes provider: a command that asks AWS for a token, no token. */
  readonly kubeconfig: pulumi.Output<string>;
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: readonly pulumi.Input<string>[];
  readonly privateSubnetIds: readonly pulumi.Input<string>[];
  /** Where GPU nodes of a zone stand, or of any. */
  readonly gpuSubnetIds: Place["gpuSubnetIds"];
  /** Of the control plane and of all nodes. */
  readonly securityGroupId: pulumi.Output<string>;
  readonly nodeRoleArn: pulumi.Output<string>;
  /** Nodes may start once these are there; they outlast the nodes. */
  readonly readyForNodes: readonly pulumi.Resource[];
  /** Pods run, and the API admits those who may administer it. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: EksClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:EksCluster", name, {}, opts);
    const { cluster } = args;
    const place = this.createPlace(name, cluster);
    const control = this.createControlPlane(name, args, place);
    const entries = createAccess(name, cluster, control, { parent: this });
    const role = createServiceRole(`${name}-node`, cluster, "node", "ec2.amazonaws.com", NODE_POLICIES, {
      parent: this,
    });
    const early = createAddons(name, cluster, "before-nodes", control, { parent: this });
    this.name = control.name;
    this.vpcId = pulumi.output(place.vpcId);
    this.publicSubnetIds = place.publicSubnetIds;
    this.privateSubnetIds = place.privateSubnetIds;
    this.gpuSubnetIds = place.gpuSubnetIds;
    this.securityGroupId = control.vpcConfig.apply((config) => config.clusterSecurityGroupId);
    const reachable = createApiRules(name, cluster, this.securityGroupId, { parent: this });
    this.nodeRoleArn = role.arn;
    this.readyForNodes = [...place.ways, ...role.policies, ...early];
    const nodes = this.createSystemNodes(name, args, place, control);
    const late = createAddons(name, cluster, "after-nodes", control, { parent: this, dependsOn: [nodes] });
    this.ready = [nodes, ...early, ...late, ...entries, ...reachable];
    this.kubeconfig = pulumi
      .all([control.endpoint, control.certificateAuthority, control.name])
      .apply(([server, authority, called]) => kubeconfigOf(cluster.region, called, server, authority.data));
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }

  private createPlace(name: string, { network, region, clusterName }: SharedClusterPlan): Place {
    if (network.kind === "given") {
      return { ...network, gpuSubnetIds: () => network.gpuSubnetIds ?? network.privateSubnetIds, ways: [] };
    }
    const made = new EksNetwork(`${name}-network`, { plan: network, region, clusterName }, { parent: this });
    return {
      vpcId: made.vpcId,
      publicSubnetIds: made.publicSubnetIds,
      privateSubnetIds: made.privateSubnetIds,
      gpuSubnetIds: (zone) => (zone === undefined ? made.privateSubnetIds : [made.nodeSubnetId(zone)]),
      ways: made.ways,
    };
  }

  private createControlPlane(name: string, args: EksClusterArgs, place: Place): aws.eks.Cluster {
    const { cluster } = args;
    const policies = ["AmazonEKSClusterPolicy"];
    const called = `${name}-control-plane`;
    const role = createServiceRole(called, cluster, "control-plane", "eks.amazonaws.com", policies, { parent: this });
    const key = this.createKey(name, cluster);
    const logs = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      // EKS writes to this name; where it is not there, EKS makes it, and it is kept for ever.
      { name: `/aws/eks/${cluster.clusterName}/cluster`, retentionInDays: DEFAULTS.logRetentionDays },
      { parent: this },
    );
    const planned = clusterArgs(cluster, place, role.arn, key.arn);
    return new aws.eks.Cluster(`${name}-cluster`, args.transform?.cluster?.(planned) ?? planned, {
      parent: this,
      dependsOn: [...role.policies, logs, ...place.ways],
      protect: cluster.production,
      // Both hold only when a cluster is made; a changed default would replace it (pulumi-aws #3997).
      ignoreChanges: ["accessConfig.bootstrapClusterCreatorAdminPermissions", "bootstrapSelfManagedAddons"],
    });
  }

  /** Secrets of Kubernetes are encrypted with it before they are stored. */
  private createKey(name: string, { clusterName, production }: SharedClusterPlan): aws.kms.Key {
    return new aws.kms.Key(
      `${name}-key`,
      {
        description: `Kubernetes secrets of the cluster ${clusterName}`,
        enableKeyRotation: true,
        deletionWindowInDays: DEFAULTS.keyDeletionDays,
      },
      { parent: this, protect: production },
    );
  }

  private createSystemNodes(name: string, args: EksClusterArgs, place: Place, control: aws.eks.Cluster) {
    const { cluster } = args;
    const { systemPool } = cluster;
    const template = new aws.ec2.LaunchTemplate(`${name}-system-template`, systemTemplate(cluster, systemPool), {
      parent: this,
    });
    const planned: aws.eks.NodeGroupArgs = {
      clusterName: control.name,
      nodeRoleArn: this.nodeRoleArn,
      subnetIds: [...place.privateSubnetIds],
      version: cluster.kubernetes,
      releaseVersion: cluster.amiRelease,
      amiType: "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      instanceTypes: [systemPool.instanceType],
      scalingConfig: { minSize: systemPool.nodes, desiredSize: systemPool.nodes, maxSize: systemPool.nodes + 1 },
      launchTemplate: launchTemplateOf(template),
      updateConfig: { maxUnavailable: 1 },
      nodeRepairConfig: { enabled: true },
      labels: SYSTEM_POOL,
    };
    return new aws.eks.NodeGroup(`${name}-system-nodes`, args.transform?.systemNodes?.(planned) ?? planned, {
      parent: this,
      dependsOn: [...this.readyForNodes],
    });
  }
}
