import type { Deployment } from "../deployment";
import type {
  Attention,
  DenseMlp,
  GroupedQueryAttention,
  LatentAttention,
  LayerGroup,
  MixtureMlp,
  ModelArchitecture,
} from "./architecture";
import { pipelineStages, type PipelineStage } from "./pipeline";
import { quantizedBits } from "./weight-format";

export type WeightShard = Pick<Deployment, "architecture" | "quantization" | "tensorParallel" | "pipelineParallel">;

const BYTES_16_BIT = 2;
/** vLLM pads the vocabulary to a multiple of 64 before it shards it (`vocab_parallel_embedding.py`). */
const VOCABULARY_MULTIPLE = 64;
const MXFP4_WIDTH_MULTIPLE = 256;
/** Of the largest matrix at the peak of the repack; one checkpoint measured. */
const REPACK_COPIES = 1.6;

/** Weights of one rank: those of linear layers, which quantization shrinks, and all others, which stay at 16 bit. */
export interface Parameters {
  /** Linear layers outside of the experts. */
  readonly linear: number;
  readonly experts: number;
  readonly plain: number;
}

/** All parameters of the model, as the checkpoint holds them. */
export function parameterCount(architecture: ModelArchitecture): number {
  const stage: PipelineStage = { layerGroups: architecture.layerGroups, isFirst: true, isLast: true };
  const { linear, experts, plain } = stageParameters(architecture, stage, 1, architecture.vocabularySize);
  return linear + experts + plain;
}

/** Loaded weights in bytes of the fullest rank, the engine's rotary tables included. */
export function weightBytesPerGpu(shard: WeightShard): number {
  const stages = pipelineStages(shard.architecture, shard.pipelineParallel);
  return Math.max(...stages.map((stage) => stageWeightBytes(shard, stage)));
}

/** Loaded weights in bytes of one rank of one pipeline stage. */
export function stageWeightBytes(shard: WeightShard, stage: PipelineStage): number {
  const { architecture, quantization, tensorParallel } = shard;
  const vocabulary = Math.ceil(architecture.vocabularySize / VOCABULARY_MULTIPLE) * VOCABULARY_MULTIPLE;
  const { linear, experts, plain } = stageParameters(architecture, stage, tensorParallel, vocabulary);
  const padding = quantization === "mxfp4" ? paddedExperts(stage, tensorParallel) : 1;
  const bits = quantizedBits(quantization, architecture.checkpointQuantization);
  // MXFP4 checkpoints keep everything but the experts at 16 bit; every other format quantizes all linear layers.
  const linearBits = quantization === "mxfp4" ? BYTES_16_BIT * 8 : bits;
  return (
    plain * BYTES_16_BIT +
    (linear * linearBits) / 8 +
    (experts * padding * bits) / 8 +
    (quantization === "int4-w4a16" ? repackBytes(stage, architecture.hiddenSize, tensorParallel, bits) : 0) +
    (architecture.rotaryTableBytes ?? 0) +
    absorbedBytes(stage, tensorParallel)
  );
}

/** MLA: the engine keeps the two halves of kv_b_proj once more, transposed, for decoding (`mla/common.py`, W_UK_T, W_UV). */
function absorbedBytes(stage: PipelineStage, tensorParallel: number): number {
  return stage.layerGroups.reduce((sum, { count, attention }) => {
    if (attention.kind !== "latent") return sum;
    const heads = attention.queryHeads / tensorParallel;
    return sum + count * attention.kvLoraRank * heads * (attention.nopeHeadDim + attention.valueHeadDim) * BYTES_16_BIT;
  }, 0);
}

/** Kernels for MXFP4 take experts whose width on a rank is a multiple of 256 (`quantization/mxfp4.py`): a share of at least 1. */
function paddedExperts(stage: PipelineStage, tensorParallel: number): number {
  const mixture = stage.layerGroups.find((group) => group.mlp.kind === "mixture")?.mlp;
  if (mixture?.kind !== "mixture") return 1;
  const width = mixture.expertIntermediateSize / tensorParallel;
  return (Math.ceil(width / MXFP4_WIDTH_MULTIPLE) * MXFP4_WIDTH_MULTIPLE) / width;
}

/**
 * Repacking for Marlin holds the largest matrix, or the first matrices of all experts of a layer, twice for a moment, and
 * the log counts the peak: 9.29 GiB became 9.44.
 */
function repackBytes(stage: PipelineStage, hiddenSize: number, tensorParallel: number, bits: number): number {
  const copies = stage.layerGroups.map(({ mlp }) =>
    mlp.kind === "dense"
      ? REPACK_COPIES * 2 * hiddenSize * mlp.intermediateSize
      : mlp.experts * 2 * hiddenSize * mlp.expertIntermediateSize,
  );
  return (Math.max(0, ...copies) * bits) / 8 / tensorParallel;
}

