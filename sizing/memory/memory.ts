import { MEMORY_VALUES, type MemoryValues } from "../coefficients";
import type { Deployment } from "../deployment";
import { compareVersions } from "../engine/version";
import { pipelineStages, type PipelineStage } from "../model/pipeline";
import type { Basis } from "../model/precision";
import { stageWeightBytes } from "../model/weights";
import { activationGiB } from "./activation";
import { kvPool, stageBytesPerToken } from "./kv-cache";
import { memoryEra, type MemoryEra } from "./memory-eras";

/** Memory of the fullest rank, GiB: weights + activation + non-torch (+ graphs when in the budget) + KV = budget. */
export interface MemoryEstimate {
  readonly weightsGiB: number;
  readonly activationGiB: number;
  /** CUDA's libraries, NCCL and what the sampler keeps. */
  readonly nonTorchGiB: number;
  /** What the budget loses to CUDA graphs when they are in it, else the pool that is built outside of it. */
  readonly cudaGraphGiB: number;
  readonly cudaGraphsInBudget: boolean;
  /** From 0.29 on the engine's log counts its graph estimate as activation. */
  readonly cudaGraphsInActivation: boolean;
  readonly budgetGiB: number;
  /** Zero or negative when nothing is left. */
  readonly kvCacheGiB: number;
  readonly kvCacheTokens: number;
  readonly kvBytesPerTokenPerGpu: number;
  readonly basis: Basis;
}

const GIB = 2 ** 30;
/** Sizes for which the engine captures graphs by default: 1, 2, 4, by 8 up to 256, by 16 up to 512. */
const FULL_CAPTURE_COUNT = 51;
const LARGEST_CAPTURE = 512;
/** Compute capability. */
const HOPPER = 9;
/** Releases of which start-up logs were fitted; beyond them the last known rules are used. */
const FITTED_VERSIONS = { from: "0.15.0", to: "0.19.99" } as const;

/** What the engine would log at start-up with these flags; a pool that is not there is told by kvCacheGiB ≤ 0. */
export function estimateMemory(deployment: Deployment): MemoryEstimate {
  return estimateMemoryWith(deployment, MEMORY_VALUES);
}

/** The estimate with given constants; `estimateMemory` uses the calibrated ones. */
export function estimateMemoryWith(deployment: Deployment, v: MemoryValues): MemoryEstimate {
  const era = memoryEra(deployment.engine, deployment.architecture);
  const stages = pipelineStages(deployment.architecture, deployment.pipelineParallel);
  const ranks = stages.map((stage) => rankMemory(deployment, stage, era, v));
  const fullest = ranks.reduce((least, rank) => (rank.kvCacheGiB < least.kvCacheGiB ? rank : least));
  return { ...fullest, kvCacheTokens: Math.min(...ranks.map((rank) => rank.kvCacheTokens)) };
}

function rankMemory(deployment: Deployment, stage: PipelineStage, era: MemoryEra, v: MemoryValues): MemoryEstimate {
  const totalBytes = deployment.gpu.usableGiB * GIB;
  const budgetGiB = Math.ceil(totalBytes * deployment.gpuMemoryUtilization) / GIB;
  const weightsGiB = stageWeightBytes(deployment, stage) / GIB;
  const activation = activationGiB(deployment, stage, era, v);
  const nonTorch = nonTorchGiB(deployment, era, v) + samplerStateGiB(deployment, stage, era, v);
  const poolGiB = graphPoolGiB(deployment, stage, era, v);
  const cudaGraphsInBudget = era.graphs !== "outside";
  const cudaGraphGiB = era.graphs === "overestimated" ? poolGiB * v.graphEstimateFactor : poolGiB;
  const kvCacheGiB = budgetGiB - weightsGiB - activation - nonTorch - (cudaGraphsInBudget ? cudaGraphGiB : 0);
  return {
    weightsGiB,
    activationGiB: activation,
    nonTorchGiB: nonTorch,
    cudaGraphGiB,
    cudaGraphsInBudget,
    cudaGraphsInActivation: era.graphs === "overestimated",
    budgetGiB,
    kvCacheGiB,
    kvCacheTokens: kvPool(stage.layerGroups, deployment, kvCacheGiB * GIB).tokens,
    kvBytesPerTokenPerGpu: stageBytesPerToken(stage.layerGroups, deployment),
    basis: basisOf(deployment),
  };
}

