import { weightsGiBPerReplica } from "../../sizing/model/replica-weights";
import type { FeasiblePlan } from "../../sizing/serving-plan";

/** What one engine pod asks of its node; GiB are 2^30 bytes. */
export interface EngineResources {
  readonly gpus: number;
  readonly vcpus: number;
  readonly memoryRequestGiB: number;
  readonly memoryLimitGiB: number;
  /** /dev/shm, through which the tensor-parallel workers talk; counts as memory of the container. */
  readonly sharedMemoryGiB: number;
  /** Home folder: weights from the hub, compiled kernels. */
  readonly cacheGiB: number;
}

const DEFAULTS = {
  /** vLLM's advice: two physical cores and one a GPU; a core is two vCPUs. */
  coresBesideGpus: 2,
  vcpusPerCore: 2,
  /** Two engine processes and the interpreter of each worker, beside the page cache of the weights. */
  processGiB: 14,
  sharedMemoryGiB: 8,
  limitSlackGiB: 16,
  /** Weights on a disk, beside the files that no card holds. */
  weightsOnDisk: 1.1,
  /** Compiled kernels, tokenizer, and room for the second copy while a download is moved into place. */
  cacheSlackGiB: 20,
  /** Share of a node that pods may ask for; the rest is the kubelet's, the system's and the DaemonSets'. */
  allocatableShare: 0.9,
  /** The engine's image, unpacked, twice: an update has two. */
  imagesGiB: 100,
} as const;

/** The kubelet evicts pods where less of a disk is free. Source: Kubernetes, node-pressure eviction, imagefs. */
export const FREE_DISK_SHARE = 0.15;

export function gpusPerReplica(plan: FeasiblePlan): number {
  return plan.hardware.tensorParallel * plan.hardware.pipelineParallel;
}

/** With a claim that holds the weights, the home folder is left with what the engine compiles. */
export function engineResources(plan: FeasiblePlan, { hasWeightsClaim = false } = {}): EngineResources {
  const { vcpusPerNode, memoryGiBPerNode, replicasPerNode } = plan.hardware;
  const gpus = gpusPerReplica(plan);
  const share = DEFAULTS.allocatableShare / Math.max(1, replicasPerNode);
  const weightsGiB = weightsGiBPerReplica(plan);
  const vcpusWanted = (DEFAULTS.coresBesideGpus + gpus) * DEFAULTS.vcpusPerCore;
  const mostMemoryGiB = Math.floor(memoryGiBPerNode * share);
  const memoryRequestGiB = Math.min(mostMemoryGiB, Math.ceil(weightsGiB) + DEFAULTS.processGiB);
  return {
    gpus,
    vcpus: Math.max(1, Math.min(vcpusWanted, Math.floor(vcpusPerNode * share))),
    memoryRequestGiB,
    memoryLimitGiB: Math.min(mostMemoryGiB, memoryRequestGiB + DEFAULTS.limitSlackGiB),
    sharedMemoryGiB: DEFAULTS.sharedMemoryGiB,
    cacheGiB: (hasWeightsClaim ? 0 : Math.ceil(weightsGiB * DEFAULTS.weightsOnDisk)) + DEFAULTS.cacheSlackGiB,
  };
}

/**
 * Disk that a node needs for its replicas: their caches, and the engine's image (22–29 GB unpacked) twice. In powers of
 * two from 512 GiB on, so that weights of another precision do not ask for another machine.
 */
export function nodeStorageGiB(plan: FeasiblePlan): number {
  const neededGiB = engineResources(plan).cacheGiB * Math.max(1, plan.hardware.replicasPerNode) + DEFAULTS.imagesGiB;
  return Math.max(512, 2 ** Math.ceil(Math.log2(neededGiB)));
}

/** Disk that a copy of the weights takes on a node. */
function weightsOnDiskGiB(plan: FeasiblePlan): number {
  return Math.ceil(weightsGiBPerReplica(plan) * DEFAULTS.weightsOnDisk);
}

/**
 * Disk of a node that keeps one copy of the weights for all of its replicas: copy, caches of the replicas, images, and
 * what the job asks for that brings the next weights from the hub; as much as leaves the kubelet at ease.
 */
export function nodeCacheGiB(plan: FeasiblePlan): number {
  const replicas = Math.max(1, plan.hardware.replicasPerNode);
  const cachesGiB = engineResources(plan, { hasWeightsClaim: true }).cacheGiB * replicas;
  const jobGiB = engineResources(plan).cacheGiB;
  const filledGiB = weightsOnDiskGiB(plan) + cachesGiB + DEFAULTS.imagesGiB + jobGiB;
  return Math.ceil(filledGiB / (1 - FREE_DISK_SHARE));
}
