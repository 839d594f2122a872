import { loadCatalog } from "../config/catalog";
import { AWS_MACHINES } from "../config/data/aws-machines";
import type { AwsClusterInputs } from "../sizing/aws/cluster-inputs";
import type { FeasiblePlan } from "../sizing/serving-plan";
import { nodeCacheGiB, nodeStorageGiB } from "./engine-resources";

/** What the world says to the plan of a cluster: what is sold, the machines, and the day. */
export function worldInputs(): Pick<AwsClusterInputs, "offers" | "machines" | "today"> {
  return { offers: loadCatalog().offers, machines: AWS_MACHINES, today: new Date().toISOString().slice(0, 10) };
}

/** What one model says to it: its plan, the disk that a node needs for it, and where TLS ends. */
export function modelInputs(
  plan: FeasiblePlan,
  tlsAtGateway: boolean,
): Pick<AwsClusterInputs, "plan" | "nodeStorageGiB" | "nodeCacheGiB" | "tlsAtGateway"> {
  return {
    plan,
    nodeStorageGiB: nodeStorageGiB(plan),
    nodeCacheGiB: nodeCacheGiB(plan),
    tlsAtGateway,
  };
}
