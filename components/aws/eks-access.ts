import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { SharedClusterPlan } from "../../sizing/aws/cluster-plan";
import { apiRanges } from "./eks-cluster.manifest";
import { admitRanges } from "./ranges";

/** Who administers a cluster, beside the role that makes it: an entry of each role, and what it may do. */
export function createAccess(
  name: string,
  { adminRoleArns }: SharedClusterPlan,
  control: aws.eks.Cluster,
  mine: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  // EKS takes one entry for a role, and one that is called by a number would be made anew beside its neighbour's.
  return [...new Set(adminRoleArns)].flatMap((principalArn) => {
    const admin = `${name}-admin-${principalArn.split(":").slice(4).join("-").replaceAll("/", "-")}`;
    const entry = new aws.eks.AccessEntry(admin, { clusterName: control.name, principalArn }, mine);
    const policy = new aws.eks.AccessPolicyAssociation(
      `${admin}-policy`,
      {
        clusterName: control.name,
        principalArn,
        policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope: { type: "cluster" },
      },
      { ...mine, dependsOn: [entry] },
    );
    return [entry, policy];
  });
}

/** Lets whoever deploys reach a private Kubernetes API. */
export function createApiRules(
  name: string,
  cluster: SharedClusterPlan,
  securityGroupId: pulumi.Output<string>,
  mine: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  return admitRanges(`${name}-api-from`, securityGroupId, 443, apiRanges(cluster), mine);
}
