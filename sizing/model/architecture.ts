/** Attention whose keys and values are cached for every token (or for the last `windowTokens`). */
export interface GroupedQueryAttention {
  readonly kind: "grouped-query";
  readonly queryHeads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Absent: the layer sees the whole context. */
  readonly windowTokens?: number;
  /** Llama 4: the context is cut into chunks of `windowTokens` instead of a sliding window. */
  readonly chunkedWindow?: boolean;
  /** Bias of the q, k and v projections. */
  readonly projectionBias: boolean;
  readonly outputBias?: boolean;
  /** Qwen3-Next: the q projection is twice as wide, its second half gates the output. */
  readonly outputGate?: boolean;
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
  readonly bias?: boolean;
}

export interface MixtureMlp {
  readonly kind: "mixture";
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly expertIntermediateSize: number;
  /** Width of the experts that every token passes; 0 when there are none. */
  readonly sharedIntermediateSize: number;
  readonly gated: boolean;
  readonly bias?: boolean;
}

/** A run of equal layers; a model is a list of such runs, in the order of its layers. */
export interface LayerGroup {
  readonly count: number;
  readonly attention: Attention;
  readonly mlp: DenseMlp | MixtureMlp;
  /** Vectors of hidden width that the norms of one layer hold, biases counted; two when absent. */
  readonly normVectors?: number;
}

/** How the checkpoint itself is quantized, when its config.json says so. */
export interface CheckpointQuantization {
  readonly method: string;
  /** Weights that share one scale along the input; -1: a scale a channel or tensor. */
  readonly groupSize?: number;
  readonly zeroPoints?: boolean;
  /** Block-wise FP8: the two sides of a block. */
  readonly blockShape?: readonly [number, number];
  /** Bits of a quantized weight, where the config states them. */
  readonly bits?: number;
  /** Whole numbers and not floating point, where the config states it. */
  readonly isInteger?: boolean;
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
  /** A vision or audio tower beside the language model; loaded in 16 bit and sharded over the tensor-parallel ranks. */
  readonly towerParameters: number;
  /** Learned position embeddings, rows; absent for rotary models. */
  readonly positionRows?: number;
  /** Tables of rotary angles that the engine keeps on every GPU: maxPositionEmbeddings × rotary width × 2 bytes each. */
  readonly rotaryTableBytes?: number;
  /** `extrapolated`: a model type without a formula of its own, sized by its fields as if it were llama-like. */
  readonly basis?: "computed" | "extrapolated";
}

/** Number of transformer layers over all groups. */
export function layerCount(architecture: ModelArchitecture): number {
  return architecture.layerGroups.reduce((sum, group) => sum + group.count, 0);
}
