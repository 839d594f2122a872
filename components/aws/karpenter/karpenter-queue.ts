import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { SharedClusterPlan } from "../../../sizing/aws/cluster-plan";
import { awsName } from "../../../sizing/aws/names";
import { interruptionQueuePolicy } from "./karpenter-policy";

/** Longer than the two minutes between a spot warning and its machine's end; nothing later is worth reading. */
const RETENTION_SECONDS = 300;

/** What AWS says of a machine before it ends. Source: Karpenter 1.14.1, pkg/controllers/interruption/messages. */
const EVENTS = {
  health: { source: "aws.health", detailType: "AWS Health Event" },
  rebalance: { source: "aws.ec2", detailType: "EC2 Instance Rebalance Recommendation" },
  reservation: { source: "aws.ec2", detailType: "EC2 Capacity Reservation Instance Interruption Warning" },
  spot: { source: "aws.ec2", detailType: "EC2 Spot Instance Interruption Warning" },
  state: { source: "aws.ec2", detailType: "EC2 Instance State-change Notification" },
} as const;

/** From which the controller learns that a machine will end, to move its pods before. */
export interface InterruptionQueue {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** Events arrive once these are there. */
  readonly ways: readonly pulumi.Resource[];
}

/** Queue, rules of EventBridge, and the permission between them. */
export function createInterruptionQueue(
  name: string,
  { clusterName }: SharedClusterPlan,
  opts: pulumi.CustomResourceOptions,
): InterruptionQueue {
  const queue = new aws.sqs.Queue(
    `${name}-queue`,
    {
      name: awsName("queue", clusterName, "interruptions"),
      messageRetentionSeconds: RETENTION_SECONDS,
      sqsManagedSseEnabled: true,
    },
    opts,
  );
  const rules = Object.entries(EVENTS).map(([kind, { source, detailType }]) => {
    const rule = new aws.cloudwatch.EventRule(
      `${name}-${kind}-rule`,
      {
        name: awsName("eventRule", clusterName, kind),
        description: `${detailType}, for Karpenter of ${clusterName}`,
        eventPattern: JSON.stringify({ source: [source], "detail-type": [detailType] }),
      },
      opts,
    );
    return { kind, rule };
  });
  const arns = pulumi.all(rules.map(({ rule }) => rule.arn));
  const policy = new aws.sqs.QueuePolicy(
    `${name}-queue-policy`,
    {
      queueUrl: queue.url,
      policy: pulumi.all([queue.arn, arns]).apply(([arn, ruleArns]) => interruptionQueuePolicy(arn, ruleArns)),
    },
    opts,
  );
  const targets = rules.map(
    ({ kind, rule }) =>
      new aws.cloudwatch.EventTarget(`${name}-${kind}-target`, { rule: rule.name, arn: queue.arn }, opts),
  );
  return { name: queue.name, arn: queue.arn, ways: [policy, ...targets] };
}
