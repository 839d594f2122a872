import { AWS_MACHINES } from "../../config/data/aws-machines";
import type { AwsClusterInputs } from "../../sizing/aws/cluster-inputs";
import { planAwsCluster, type AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import type { AwsSettings } from "../../sizing/aws/settings";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { feasiblePlan } from "./feasible-plan";
import { CATALOG } from "./requests";

/** Known-good settings, so that a test breaks exactly one thing. */
export const AWS_SETTINGS: AwsSettings = {
  accountId: "123456789012",
  region: "us-east-1",
  kubernetes: "1.35",
  production: false,
  network: { kind: "own", cidr: "10.42.0.0/16", reservedCidrs: [] },
  endpoint: { access: "public", sourceRanges: ["203.0.113.0/24"] },
  adminRoleArns: ["arn:aws:iam::123456789012:role/platform"],
  gpu: { disk: "auto" },
  system: { instanceType: "m6i.large", nodes: 2 },
  modelCache: true,
  monitoring: true,
  front: { scheme: "internal", sourceRanges: [] },
  tags: { team: "serving" },
};

/** The plan of the tests, for the aws target. */
export function awsPlan(hardware: Partial<FeasiblePlan["hardware"]> = {}): FeasiblePlan {
  const plan = feasiblePlan();
  return { ...plan, request: { ...plan.request, target: "aws" }, hardware: { ...plan.hardware, ...hardware } };
}

export function awsInputs(
  settings: Partial<AwsSettings> = {},
  more: Partial<Omit<AwsClusterInputs, "settings">> = {},
): AwsClusterInputs {
  return {
    plan: awsPlan(),
    settings: { ...AWS_SETTINGS, ...settings },
    project: "fitserve",
    stack: "test",
    offers: CATALOG.offers,
    machines: AWS_MACHINES,
    nodeStorageGiB: 512,
    nodeCacheGiB: 256,
    tlsAtGateway: false,
    today: "2026-11-24",
    ...more,
  };
}

/** The cluster of valid inputs; faults are those of the test. */
export function awsCluster(
  settings: Partial<AwsSettings> = {},
  more: Partial<Omit<AwsClusterInputs, "settings">> = {},
): AwsClusterPlan {
  const outcome = planAwsCluster(awsInputs(settings, more));
  if (!outcome.ok) throw new Error(outcome.faults.join("\n"));
  return outcome.cluster;
}

export function awsFaults(
  settings: Partial<AwsSettings> = {},
  more: Partial<Omit<AwsClusterInputs, "settings">> = {},
): readonly string[] {
  const outcome = planAwsCluster(awsInputs(settings, more));
  return outcome.ok ? [] : outcome.faults;
}
