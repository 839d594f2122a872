/** A statement of an IAM policy. */
export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: "*" | { readonly Service: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Text of a policy. */
export function policy(...Statement: readonly Statement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

/** Trust of a role that one service of AWS takes. */
export function serviceTrust(service: string): string {
  return policy({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } });
}

/**
 * Trust of a role for the pods of one service account on one cluster; Pod Identity puts these tags on each session.
 * Source: EKS User Guide, pod-id-role and pod-id-abac.
 */
export function podTrust(
  { accountId, clusterName }: { readonly accountId: string; readonly clusterName: string },
  { namespace, serviceAccount }: { readonly namespace: string; readonly serviceAccount: string },
): string {
  return policy({
    Effect: "Allow",
    Action: ["sts:AssumeRole", "sts:TagSession"],
    Principal: { Service: "pods.eks.amazonaws.com" },
    Condition: {
      StringEquals: {
        "aws:SourceAccount": accountId,
        "aws:RequestTag/eks-cluster-name": clusterName,
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": serviceAccount,
      },
    },
  });
}

/** ARN of a policy that AWS keeps. */
export function managedPolicyArn(name: string): string {
  return `arn:aws:iam::aws:policy/${name}`;
}

/**
 * What the load balancer controller needs where it only registers pods as targets. It can make no load balancer, so
 * that nothing outside the stack's own resources can ever hold the network.
 * Source: aws-load-balancer-controller docs/deploy/installation.md, "TargetGroupBinding only".
 */
export function targetRegistrationPolicy(): string {
  return policy({
    Effect: "Allow",
    Action: [
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInstances",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeVpcs",
      "elasticloadbalancing:DeregisterTargets",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
      "elasticloadbalancing:ModifyTargetGroup",
      "elasticloadbalancing:ModifyTargetGroupAttributes",
      "elasticloadbalancing:RegisterTargets",
    ],
    Resource: "*",
  });
}

/** Reads every object of a bucket. */
export function bucketReadPolicy(bucketArn: string): string {
  return policy(...bucketRead(bucketArn));
}

/** Reads and writes objects, deletes none. */
export function bucketFillPolicy(bucketArn: string): string {
  return policy(...bucketRead(bucketArn), {
    Effect: "Allow",
    Action: ["s3:AbortMultipartUpload", "s3:PutObject"],
    Resource: `${bucketArn}/*`,
  });
}

function bucketRead(bucketArn: string): Statement[] {
  return [
    { Effect: "Allow", Action: ["s3:GetBucketLocation", "s3:ListBucket"], Resource: bucketArn },
    { Effect: "Allow", Action: "s3:GetObject", Resource: `${bucketArn}/*` },
  ];
}

/** Nobody reaches the bucket without TLS, whoever they are. */
export function tlsOnlyPolicy(bucketArn: string): string {
  return policy(tlsOnly("s3", [bucketArn, `${bucketArn}/*`]));
}

/** Refuses to everybody, in the policy of a resource itself, what comes without TLS. */
export function tlsOnly(service: "s3" | "sqs", Resource: string | readonly string[]): Statement {
  return {
    Effect: "Deny",
    Action: `${service}:*`,
    Principal: "*",
    Resource,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}