function stageParameters(
  architecture: ModelArchitecture,
  stage: PipelineStage,
  tensorParallel: number,
  vocabulary: number,
): Parameters {
  const { hiddenSize, tiedEmbeddings } = architecture;
  const table = (vocabulary * hiddenSize) / tensorParallel;
  const tables = (stage.isFirst ? 1 : 0) + (stage.isLast && !(tiedEmbeddings && stage.isFirst) ? 1 : 0);
  let linear = 0;
  let experts = 0;
  let plain = tables * table;
  if (stage.isFirst) plain += architecture.towerParameters / tensorParallel;
  if (stage.isFirst) plain += (architecture.positionRows ?? 0) * hiddenSize;
  if (stage.isLast) plain += hiddenSize;
  for (const group of stage.layerGroups) {
    const layer = layerParameters(group, hiddenSize, tensorParallel);
    linear += group.count * layer.linear;
    experts += group.count * layer.experts;
    plain += group.count * layer.plain;
  }
  return { linear, experts, plain };
}

/** Parameters of one layer on one rank. */
export function layerParameters(group: LayerGroup, hiddenSize: number, tensorParallel: number): Parameters {
  const attention = attentionParameters(group.attention, hiddenSize, tensorParallel);
  const mlp = mlpParameters(group.mlp, hiddenSize, tensorParallel);
  const norms = (group.normVectors ?? 2) * hiddenSize;
  return {
    linear: attention.linear + mlp.linear,
    experts: mlp.experts,
    plain: attention.plain + mlp.plain + norms,
  };
}

/** Heads of keys that one rank holds: replicated when there are fewer than ranks (`vllm/config/model.py`). */
export function kvHeadsPerRank(kvHeads: number, tensorParallel: number): number {
  return Math.max(1, Math.floor(kvHeads / tensorParallel));
}

function attentionParameters(attention: Attention, hiddenSize: number, tensorParallel: number): Parameters {
  if (attention.kind === "recurrent") {
    return { linear: attention.projectionParameters / tensorParallel, experts: 0, plain: 0 };
  }
  return attention.kind === "latent"
    ? latentParameters(attention, hiddenSize, tensorParallel)
    : groupedQueryParameters(attention, hiddenSize, tensorParallel);
}

function groupedQueryParameters(
  attention: GroupedQueryAttention,
  hiddenSize: number,
  tensorParallel: number,
): Parameters {
  const queries = (attention.queryHeads * attention.headDim) / tensorParallel;
  const keys = kvHeadsPerRank(attention.kvHeads, tensorParallel) * attention.headDim;
  const queryWidth = queries * (attention.outputGate === true ? 2 : 1);
  const projectionBias = attention.projectionBias ? queryWidth + 2 * keys : 0;
  const outputBias = attention.outputBias === true ? hiddenSize : 0;
  const headNorm = attention.headNorm ? 2 * attention.headDim : 0;
  return {
    linear: hiddenSize * (queryWidth + 2 * keys + queries),
    experts: 0,
    plain: projectionBias + outputBias + headNorm,
  };
}

/** The down projections of MLA are replicated on every rank, the up projections are sharded by heads. */
function latentParameters(attention: LatentAttention, hiddenSize: number, tensorParallel: number): Parameters {
  const { queryLoraRank, kvLoraRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
  const heads = attention.queryHeads / tensorParallel;
  const queryWidth = heads * (nopeHeadDim + ropeHeadDim);
  const queries =
    queryLoraRank === undefined ? hiddenSize * queryWidth : hiddenSize * queryLoraRank + queryLoraRank * queryWidth;
  const keys = hiddenSize * (kvLoraRank + ropeHeadDim) + kvLoraRank * heads * (nopeHeadDim + valueHeadDim);
  const output = heads * valueHeadDim * hiddenSize;
  return { linear: queries + keys + output, experts: 0, plain: kvLoraRank + (queryLoraRank ?? 0) };
}

function mlpParameters(mlp: DenseMlp | MixtureMlp, hiddenSize: number, tensorParallel: number): Parameters {
  const matrices = mlp.gated ? 3 : 2;
  const bias = (width: number): number =>
    mlp.bias === true ? ((matrices - 1) * width) / tensorParallel + hiddenSize : 0;
  if (mlp.kind === "dense") {
    const width = mlp.intermediateSize;
    return { linear: (matrices * hiddenSize * width) / tensorParallel, experts: 0, plain: width > 0 ? bias(width) : 0 };
  }
  const width = mlp.expertIntermediateSize;
  return {
    linear: (matrices * hiddenSize * mlp.sharedIntermediateSize) / tensorParallel,
    experts: (mlp.experts * matrices * hiddenSize * width) / tensorParallel,
    plain: hiddenSize * mlp.experts + mlp.experts * bias(width),
  };
}
