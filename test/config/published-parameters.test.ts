import { describe, expect, test } from "vitest";
import { parseModelConfig } from "../../config/model-config";
import { parameterCount } from "../../sizing/model/weights";

/** The fields of a config.json that most families share, in the order of their papers. */
function config(
  model_type: string,
  hidden_size: number,
  intermediate_size: number,
  num_hidden_layers: number,
  num_attention_heads: number,
  num_key_value_heads: number,
  vocab_size: number,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    model_type,
    hidden_size,
    intermediate_size,
    num_hidden_layers,
    num_attention_heads,
    num_key_value_heads,
    vocab_size,
    max_position_embeddings: 8192,
    tie_word_embeddings: false,
    ...more,
  };
}

const TIED = { tie_word_embeddings: true } as const;
const LATENT = { kv_lora_rank: 512, qk_nope_head_dim: 128, qk_rope_head_dim: 64, v_head_dim: 128 } as const;

/** Name, config and published parameters in billions, vision towers and draft layers apart. */
const PUBLISHED: readonly (readonly [string, Readonly<Record<string, unknown>>, number])[] = [
  ["Llama-2-7B", config("llama", 4096, 11008, 32, 32, 32, 32000), 6.738],
  ["Llama-2-70B", config("llama", 8192, 28672, 80, 64, 8, 32000), 68.977],
  ["Llama-3.1-70B", config("llama", 8192, 28672, 80, 64, 8, 128256), 70.554],
  ["Llama-3.1-405B", config("llama", 16384, 53248, 126, 128, 8, 128256), 405.85],
  ["Llama-3.2-1B", config("llama", 2048, 8192, 16, 32, 8, 128256, { ...TIED, head_dim: 64 }), 1.236],
  ["Llama-3.2-3B", config("llama", 3072, 8192, 28, 24, 8, 128256, { ...TIED, head_dim: 128 }), 3.213],
  ["CodeLlama-34B", config("llama", 8192, 22016, 48, 64, 8, 32000), 33.744],
  ["TinyLlama-1.1B", config("llama", 2048, 5632, 22, 32, 4, 32000), 1.1],
  ["SmolLM2-1.7B", config("llama", 2048, 8192, 24, 32, 32, 49152, TIED), 1.711],
  ["Yi-34B", config("llama", 7168, 20480, 60, 56, 8, 64000), 34.389],
  ["Mistral-7B-v0.3", config("mistral", 4096, 14336, 32, 32, 8, 32768), 7.248],
  ["Mistral-Nemo-12B", config("mistral", 5120, 14336, 40, 32, 8, 131072, { head_dim: 128 }), 12.248],
  ["Mistral-Small-24B", config("mistral", 5120, 32768, 40, 32, 8, 131072, { head_dim: 128 }), 23.572],
  [
    "Mixtral-8x22B",
    config("mixtral", 6144, 16384, 56, 48, 8, 32768, { num_local_experts: 8, num_experts_per_tok: 2 }),
    140.63,
  ],
  ["Qwen2.5-0.5B", config("qwen2", 896, 4864, 24, 14, 2, 151936, TIED), 0.494],
  ["Qwen2.5-7B", config("qwen2", 3584, 18944, 28, 28, 4, 152064), 7.616],
  ["Qwen2.5-14B", config("qwen2", 5120, 13824, 48, 40, 8, 152064), 14.77],
  ["Qwen2.5-32B", config("qwen2", 5120, 27648, 64, 40, 8, 152064), 32.764],
  ["Qwen2.5-72B", config("qwen2", 8192, 29568, 80, 64, 8, 152064), 72.706],
  [
    "Qwen2-57B-A14B",
    config("qwen2_moe", 3584, 18944, 28, 28, 4, 151936, {
      num_experts: 64,
      num_experts_per_tok: 8,
      moe_intermediate_size: 2560,
      shared_expert_intermediate_size: 20480,
    }),
    57.409,
  ],
  ["Qwen3-0.6B", config("qwen3", 1024, 3072, 28, 16, 8, 151936, { ...TIED, head_dim: 128 }), 0.596],
  ["Qwen3-1.7B", config("qwen3", 2048, 6144, 28, 16, 8, 151936, { ...TIED, head_dim: 128 }), 1.721],
  ["Qwen3-4B", config("qwen3", 2560, 9728, 36, 32, 8, 151936, { ...TIED, head_dim: 128 }), 4.022],
  ["Qwen3-8B", config("qwen3", 4096, 12288, 36, 32, 8, 151936, { head_dim: 128 }), 8.191],
  ["Qwen3-14B", config("qwen3", 5120, 17408, 40, 40, 8, 151936, { head_dim: 128 }), 14.768],
  [
    "Qwen3-30B-A3B",
    config("qwen3_moe", 2048, 6144, 48, 32, 4, 151936, {
      head_dim: 128,
      num_experts: 128,
      num_experts_per_tok: 8,
      moe_intermediate_size: 768,
    }),
    30.532,
  ],
  [
    "Qwen3-235B-A22B",
    config("qwen3_moe", 4096, 12288, 94, 64, 4, 151936, {
      head_dim: 128,
      num_experts: 128,
      num_experts_per_tok: 8,
      moe_intermediate_size: 1536,
    }),
    235.094,
  ],
  [
    "Qwen3-Coder-480B-A35B",
    config("qwen3_moe", 6144, 8192, 62, 96, 8, 151936, {
      head_dim: 128,
      num_experts: 160,
      num_experts_per_tok: 8,
      moe_intermediate_size: 2560,
    }),
    480.155,
  ],
  ["Gemma-7B", config("gemma", 3072, 24576, 28, 16, 16, 256000, { ...TIED, head_dim: 256 }), 8.538],
  ["Gemma-2-2B", config("gemma2", 2304, 9216, 26, 8, 4, 256000, { ...TIED, head_dim: 256 }), 2.614],
  ["Gemma-2-9B", config("gemma2", 3584, 14336, 42, 16, 8, 256000, { ...TIED, head_dim: 256 }), 9.242],
  ["Gemma-2-27B", config("gemma2", 4608, 36864, 46, 32, 16, 256000, { ...TIED, head_dim: 128 }), 27.227],
  [
    "Gemma-3-27B text",
    config("gemma3_text", 5376, 21504, 62, 32, 16, 262208, { ...TIED, head_dim: 128, sliding_window: 1024 }),
    27.009,
  ],
  [
    "Gemma-3-1B",
    config("gemma3_text", 1152, 6912, 26, 4, 1, 262144, { ...TIED, head_dim: 256, sliding_window: 512 }),
    1.0,
  ],
  ["Phi-2", config("phi", 2560, 10240, 32, 32, 32, 51200), 2.78],
  ["Phi-3-mini", config("phi3", 3072, 8192, 32, 32, 32, 32064), 3.821],
  ["Phi-3-medium", config("phi3", 5120, 17920, 40, 40, 10, 32064), 13.96],
  ["Phi-4", config("phi3", 5120, 17920, 40, 40, 10, 100352), 14.66],
  ["Phi-4-mini", config("phi3", 3072, 8192, 32, 24, 8, 200064, { ...TIED, partial_rotary_factor: 0.75 }), 3.836],
  [
    "Phi-3.5-MoE",
    config("phimoe", 4096, 6400, 32, 32, 8, 32064, { num_local_experts: 16, num_experts_per_tok: 2 }),
    41.873,
  ],
  [
    "DeepSeek-V2-Lite",
    config("deepseek_v2", 2048, 10944, 27, 16, 16, 102400, {
      moe_intermediate_size: 1408,
      n_routed_experts: 64,
      n_shared_experts: 2,
      num_experts_per_tok: 6,
      first_k_dense_replace: 1,
      ...LATENT,
      q_lora_rank: null,
    }),
    15.706,
  ],
  [
    "DeepSeek-V2",
    config("deepseek_v2", 5120, 12288, 60, 128, 128, 102400, {
      moe_intermediate_size: 1536,
      n_routed_experts: 160,
      n_shared_experts: 2,
      num_experts_per_tok: 6,
      first_k_dense_replace: 1,
      ...LATENT,
      q_lora_rank: 1536,
    }),
    235.74,
  ],
  [
    "Kimi-K2",
    config("kimi_k2", 7168, 18432, 61, 64, 64, 163840, {
      moe_intermediate_size: 2048,
      n_routed_experts: 384,
      n_shared_experts: 1,
      num_experts_per_tok: 8,
      first_k_dense_replace: 1,
      ...LATENT,
      q_lora_rank: 1536,
    }),
    1026.4,
  ],
  ["GLM-4-9B-0414", config("glm4", 4096, 13696, 40, 32, 2, 151552, { head_dim: 128, attention_bias: true }), 9.4],
  ["GLM-4-32B-0414", config("glm4", 6144, 23040, 61, 48, 2, 151552, { head_dim: 128, attention_bias: false }), 32.57],
  [
    "GLM-4.5",
    config("glm4_moe", 5120, 12288, 92, 96, 8, 151552, {
      head_dim: 128,
      moe_intermediate_size: 1536,
      n_routed_experts: 160,
      n_shared_experts: 1,
      num_experts_per_tok: 8,
      first_k_dense_replace: 3,
      attention_bias: true,
      use_qk_norm: true,
    }),
    352.8,
  ],
  [
    "gpt-oss-120b",
    config("gpt_oss", 2880, 2880, 36, 64, 8, 201088, {
      head_dim: 64,
      num_local_experts: 128,
      num_experts_per_tok: 4,
      attention_bias: true,
      sliding_window: 128,
    }),
    116.83,
  ],
  [
    "MiniMax-M2",
    config("minimax_m2", 3072, 1536, 62, 48, 8, 200064, {
      head_dim: 128,
      num_local_experts: 256,
      num_experts_per_tok: 8,
      use_qk_norm: true,
    }),
    228.7,
  ],
  ["Command-R", config("cohere", 8192, 22528, 40, 64, 64, 256000, TIED), 34.98],
  ["Command-R+", config("cohere", 12288, 33792, 64, 96, 8, 256000, { ...TIED, use_qk_norm: true }), 103.81],
  ["Command-R7B", config("cohere2", 4096, 14336, 32, 32, 8, 256000, TIED), 8.028],
  ["OLMo-2-7B", config("olmo2", 4096, 11008, 32, 32, 32, 100352), 7.299],
  ["OLMo-2-13B", config("olmo2", 5120, 13824, 40, 40, 40, 100352), 13.716],
  ["OLMo-2-32B", config("olmo2", 5120, 27648, 64, 40, 8, 100352), 32.234],
  ["OLMoE-1B-7B", config("olmoe", 2048, 1024, 16, 16, 16, 50304, { num_experts: 64, num_experts_per_tok: 8 }), 6.919],
  ["Granite-3.3-8B", config("granite", 4096, 12800, 40, 32, 8, 49159, TIED), 8.17],
  ["InternLM2.5-7B", config("internlm2", 4096, 14336, 32, 32, 8, 92544), 7.738],
  [
    "Llama-4-Maverick text",
    config("llama4_text", 5120, 8192, 48, 40, 8, 202048, {
      head_dim: 128,
      num_local_experts: 128,
      num_experts_per_tok: 1,
      intermediate_size_mlp: 16384,
      interleave_moe_layer_step: 2,
    }),
    400.71,
  ],
  ["GPT-NeoX-20B", config("gpt_neox", 6144, 24576, 44, 64, 64, 50432), 20.555],
  [
    "OPT-6.7B",
    {
      model_type: "opt",
      hidden_size: 4096,
      ffn_dim: 16384,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      vocab_size: 50272,
      max_position_embeddings: 2048,
      word_embed_proj_dim: 4096,
    },
    6.658,
  ],
];

describe("models as published", () => {
  test.each(PUBLISHED)("%s", (_, given, billions) => {
    const parsed = parseModelConfig(given);
    expect(parsed).toMatchObject({ ok: true });
    if (!parsed.ok) return;
    expect(parsed.architecture.basis).not.toBe("extrapolated");
    expect(parameterCount(parsed.architecture) / 1e9 / billions).toBeGreaterThan(0.99);
    expect(parameterCount(parsed.architecture) / 1e9 / billions).toBeLessThan(1.01);
  });
});

describe("architectures without a formula are refused by name", () => {
  test.each(["falcon", "chatglm", "dbrx", "mpt", "bloom", "nemotron-nas"])("%s", (model_type) => {
    const parsed = parseModelConfig({ ...config("llama", 4096, 11008, 32, 32, 32, 32000), model_type });
    expect(parsed.ok ? "" : parsed.faults.join()).toContain(model_type);
  });
});
