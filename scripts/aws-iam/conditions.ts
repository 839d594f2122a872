/** Policies of AWS that the program attaches to its roles, by the names that AWS gives them; a test compares. */
export const ATTACHED_POLICIES: readonly string[] = [
  "AmazonEC2ContainerRegistryPullOnly",
  "AmazonEKSClusterPolicy",
  "AmazonEKSWorkerNodePolicy",
  "AmazonEKS_CNI_Policy",
  "service-role/AmazonEBSCSIDriverPolicy",
];

/** Services that take the program's roles; a test compares. */
export const ROLE_TAKERS: readonly string[] = ["ec2.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com"];

/**
 * What makes a role, or writes into it what it may do. Of these and of those that attach, IAM can demand a permissions
 * boundary (IAM User Guide, access_policies_boundaries).
 */
export const WRITES_ROLES: readonly string[] = [
  "iam:CreateRole",
  "iam:PutRolePermissionsBoundary",
  "iam:PutRolePolicy",
];

/** What attaches policies to a role, or detaches them. */
export const ATTACHES_POLICIES: readonly string[] = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"];

/** Longest name of a cluster that the names of all its resources begin with; a longer one is cut in the bucket's first. */
export const LONGEST_WHOLE_CLUSTER_NAME = 47;
