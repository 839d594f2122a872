import type { FeasiblePlan } from "../serving-plan";
import { gpusOf } from "./parallelism";

/** Weights over all GPUs of one replica, GiB. */
export function weightsGiBPerReplica({ memoryPerGpu, hardware }: FeasiblePlan): number {
  const weights = memoryPerGpu.addends.find(({ name }) => name === "weights");
  return (weights?.gib ?? 0) * gpusOf(hardware);
}

/** The same in decimal GB, as disks, networks and prices count. */
export function weightsGBPerReplica(plan: FeasiblePlan): number {
  return (weightsGiBPerReplica(plan) * 2 ** 30) / 1e9;
}
