import type { MemoryValues } from "../coefficients";
import type { Deployment } from "../deployment";
import type { LayerGroup } from "../model/architecture";
import type { PipelineStage } from "../model/pipeline";
import type { MemoryEra } from "./memory-eras";

const GIB = 2 ** 30;
const BYTES_16_BIT = 2;

/**
 * Peak of the engine's profile run on one rank, GiB: the larger of the forward pass over max-num-batched-tokens and the
 * sampler over max-num-seqs rows of the whole vocabulary, with what lives through both.
 */
export function activationGiB(deployment: Deployment, stage: PipelineStage, era: MemoryEra, v: MemoryValues): number {
  const { architecture, maxNumBatchedTokens } = deployment;
  const hidden = maxNumBatchedTokens * architecture.hiddenSize * BYTES_16_BIT;
  const peak = Math.max(forwardBytes(deployment, stage), stage.isLast ? hidden + samplerBytes(deployment, era, v) : 0);
  // A later stage receives hidden states and residual from the one before.
  const received = stage.isFirst ? 0 : 2 * hidden;
  const constant = era.sampler === "model-runner-v2" ? 0 : v.activationConstantGiB;
  const tower = stage.isFirst && architecture.towerParameters > 0 ? v.towerActivationGiB : 0;
  const layers = stage.layerGroups.reduce((sum, group) => sum + group.count, 0);
  const compile = era.hasColdCompilePeak && !deployment.enforceEager ? layers * v.coldCompileGiBPerLayer : 0;
  return (peak + received + expertWorkspaceBytes(deployment, stage)) / GIB + constant + tower + compile;
}

function samplerBytes(deployment: Deployment, era: MemoryEra, v: MemoryValues): number {
  const bytesPerEntry = {
    sorting: v.samplerBytesPerEntrySorting,
    fused: v.samplerBytesPerEntry,
    "model-runner-v2": v.samplerBytesPerEntryV2,
  }[era.sampler];
  const rows = Math.min(deployment.maxNumSeqs, deployment.maxNumBatchedTokens);
  return rows * deployment.architecture.vocabularySize * bytesPerEntry;
}

/** Widest layer: input, residual and output of hidden width, gate and up and their product in the MLP. */
function forwardBytes(deployment: Deployment, stage: PipelineStage): number {
  const { architecture, tensorParallel, maxNumBatchedTokens } = deployment;
  const widths = stage.layerGroups.map((group) => mlpWidth(group) / tensorParallel);
  return maxNumBatchedTokens * (3 * Math.max(0, ...widths) + 3 * architecture.hiddenSize) * BYTES_16_BIT;
}

function mlpWidth({ mlp }: LayerGroup): number {
  return mlp.kind === "dense" ? mlp.intermediateSize : mlp.sharedIntermediateSize;
}

/**
 * Work spaces of the fused experts, kept for the life of the engine (`fused_moe/modular_kernel.py`): for every token and
 * each of its experts the larger of gate+up and hidden width, and the larger of the product and hidden width.
 */
function expertWorkspaceBytes(deployment: Deployment, stage: PipelineStage): number {
  const { architecture, quantization, gpu, tensorParallel, maxNumBatchedTokens } = deployment;
  // The Triton kernels for MXFP4, used from Hopper on, keep none.
  if (quantization === "mxfp4" && gpu.computeCapability >= 9) return 0;
  const { hiddenSize } = architecture;
  const spaces = stage.layerGroups.map(({ mlp }) => {
    if (mlp.kind === "dense") return 0;
    const width = mlp.expertIntermediateSize / tensorParallel;
    const elements = Math.max((mlp.gated ? 2 : 1) * width, hiddenSize) + Math.max(width, hiddenSize);
    return maxNumBatchedTokens * mlp.expertsPerToken * elements * BYTES_16_BIT;
  });
  return Math.max(0, ...spaces);
}
