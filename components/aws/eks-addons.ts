import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { SharedClusterPlan } from "../../sizing/aws/cluster-plan";
import { GPU_TOLERATION } from "../kubernetes-object";
import { createPodRole, type Role } from "./roles";

/** An add-on of EKS; its version is the one that EKS names for the cluster's version of Kubernetes. */
interface AddonPlan {
  readonly addonName: string;
  readonly configuration?: object;
  /** Account of its pods and the policy of AWS that they need. */
  readonly identity?: { readonly serviceAccount: string; readonly policy: string };
}

/** Nodes are not ready without these. */
const BEFORE_NODES: readonly AddonPlan[] = [
  {
    addonName: "vpc-cni",
    // Without it a NetworkPolicy is taken and does nothing.
    configuration: { enableNetworkPolicy: "true" },
    identity: { serviceAccount: "aws-node", policy: "AmazonEKS_CNI_Policy" },
  },
  { addonName: "kube-proxy" },
  { addonName: "eks-pod-identity-agent" },
];

/** These run on nodes, so that they count as active only when there are some. */
function afterNodes(region: string): readonly AddonPlan[] {
  return [
    { addonName: "coredns" },
    { addonName: "metrics-server" },
    {
      addonName: "eks-node-monitoring-agent",
      // Its DCGM tolerates no taint by itself; a node of cards without it counts as one whose cards fail, and is replaced
      // (aws/containers-roadmap#2567).
      configuration: {
        dcgmAgent: { tolerations: [GPU_TOLERATION] },
      },
    },
    {
      addonName: "aws-ebs-csi-driver",
      // Pods do not reach the metadata service, which would tell the region.
      configuration: { controller: { region } },
      identity: { serviceAccount: "ebs-csi-controller-sa", policy: "service-role/AmazonEBSCSIDriverPolicy" },
    },
  ];
}

/** Makes the add-ons that come before the nodes, or those that come after them. */
export function createAddons(
  name: string,
  cluster: SharedClusterPlan,
  when: "before-nodes" | "after-nodes",
  target: aws.eks.Cluster,
  opts: pulumi.CustomResourceOptions,
): aws.eks.Addon[] {
  const addons = when === "before-nodes" ? BEFORE_NODES : afterNodes(cluster.region);
  return addons.map((addon) => createAddon(name, cluster, addon, target, opts));
}

function createAddon(
  name: string,
  cluster: SharedClusterPlan,
  { addonName, configuration, identity }: AddonPlan,
  target: aws.eks.Cluster,
  opts: pulumi.CustomResourceOptions,
): aws.eks.Addon {
  const { parent } = opts;
  const invoke = parent === undefined ? {} : { parent };
  const found = aws.eks.getAddonVersionOutput({ addonName, kubernetesVersion: cluster.kubernetes }, invoke);
  const role = identity === undefined ? undefined : createAddonRole(name, cluster, addonName, identity, invoke);
  return new aws.eks.Addon(
    `${name}-${addonName}`,
    {
      clusterName: target.name,
      addonName,
      addonVersion: found.version,
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
      ...(configuration === undefined ? {} : { configurationValues: JSON.stringify(configuration) }),
      ...(role === undefined || identity === undefined
        ? {}
        : { podIdentityAssociations: [{ roleArn: role.arn, serviceAccount: identity.serviceAccount }] }),
    },
    { ...opts, dependsOn: [...listOf(opts.dependsOn), ...(role?.policies ?? [])] },
  );
}

function createAddonRole(
  name: string,
  cluster: SharedClusterPlan,
  addonName: string,
  { serviceAccount, policy }: NonNullable<AddonPlan["identity"]>,
  opts: pulumi.CustomResourceOptions,
): Role {
  const account = { namespace: "kube-system", serviceAccount };
  return createPodRole(`${name}-${addonName}`, cluster, addonName, account, { managed: policy }, opts);
}

function listOf(dependsOn: pulumi.CustomResourceOptions["dependsOn"]): pulumi.Resource[] {
  return Array.isArray(dependsOn) ? dependsOn.filter((one) => pulumi.Resource.isInstance(one)) : [];
}
