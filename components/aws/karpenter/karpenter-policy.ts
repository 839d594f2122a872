import type { SharedClusterPlan } from "../../../sizing/aws/cluster-plan";
import { policy, tlsOnly, type Statement } from "../policy";

/** What the controller is bound to. */
export interface KarpenterScope {
  readonly cluster: SharedClusterPlan;
  readonly nodeRoleArn: string;
  readonly queueArn: string;
}

/**
 * What the controller may do: start and end machines that carry the cluster's tag, and give them one role. It may make
 * no role and no instance profile.
 * Source: Karpenter 1.14, getting-started-with-karpenter/cloudformation.yaml, without profiles, zonal shift and
 * placement groups, which are not used.
 */
export function karpenterPolicy(scope: KarpenterScope): string {
  return policy(...starting(scope.cluster), ...tagging(scope.cluster), ...reading(scope), {
    Effect: "Allow",
    Action: "iam:PassRole",
    Resource: scope.nodeRoleArn,
    Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
  });
}

const TAGGED = ["fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume"];

function owned({ clusterName }: SharedClusterPlan, whose: "RequestTag" | "ResourceTag") {
  return {
    StringEquals: { [`aws:${whose}/kubernetes.io/cluster/${clusterName}`]: "owned" },
    StringLike: { [`aws:${whose}/karpenter.sh/nodepool`]: "*" },
  };
}

function resources({ region, accountId }: SharedClusterPlan, kinds: readonly string[], account = accountId): string[] {
  return kinds.map((kind) => `arn:aws:ec2:${region}:${account}:${kind}/*`);
}

function starting(cluster: SharedClusterPlan): Statement[] {
  const start = ["ec2:CreateFleet", "ec2:RunInstances"];
  return [
    {
      Effect: "Allow",
      Action: start,
      Resource: [
        ...resources(cluster, ["image", "snapshot"], ""),
        // A reservation may be one that another account shares.
        ...resources(cluster, ["capacity-reservation"], "*"),
        ...resources(cluster, ["security-group", "subnet"], "*"),
      ],
    },
    {
      Effect: "Allow",
      Action: start,
      Resource: resources(cluster, ["launch-template"]),
      Condition: owned(cluster, "ResourceTag"),
    },
    {
      Effect: "Allow",
      Action: [...start, "ec2:CreateLaunchTemplate"],
      Resource: resources(cluster, TAGGED),
      Condition: owned(cluster, "RequestTag"),
    },
    {
      Effect: "Allow",
      Action: ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
      Resource: resources(cluster, ["instance", "launch-template"]),
      Condition: owned(cluster, "ResourceTag"),
    },
  ];
}

/** Tags of what is being made; later, of a machine, only those that say which node it is. */
function tagging(cluster: SharedClusterPlan): Statement[] {
  const made = owned(cluster, "RequestTag");
  return [
    {
      Effect: "Allow",
      Action: "ec2:CreateTags",
      Resource: resources(cluster, TAGGED),
      Condition: {
        ...made,
        StringEquals: {
          ...made.StringEquals,
          "ec2:CreateAction": ["CreateFleet", "CreateLaunchTemplate", "RunInstances"],
        },
      },
    },
    {
      Effect: "Allow",
      Action: "ec2:CreateTags",
      Resource: resources(cluster, ["instance"]),
      Condition: {
        ...owned(cluster, "ResourceTag"),
        "ForAllValues:StringEquals": { "aws:TagKeys": ["Name", "eks:eks-cluster-name", "karpenter.sh/nodeclaim"] },
      },
    },
  ];
}

function reading({ cluster: { accountId, clusterName, region }, queueArn }: KarpenterScope): Statement[] {
  return [
    {
      Effect: "Allow",
      Action: [
        "ec2:DescribeCapacityReservations",
        "ec2:DescribeImages",
        "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstanceTypeOfferings",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribePlacementGroups",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSpotPriceHistory",
        "ec2:DescribeSubnets",
      ],
      Resource: "*",
      Condition: { StringEquals: { "aws:RequestedRegion": region } },
    },
    { Effect: "Allow", Action: "ssm:GetParameter", Resource: `arn:aws:ssm:${region}::parameter/aws/service/*` },
    // It looks for profiles that it made and nobody needs, and ends in errors where it may not.
    { Effect: "Allow", Action: ["iam:ListInstanceProfiles", "pricing:GetProducts"], Resource: "*" },
    { Effect: "Allow", Action: "iam:GetInstanceProfile", Resource: `arn:aws:iam::${accountId}:instance-profile/*` },
    {
      Effect: "Allow",
      Action: "eks:DescribeCluster",
      Resource: `arn:aws:eks:${region}:${accountId}:cluster/${clusterName}`,
    },
    {
      Effect: "Allow",
      Action: ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
      Resource: queueArn,
    },
  ];
}

/** EventBridge alone may write into the queue, for these rules, and nobody without TLS. */
export function interruptionQueuePolicy(queueArn: string, ruleArns: readonly string[]): string {
  return policy(
    {
      Effect: "Allow",
      Action: "sqs:SendMessage",
      Principal: { Service: "events.amazonaws.com" },
      Resource: queueArn,
      Condition: { ArnEquals: { "aws:SourceArn": ruleArns } },
    },
    tlsOnly("sqs", queueArn),
  );
}
