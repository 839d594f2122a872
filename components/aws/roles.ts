import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { SharedClusterPlan } from "../../sizing/aws/cluster-plan";
import { awsName } from "../../sizing/aws/names";
import type { EksCluster } from "./eks-cluster";
import { managedPolicyArn, podTrust, serviceTrust } from "./policy";

export interface Role {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** They have to be there before whoever takes the role, and to outlast it. */
  readonly policies: pulumi.Resource[];
}

/** Account of pods that take a role. */
export interface PodAccount {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** A role that a service of AWS takes, such as the machines of EC2; policies by the names that AWS gives them. */
export function createServiceRole(
  name: string,
  cluster: SharedClusterPlan,
  purpose: string,
  service: string,
  policies: readonly string[],
  opts: pulumi.CustomResourceOptions,
): Role {
  const role = createRole(name, cluster, purpose, serviceTrust(service), opts);
  const attached = policies.map((policy) => attach(`${name}-${policy}`, role, policy, opts));
  return { name: role.name, arn: role.arn, policies: attached };
}

/** A role that pods of a service account take through EKS Pod Identity. */
export function createPodRole(
  name: string,
  cluster: SharedClusterPlan,
  purpose: string,
  account: PodAccount,
  permissions: { readonly managed: string } | { readonly inline: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): Role {
  const role = createRole(name, cluster, purpose, podTrust(cluster, account), opts);
  const policy =
    "managed" in permissions
      ? attach(`${name}-policy`, role, permissions.managed, opts)
      : new aws.iam.RolePolicy(`${name}-policy`, { role: role.name, policy: permissions.inline }, opts);
  return { name: role.name, arn: role.arn, policies: [policy] };
}

/** Lets pods of an account do what the policy says; a pod gets its role as it starts, once all of these are there. */
export function createPodIdentity(
  name: string,
  { cluster, target }: { readonly cluster: SharedClusterPlan; readonly target: EksCluster },
  purpose: string,
  account: PodAccount,
  policy: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const role = createPodRole(name, cluster, purpose, account, { inline: policy }, opts);
  const identity = new aws.eks.PodIdentityAssociation(
    `${name}-identity`,
    { ...account, clusterName: target.name, roleArn: role.arn },
    opts,
  );
  return [identity, ...role.policies];
}

function createRole(
  name: string,
  { clusterName, region, permissionsBoundaryArn }: SharedClusterPlan,
  purpose: string,
  assumeRolePolicy: string,
  opts: pulumi.CustomResourceOptions,
): aws.iam.Role {
  return new aws.iam.Role(
    `${name}-role`,
    {
      // IAM is one for all regions.
      name: awsName("iamRole", clusterName, region, purpose),
      description: `${purpose} of the cluster ${clusterName}`,
      assumeRolePolicy,
      ...(permissionsBoundaryArn === undefined ? {} : { permissionsBoundary: permissionsBoundaryArn }),
    },
    opts,
  );
}

function attach(name: string, role: aws.iam.Role, policy: string, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  return new aws.iam.RolePolicyAttachment(name, { role: role.name, policyArn: managedPolicyArn(policy) }, opts);
}
