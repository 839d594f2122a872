import { loadCatalog } from "../../config/catalog";
import { AWS_MACHINES } from "../../config/data/aws-machines";
import type { AwsClusterInputs } from "../../sizing/aws/cluster-inputs";
import { planAwsCluster, type AwsClusterOutcome } from "../../sizing/aws/cluster-plan";
import type { AwsSettings } from "../../sizing/aws/settings";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { nodeCacheGiB, nodeStorageGiB } from "../vllm/engine-resources";
import { monitoringNamespaceFault } from "./monitoring/monitoring.manifest";

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

export interface StackOnAws {
  readonly project: string;
  readonly stack: string;
  /** Of the engine. */
  readonly namespace: string | undefined;
  readonly tlsAtGateway: boolean;
}

/** Decides the cluster of a stack, which serves one model, or says everything that stands against it. */
export function clusterOfStack(
  plan: FeasiblePlan,
  settings: AwsSettings,
  { project, stack, namespace, tlsAtGateway }: StackOnAws,
): AwsClusterOutcome {
  const outcome = planAwsCluster({ settings, project, stack, ...worldInputs(), ...modelInputs(plan, tlsAtGateway) });
  const taken = monitoringNamespaceFault(namespace, settings.monitoring);
  if (taken === undefined) return outcome;
  return { ok: false, faults: [...(outcome.ok ? [] : outcome.faults), taken] };
}
