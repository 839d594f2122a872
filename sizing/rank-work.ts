import type { Attention, LayerGroup, ModelArchitecture } from "./architecture";
import type { Deployment } from "./deployment";

/** One kind of matrix multiplication of a layer on one GPU. */
export interface LinearWork {
  /** Weights that every token meets: projections, dense or shared MLP. */
  readonly denseParameters: number;
  /** Weights of one routed expert; 0 in dense layers. */
  readonly expertParameters: number;
  readonly experts: number;
  readonly expertsPerToken: number;
}

/** What attention of one layer reads and computes on one GPU. */
export interface AttentionWork {
  /** Bytes of keys and values read per token of context. */
  readonly kvBytesPerContextToken: number;
  /** Floating-point operations per pair of query and context token. */
  readonly flopsPerTokenPair: number;
  /** Context beyond this is not seen. */
  readonly windowTokens: number;
  /** Bytes of recurrent state read and written per sequence and step. */
  readonly stateBytesPerSequence: number;
}

export interface LayerWork {
  readonly count: number;
  readonly linear: LinearWork;
  readonly attention: AttentionWork;
}

/** Shapes of one rank of the tensor-parallel group, over all pipeline stages. */
export interface RankWork {
  readonly layers: readonly LayerWork[];
  readonly layerCount: number;
  readonly lmHeadParameters: number;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
}

const BYTES_PER_16_BIT = 2;

function kvElementBytes(deployment: Deployment): number {
  return deployment.kvCacheDtype === "fp8" ? 1 : BYTES_PER_16_BIT;
}

/** Parameters of the attention projections of one layer, all GPUs together. */
function attentionParameters(attention: Attention, hidden: number): number {
  switch (attention.kind) {
    case "grouped-query": {
      const { queryHeads, kvHeads, headDim } = attention;
      return hidden * headDim * (2 * queryHeads + 2 * kvHeads);
    }
    case "latent": {
      const queryWidth = attention.queryHeads * (attention.nopeHeadDim + attention.ropeHeadDim);
      const query =
        attention.queryLoraRank === undefined ? hidden * queryWidth : attention.queryLoraRank * (hidden + queryWidth);
      const compress = hidden * (attention.kvLoraRank + attention.ropeHeadDim);
      const expand = attention.kvLoraRank * attention.queryHeads * (attention.nopeHeadDim + attention.valueHeadDim);
      return query + compress + expand + attention.queryHeads * attention.valueHeadDim * hidden;
    }
    case "recurrent":
      return attention.projectionParameters;
    default:
      return attention satisfies never;
  }
}

function attentionWork(attention: Attention, deployment: Deployment): AttentionWork {
  const tp = deployment.tensorParallel;
  const bytes = kvElementBytes(deployment);
  switch (attention.kind) {
    case "grouped-query":
      return {
        // A KV head is copied when there are more GPUs than KV heads.
        kvBytesPerContextToken: 2 * Math.max(attention.kvHeads / tp, 1) * attention.headDim * bytes,
        flopsPerTokenPair: (4 * attention.queryHeads * attention.headDim) / tp,
        windowTokens: attention.windowTokens ?? Infinity,
        stateBytesPerSequence: 0,
      };
    case "latent":
      return {
        kvBytesPerContextToken: (attention.kvLoraRank + attention.ropeHeadDim) * bytes,
        flopsPerTokenPair:
          (2 * attention.queryHeads * (attention.nopeHeadDim + attention.ropeHeadDim + attention.valueHeadDim)) / tp,
        windowTokens: Infinity,
        stateBytesPerSequence: 0,
      };
    case "recurrent":
      return {
        kvBytesPerContextToken: 0,
        flopsPerTokenPair: 0,
        windowTokens: 0,
        stateBytesPerSequence: (2 * attention.stateBytesPerSequence) / tp,
      };
    default:
      return attention satisfies never;
  }
}

function linearWork(group: LayerGroup, hidden: number, tp: number): LinearWork {
  const projections = attentionParameters(group.attention, hidden);
  const { mlp } = group;
  const matrices = mlp.gated ? 3 : 2;
  if (mlp.kind === "dense") {
    return {
      denseParameters: (projections + matrices * hidden * mlp.intermediateSize) / tp,
      expertParameters: 0,
      experts: 0,
      expertsPerToken: 0,
    };
  }
  const shared = matrices * hidden * mlp.sharedIntermediateSize;
  return {
    denseParameters: (projections + shared) / tp + hidden * mlp.experts,
    expertParameters: (matrices * hidden * mlp.expertIntermediateSize) / tp,
    experts: mlp.experts,
    expertsPerToken: mlp.expertsPerToken,
  };
}

/** Work of one rank: every matrix is cut by tensor parallelism; the router is copied. */
export function rankWork(deployment: Deployment): RankWork {
  const architecture: ModelArchitecture = deployment.architecture;
  const tp = deployment.tensorParallel;
  return {
    layers: architecture.layerGroups.map((group) => ({
      count: group.count,
      linear: linearWork(group, architecture.hiddenSize, tp),
      attention: attentionWork(group.attention, deployment),
    })),
    layerCount: architecture.layerGroups.reduce((sum, group) => sum + group.count, 0),
    lmHeadParameters: (architecture.hiddenSize * architecture.vocabularySize) / tp,
    hiddenSize: architecture.hiddenSize,
    vocabularySize: architecture.vocabularySize,
  };
}

/** Expected number of distinct experts that `tokens` tokens reach: `E·(1 − (1 − k/E)^tokens)`. */
export function distinctExperts(experts: number, expertsPerToken: number, tokens: number): number {
  if (experts <= 0) return 0;
  const share = Math.min(1, expertsPerToken / experts);
  return experts * (1 - (1 - share) ** tokens);
}
