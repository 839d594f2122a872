import type { Fields } from "./fields";

/** How the layers of a family alternate; `full` unless the config says otherwise. */
export type LayerPattern =
  "full" | "every-other-slides" | "one-in-n-full" | "llama4-chunks" | "linear-one-in-four-full" | "by-config";

/** What transformers and vLLM know of a model type beyond its fields. */
export interface FamilyTraits {
  readonly defaults?: Fields;
  readonly tied?: boolean;
  readonly projectionBias?: boolean;
  readonly outputBias?: boolean;
  readonly mlpBias?: boolean;
  readonly gated?: boolean;
  readonly headNorm?: boolean;
  /** Norm vectors a layer: 4 with norms after each block too, biases counted. */
  readonly normVectors?: number;
  readonly pattern?: LayerPattern;
  readonly outputGate?: boolean;
  /** The experts' width is `intermediate_size` itself (mixtral, gpt-oss, llama4). */
  readonly expertsUseIntermediateSize?: boolean;
  /** Llama 4: every token passes a shared expert as wide as a routed one. */
  readonly sharedExpertLikeRouted?: boolean;
  readonly learnedPositions?: boolean;
}

const LAYER_NORM_PAIR = 4;

/** GPT-2, GPT-NeoX and OPT: two-matrix MLP and biases everywhere. */
const CLASSIC: FamilyTraits = {
  gated: false,
  projectionBias: true,
  outputBias: true,
  mlpBias: true,
  normVectors: LAYER_NORM_PAIR,
};

const QWEN2: FamilyTraits = { projectionBias: true };
const QWEN3: FamilyTraits = { headNorm: true, defaults: { head_dim: 128 } };
const QWEN_NEXT: FamilyTraits = {
  headNorm: true,
  outputGate: true,
  pattern: "linear-one-in-four-full",
  defaults: { head_dim: 256, full_attention_interval: 4 },
};
const QWEN3_5: FamilyTraits = { ...QWEN_NEXT, defaults: { ...QWEN_NEXT.defaults, mamba_ssm_dtype: "float32" } };
const LATENT_V2: FamilyTraits = {
  defaults: {
    num_experts: 64,
    n_shared_experts: 2,
    first_k_dense_replace: 1,
    qk_nope_head_dim: 128,
    qk_rope_head_dim: 64,
    v_head_dim: 128,
    kv_lora_rank: 512,
  },
};
const LATENT_V3: FamilyTraits = {
  defaults: { ...LATENT_V2.defaults, num_experts: 256, n_shared_experts: 1, first_k_dense_replace: 3 },
};
const GEMMA3: FamilyTraits = {
  tied: true,
  headNorm: true,
  normVectors: 4,
  pattern: "one-in-n-full",
  defaults: {
    num_attention_heads: 8,
    num_key_value_heads: 4,
    head_dim: 256,
    vocab_size: 262_208,
    sliding_window: 4096,
    sliding_window_pattern: 6,
    max_position_embeddings: 131_072,
    // Of the published 4B, 12B and 27B.
    rope_scaling: { rope_type: "linear", factor: 8 },
  },
};
const LLAMA4: FamilyTraits = {
  pattern: "llama4-chunks",
  expertsUseIntermediateSize: true,
  sharedExpertLikeRouted: true,
  defaults: {
    attention_chunk_size: 8192,
    interleave_moe_layer_step: 1,
    no_rope_layer_interval: 4,
    intermediate_size_mlp: 16_384,
  },
};
const MIXTRAL: FamilyTraits = { expertsUseIntermediateSize: true };

