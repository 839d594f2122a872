/** Attention whose keys and values are cached for every token (or for the last `windowTokens`). */
export interface GroupedQueryAttention {
  readonly kind: "grouped-query";
  readonly queryHeads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Absent: the layer sees the whole context. */
  readonly windowTokens?: number;
  readonly projectionBias: boolean;
  /** Qwen3-style norms over each head of q and k. */
  readonly headNorm: boolean;
}

/** Multi-head latent attention (DeepSeek): one compressed vector a token is cached, whatever the heads. */
export interface LatentAttention {
  readonly kind: "latent";
  readonly queryHeads: number;
  /** Absent: queries are projected directly. */
  readonly queryLoraRank?: number;
  readonly kvLoraRank: number;
  readonly nopeHeadDim: number;
  readonly ropeHeadDim: number;
  readonly valueHeadDim: number;
}

/** Recurrent or linear attention (Mamba, gated delta net): a state of fixed size a sequence, nothing a token. */
export interface RecurrentAttention {
  readonly kind: "recurrent";
  readonly projectionParameters: number;
  readonly stateBytesPerSequence: number;
}

export type Attention = GroupedQueryAttention | LatentAttention | RecurrentAttention;

export interface DenseMlp {
  readonly kind: "dense";
  readonly intermediateSize: number;
  /** SwiGLU-style: three matrices instead of two. */
  readonly gated: boolean;
}

export interface MixtureMlp {
  readonly kind: "mixture";
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly expertIntermediateSize: number;
  /** Width of the experts that every token passes; 0 when there are none. */
  readonly sharedIntermediateSize: number;
  readonly gated: boolean;
}

/** A run of equal layers; a model is a list of such runs, in the order of its layers as far as it matters. */
export interface LayerGroup {
  readonly count: number;
  readonly attention: Attention;
  readonly mlp: DenseMlp | MixtureMlp;
}

/** How the checkpoint itself is quantized, when its config.json says so. */
export interface CheckpointQuantization {
  readonly method: string;
  /** Weights that share one scale along the input; -1: a scale a channel or tensor. */
  readonly groupSize?: number;
  readonly zeroPoints?: boolean;
  /** Block-wise FP8: the two sides of a block. */
  readonly blockShape?: readonly [number, number];
}

/** What sizing needs of a Hugging Face config.json; every count is per model, not per GPU. */
export interface ModelArchitecture {
  readonly modelType: string;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  readonly layerGroups: readonly LayerGroup[];
  readonly tiedEmbeddings: boolean;
  readonly maxPositionEmbeddings: number;
  readonly checkpointQuantization?: CheckpointQuantization;
  /** A vision or audio tower beside the language model; loaded in 16 bit and replicated on every GPU. */
  readonly towerParameters: number;
}

/** Number of transformer layers over all groups. */
export function layerCount(architecture: ModelArchitecture): number {
  return architecture.layerGroups.reduce((sum, group) => sum + group.count, 0);
}