function nonTorchGiB(deployment: Deployment, era: MemoryEra, v: MemoryValues): number {
  const { tensorParallel, pipelineParallel, link, gpu } = deployment;
  const isLarge = gpu.computeCapability >= HOPPER;
  const lean = isLarge ? v.nonTorchGiBOld : v.nonTorchGiBOldSmall;
  const single = era.isLeanNonTorch ? lean : isLarge ? v.nonTorchGiB : v.nonTorchGiBSmall;
  if (tensorParallel === 1) return pipelineParallel > 1 ? v.nonTorchPipelineGiB : single;
  const doublings = Math.log2(tensorParallel / 2) * v.nonTorchGiBPerDoubling;
  if (link.kind === "pcie") return single + v.nonTorchTensorParallelPcieGiB + doublings;
  const overNvlink = {
    lean: v.nonTorchTensorParallelGiBOld,
    large: v.nonTorchTensorParallelGiB,
    recent: v.nonTorchTensorParallelGiBRecent,
  }[era.allReduce];
  return single + overNvlink + doublings;
}

/** Which the logs of Model Runner V2 count with CUDA's libraries, as memory that is taken before the profile run. */
function samplerStateGiB(deployment: Deployment, stage: PipelineStage, era: MemoryEra, v: MemoryValues): number {
  if (era.sampler !== "model-runner-v2" || !stage.isLast) return 0;
  const { maxNumSeqs, architecture } = deployment;
  return (maxNumSeqs * architecture.vocabularySize * v.samplerStateBytesPerEntryV2) / GIB;
}

function graphPoolGiB(deployment: Deployment, stage: PipelineStage, era: MemoryEra, v: MemoryValues): number {
  if (deployment.enforceEager) return 0;
  const layers = stage.layerGroups.reduce((sum, group) => sum + group.count, 0);
  if (era.sampler === "model-runner-v2") {
    return v.graphPoolGiBPerLayerV2 * layers * Math.sqrt(deployment.maxNumSeqs / 256);
  }
  const share = captureCount(deployment) / (2 * FULL_CAPTURE_COUNT);
  return share * (v.graphPoolGiB + v.graphPoolGiBPerLayer * layers);
}

/**
 * Graphs of steps with prompts up to `max_cudagraph_capture_size` = min(2 × max-num-seqs, 512, max-num-batched-tokens),
 * and of pure decoding up to max-num-seqs ("PIECEWISE=51 (largest=512), FULL=35 (largest=256)").
 */
function captureCount({ maxNumSeqs, maxNumBatchedTokens }: Deployment): number {
  const largest = Math.min(2 * maxNumSeqs, LARGEST_CAPTURE, maxNumBatchedTokens);
  return sizesUpTo(largest) + sizesUpTo(Math.min(maxNumSeqs, largest));
}

function sizesUpTo(largest: number): number {
  const upTo256 = 3 + Math.floor(Math.min(largest, 256) / 8);
  return upTo256 + Math.max(0, Math.floor((largest - 256) / 16));
}

/** Within reach of the fitted runs the figures are predicted; other cards, links and releases are extrapolated. */
function basisOf({ architecture, engine, gpu, link }: Deployment): Basis {
  const isFitted =
    compareVersions(engine.version, FITTED_VERSIONS.from) >= 0 &&
    compareVersions(engine.version, FITTED_VERSIONS.to) <= 0;
  const isKnown = architecture.basis !== "extrapolated" && gpu.usableBasis === "measured" && link.kind === "nvlink";
  return isFitted && isKnown ? "predicted" : "extrapolated";
}