/** By `model_type` of the language part. Sources: the configuration classes of transformers 4.57, vLLM's model files. */
export const FAMILIES: Readonly<Record<string, FamilyTraits>> = {
  llama: {},
  mistral: {},
  ministral: {},
  ministral3: {},
  pixtral: {},
  yi: {},
  deepseek: {},
  smollm3: { tied: true },
  minicpm: {},
  internlm2: {},
  internlm3: {},
  exaone: {},
  exaone4: { headNorm: true, pattern: "one-in-n-full", defaults: { sliding_window_pattern: 4 } },
  granite: {},
  seed_oss: { projectionBias: true },
  apertus: { headNorm: true, gated: false },
  olmo: {},
  olmo2: { headNorm: true },
  olmo3: { headNorm: true, pattern: "one-in-n-full", defaults: { sliding_window: 4096, sliding_window_pattern: 4 } },
  ernie4_5: { tied: true },
  helium: {},
  arcee: { gated: false },
  nemotron: { gated: false, normVectors: LAYER_NORM_PAIR },
  hunyuan_v1_dense: { headNorm: true },
  hunyuan_v1_moe: { headNorm: true },
  qwen2: QWEN2,
  qwen2_vl: QWEN2,
  qwen2_5_vl: QWEN2,
  qwen2_vl_text: QWEN2,
  qwen2_5_vl_text: QWEN2,
  qwen3: QWEN3,
  qwen3_vl: QWEN3,
  qwen3_vl_text: QWEN3,
  qwen2_moe: {
    projectionBias: true,
    defaults: { num_experts: 60, moe_intermediate_size: 1408, shared_expert_intermediate_size: 5632 },
  },
  qwen3_moe: { ...QWEN3, defaults: { head_dim: 128, num_experts: 128, num_experts_per_tok: 8 } },
  qwen3_vl_moe: QWEN3,
  qwen3_vl_moe_text: QWEN3,
  qwen3_next: QWEN_NEXT,
  qwen3_5: QWEN3_5,
  qwen3_5_text: QWEN3_5,
  qwen3_5_moe: QWEN3_5,
  qwen3_5_moe_text: QWEN3_5,
  gemma: { tied: true, defaults: { head_dim: 256 } },
  gemma2: {
    tied: true,
    normVectors: 4,
    pattern: "every-other-slides",
    defaults: { head_dim: 256, sliding_window: 4096 },
  },
  gemma3: GEMMA3,
  gemma3_text: GEMMA3,
  phi: { ...CLASSIC, normVectors: 2, defaults: { partial_rotary_factor: 0.5 } },
  phi3: {},
  phi4: {},
  phimoe: { ...MIXTRAL, projectionBias: true, outputBias: true, normVectors: LAYER_NORM_PAIR },
  starcoder2: {
    gated: false,
    tied: true,
    projectionBias: true,
    outputBias: true,
    mlpBias: true,
    normVectors: LAYER_NORM_PAIR,
  },
  stablelm: { normVectors: LAYER_NORM_PAIR, defaults: { partial_rotary_factor: 0.25 } },
  cohere: { tied: true, normVectors: 1 },
  cohere2: { tied: true, normVectors: 1, pattern: "one-in-n-full", defaults: { sliding_window_pattern: 4 } },
  glm: { projectionBias: true, defaults: { head_dim: 128 } },
  glm4: { projectionBias: true, normVectors: 4, defaults: { head_dim: 128 } },
  glm4v_text: { projectionBias: true, normVectors: 4 },
  glm4_moe: { headNorm: false, defaults: { head_dim: 128, n_shared_experts: 1, first_k_dense_replace: 1 } },
  glm4v_moe_text: { defaults: { head_dim: 128, n_shared_experts: 1, first_k_dense_replace: 1 } },
  dots1: { headNorm: true },
  gpt2: { ...CLASSIC, tied: true, learnedPositions: true },
  opt: { ...CLASSIC, tied: true, learnedPositions: true },
  gpt_neox: { ...CLASSIC, defaults: { partial_rotary_factor: 0.25 } },
  gpt_oss: {
    pattern: "every-other-slides",
    projectionBias: true,
    outputBias: true,
    mlpBias: true,
    expertsUseIntermediateSize: true,
    defaults: { head_dim: 64, sliding_window: 128 },
  },
  mixtral: MIXTRAL,
  granitemoe: MIXTRAL,
  granitemoeshared: MIXTRAL,
  granitemoehybrid: { ...MIXTRAL, pattern: "by-config" },
  minimax_m2: { ...MIXTRAL, headNorm: true },
  olmoe: { headNorm: true, expertsUseIntermediateSize: true },
  ernie4_5_moe: { tied: true },
  llama4: LLAMA4,
  llama4_text: LLAMA4,
  deepseek_v2: LATENT_V2,
  deepseek_v3: LATENT_V3,
  deepseek_v32: LATENT_V3,
  kimi_k2: LATENT_V3,
  glm4_moe_lite: LATENT_V3,
  mamba: { pattern: "by-config" },
  mamba2: { pattern: "by-config" },
  falcon_mamba: { pattern: "by-config" },
  jamba: { ...MIXTRAL, pattern: "by-config" },
  bamba: { pattern: "by-config" },
  nemotron_h: { pattern: "by-config", gated: false },
  falcon_h1: { pattern: "by-config" },
};

/** Types whose layers are all recurrent and have neither an MLP nor a longest context. */
export const ATTENTION_FREE: ReadonlySet<string> = new Set(["mamba", "mamba2", "falcon_mamba"]);

/** Families whose experts are much narrower than their dense layers, so that the one must not stand in for the other. */
export const EXPERTS_OF_OWN_WIDTH: ReadonlySet<string> = new Set([
  "qwen2_moe",
  "qwen3_moe",
  "qwen3_vl_moe",
  "qwen3_vl_moe_text",
  "qwen3_next",
  "qwen3_5_moe",
  "qwen3_5_moe_text",
  "deepseek_v2",
  "deepseek_v3",
  "deepseek_v32",
  "kimi_k2",
  "glm4_moe",
  "glm4v_moe_text",
  "glm4_moe_lite",
  "dots1",
  "ernie4_5_moe",
]);

/** Vision-language wrappers: the language part is nested and has a type of its own. */
export const WRAPPERS: ReadonlySet<string> = new Set([
  "llava",
  "llava_next",
  "llava_onevision",
  "mistral3",
  "kimi_vl",
  "internvl",
  "internvl_chat",
  "idefics3",
  "smolvlm",
  "paligemma",
  "aya_vision",
  "granite_vision",
  "glm4v",
  "glm4v_moe",
  "deepseek_vl_v2",
]);

/** Model types that vLLM may serve but whose shapes we do not know: refused by name, never guessed. */
export const REFUSED: ReadonlySet<string> = new Set([
  "t5",
  "mt5",
  "bart",
  "mbart",
  "whisper",
  "bert",
  "roberta",
  "xlm-roberta",
  "modernbert",
  "deberta-v2",
  "clip",
  "siglip",
  "vit",
  "rwkv",
  "rwkv6",
  "rwkv7",
  "mpt",
  "bloom",
  "falcon",
  "nemotron-nas",
  "chatglm",
  "mllama",
  "gemma3n",
  "gemma3n_text",
  "recurrent_gemma",
  "kimi_linear",
  "minimax",
  "minimax_text_01",
  "minimax_m1",
  "zamba",
  "zamba2",
  "xlstm",
  "dbrx",
  "lfm2",
  "lfm2_moe",
  "plamo2",
  "arctic",
]);
