import type { Deployment } from "../deployment";
import { layerCount, type Attention, type LayerGroup } from "./architecture";
import { kvHeadsPerRank, layerParameters } from "./weights";

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
  /** Operations per token of context when decoding; 0 where reading it always takes longer. */
  readonly decodeFlopsPerContextToken: number;
  /** Floating-point operations per pair of query and context token. */
  readonly flopsPerTokenPair: number;
  /** Context beyond this is not seen. */
  readonly windowTokens: number;
  /** Bytes of recurrent state read and written per sequence and step. */
  readonly stateBytesPerSequence: number;
  readonly isLatent: boolean;
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

function attentionWork(attention: Attention, deployment: Deployment): AttentionWork {
  const tp = deployment.tensorParallel;
  const bytes = kvElementBytes(deployment);
  switch (attention.kind) {
    case "grouped-query":
      return {
        kvBytesPerContextToken: 2 * kvHeadsPerRank(attention.kvHeads, tp) * attention.headDim * bytes,
        decodeFlopsPerContextToken: 0,
        flopsPerTokenPair: (4 * attention.queryHeads * attention.headDim) / tp,
        windowTokens: attention.windowTokens ?? Infinity,
        stateBytesPerSequence: 0,
        isLatent: false,
      };
    case "latent":
      return {
        kvBytesPerContextToken: (attention.kvLoraRank + attention.ropeHeadDim) * bytes,
        // Decoding works on the compressed vectors themselves: every head multiplies with all of them.
        decodeFlopsPerContextToken:
          (2 * attention.queryHeads * (2 * attention.kvLoraRank + attention.ropeHeadDim)) / tp,
        flopsPerTokenPair:
          (2 * attention.queryHeads * (attention.nopeHeadDim + attention.ropeHeadDim + attention.valueHeadDim)) / tp,
        windowTokens: Infinity,
        stateBytesPerSequence: 0,
        isLatent: true,
      };
    case "recurrent":
      return {
        kvBytesPerContextToken: 0,
        decodeFlopsPerContextToken: 0,
        flopsPerTokenPair: 0,
        windowTokens: 0,
        stateBytesPerSequence: (2 * attention.stateBytesPerSequence) / tp,
        isLatent: false,
      };
    default:
      return attention satisfies never;
  }
}

function linearWork(group: LayerGroup, hiddenSize: number, tensorParallel: number): LinearWork {
  const { linear, experts } = layerParameters(group, hiddenSize, tensorParallel);
  const { mlp } = group;
  if (mlp.kind === "dense") return { denseParameters: linear, expertParameters: 0, experts: 0, expertsPerToken: 0 };
  return {
    denseParameters: linear,
    expertParameters: mlp.experts > 0 ? experts / mlp.experts : 0,
    experts: mlp.experts,
    expertsPerToken: Math.min(mlp.expertsPerToken, mlp.experts),
  };
}

/** Work of one rank: every matrix is cut by tensor parallelism; the router is copied. */
export function rankWork(deployment: Deployment): RankWork {
  const { architecture } = deployment;
  const tp = deployment.tensorParallel;
  return {
    layers: merged(
      architecture.layerGroups.map((group) => ({
        count: group.count,
        linear: linearWork(group, architecture.hiddenSize, tp),
        attention: attentionWork(group.attention, deployment),
      })),
    ),
    layerCount: layerCount(architecture),
    lmHeadParameters: (architecture.hiddenSize * architecture.vocabularySize) / tp,
    hiddenSize: architecture.hiddenSize,
    vocabularySize: architecture.vocabularySize,
  };
}

/** Layers of the same work counted together, wherever they stand: kinds that alternate would be timed one by one. */
function merged(layers: readonly LayerWork[]): readonly LayerWork[] {
  const kinds = new Map<string, LayerWork>();
  for (const layer of layers) {
    const key = [...Object.values(layer.linear), ...Object.values(layer.attention)].join(" ");
    kinds.set(key, { ...layer, count: layer.count + (kinds.get(key)?.count ?? 0) });
  }
  return [...kinds.values()];
}

/**
 * Expected number of distinct experts that `tokens` tokens reach. Independent tokens: `E·(1 − (1 − k/E)^tokens)`;
 * routers favour some experts and neighbours agree, so the tokens count only with `independence` (at least one does).
 */
export function distinctExperts(
  experts: number,
  expertsPerToken: number,
  tokens: number,
  independence: number,
): number {
  if (experts <= 0 || tokens <= 0) return 0;
  const share = Math.min(1, expertsPerToken / experts);
  const independent = tokens <= 1 ? tokens : 1 + (tokens - 1) * independence;
  return experts * (1 - (1 - share) ** independent);
}
