import type { Checkpoint } from "../../sizing/catalog";
import type { Quantization } from "../../sizing/model/precision";

/** A model before its config is read; `config/catalog.ts` makes a `CatalogModel` of it. */
export interface ModelRow {
  readonly key: string;
  readonly repository: string;
  /** The fields of the repository's config.json that sizing needs, as they stand there. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly checkpoints: Partial<Readonly<Record<Quantization, Checkpoint>>>;
  readonly source: string;
  readonly date: string;
}

/**
 * A `revision` stands here only where two independent public repositories name the same commit of the weights.
 * Quantizations without a checkpoint can be sized, but deployed only with an explicit one.
 */
export const MODELS: readonly ModelRow[] = [
  {
    key: "qwen3-0.6b",
    repository: "Qwen/Qwen3-0.6B",
    config: {
      architectures: ["Qwen3ForCausalLM"],
      model_type: "qwen3",
      hidden_size: 1024,
      intermediate_size: 3072,
      num_hidden_layers: 28,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      head_dim: 128,
      vocab_size: 151936,
      tie_word_embeddings: true,
      max_position_embeddings: 40960,
      sliding_window: null,
      torch_dtype: "bfloat16",
      attention_bias: false,
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen3-0.6B",
        revision: "c1899de289a04d12100db370d81485cdf75e47ca",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/Qwen--Qwen3-0.6B_config.json",
    date: "2026-11-22",
  },
  {
    key: "qwen3-8b",
    repository: "Qwen/Qwen3-8B",
    config: {
      architectures: ["Qwen3ForCausalLM"],
      model_type: "qwen3",
      hidden_size: 4096,
      intermediate_size: 12288,
      num_hidden_layers: 36,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 128,
      vocab_size: 151936,
      tie_word_embeddings: false,
      max_position_embeddings: 40960,
      sliding_window: null,
      torch_dtype: "bfloat16",
      attention_bias: false,
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen3-8B",
        revision: "b968826d9c46dd6066d109eabc6255188de91218",
      },
      fp8: {
        repository: "Qwen/Qwen3-8B-FP8",
      },
      "int4-w4a16": {
        repository: "Qwen/Qwen3-8B-AWQ",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/Qwen--Qwen3-8B_config.json",
    date: "2026-11-22",
  },
  {
    key: "qwen3-14b",
    repository: "Qwen/Qwen3-14B",
    config: {
      architectures: ["Qwen3ForCausalLM"],
      model_type: "qwen3",
      hidden_size: 5120,
      intermediate_size: 17408,
      num_hidden_layers: 40,
      num_attention_heads: 40,
      num_key_value_heads: 8,
      head_dim: 128,
      vocab_size: 151936,
      tie_word_embeddings: false,
      max_position_embeddings: 40960,
      sliding_window: null,
      torch_dtype: "bfloat16",
      attention_bias: false,
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen3-14B",
        revision: "40c069824f4251a91eefaf281ebe4c544efd3e18",
      },
      fp8: {
        repository: "Qwen/Qwen3-14B-FP8",
      },
      "int4-w4a16": {
        repository: "Qwen/Qwen3-14B-AWQ",
        revision: "31c69efc29464b6bb0aee1398b5a7b50a99340c3",
      },
    },
    source:
      "https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/qwen3-14b/config.json",
    date: "2026-11-22",
  },
  {
    key: "qwen3-32b",
    repository: "Qwen/Qwen3-32B",
    config: {
      architectures: ["Qwen3ForCausalLM"],
      model_type: "qwen3",
      hidden_size: 5120,
      intermediate_size: 25600,
      num_hidden_layers: 64,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      head_dim: 128,
      vocab_size: 151936,
      tie_word_embeddings: false,
      max_position_embeddings: 40960,
      sliding_window: null,
      torch_dtype: "bfloat16",
      attention_bias: false,
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen3-32B",
        revision: "9216db5781bf21249d130ec9da846c4624c16137",
      },
      fp8: {
        repository: "Qwen/Qwen3-32B-FP8",
        revision: "aa55da1ecc13d006e8b8e4f54579b1ea8c3db2df",
      },
      "int4-w4a16": {
        repository: "Qwen/Qwen3-32B-AWQ",
        revision: "0499c3ac83fdef8810b907a23894ba91e95eddd8",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/Qwen--Qwen3-32B_config.json",
    date: "2026-11-22",
  },
  {
    key: "qwen3-30b-a3b",
    repository: "Qwen/Qwen3-30B-A3B",
    config: {
      architectures: ["Qwen3MoeForCausalLM"],
      model_type: "qwen3_moe",
      hidden_size: 2048,
      intermediate_size: 6144,
      num_hidden_layers: 48,
      num_attention_heads: 32,
      num_key_value_heads: 4,
      head_dim: 128,
      vocab_size: 151936,
      tie_word_embeddings: false,
      max_position_embeddings: 40960,
      num_experts: 128,
      num_experts_per_tok: 8,
      moe_intermediate_size: 768,
      sliding_window: null,
      torch_dtype: "bfloat16",
      attention_bias: false,
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen3-30B-A3B",
        revision: "ad44e777bcd18fa416d9da3bd8f70d33ebb85d39",
      },
      fp8: {
        repository: "Qwen/Qwen3-30B-A3B-FP8",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/Qwen--Qwen3-30B-A3B_config.json",
    date: "2026-11-22",
  },
  {
    key: "qwen3-235b-a22b",
    repository: "Qwen/Qwen3-235B-A22B",
    config: {
      architectures: ["Qwen3MoeForCausalLM"],
      model_type: "qwen3_moe",
      hidden_size: 4096,
      intermediate_size: 12288,
      num_hidden_layers: 94,
      num_attention_heads: 64,
      num_key_value_heads: 4,
      head_dim: 128,
      vocab_size: 151936,
      tie_word_embeddings: false,
      max_position_embeddings: 40960,
      num_experts: 128,
      num_experts_per_tok: 8,
      moe_intermediate_size: 1536,
      sliding_window: null,
      torch_dtype: "bfloat16",
      attention_bias: false,
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen3-235B-A22B",
      },
      fp8: {
        repository: "Qwen/Qwen3-235B-A22B-FP8",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/Qwen--Qwen3-235B-A22B-FP8_config.json",
    date: "2026-11-22",
  },
  {
    key: "qwen2.5-7b-instruct",
    repository: "Qwen/Qwen2.5-7B-Instruct",
    config: {
      architectures: ["Qwen2ForCausalLM"],
      model_type: "qwen2",
      hidden_size: 3584,
      intermediate_size: 18944,
      num_hidden_layers: 28,
      num_attention_heads: 28,
      num_key_value_heads: 4,
      vocab_size: 152064,
      tie_word_embeddings: false,
      max_position_embeddings: 32768,
      sliding_window: 131072,
      torch_dtype: "bfloat16",
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen2.5-7B-Instruct",
        revision: "a09a35458c702b33eeacc393d103063234e8bc28",
      },
      "int4-w4a16": {
        repository: "Qwen/Qwen2.5-7B-Instruct-AWQ",
      },
    },
    source:
      "https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/qwen2.5-7b-instruct/config.json",
    date: "2026-11-22",
  },
  {
    key: "qwen2.5-14b-instruct",
    repository: "Qwen/Qwen2.5-14B-Instruct",
    config: {
      model_type: "qwen2",
      hidden_size: 5120,
      intermediate_size: 13824,
      num_hidden_layers: 48,
      num_attention_heads: 40,
      num_key_value_heads: 8,
      vocab_size: 152064,
      tie_word_embeddings: false,
      max_position_embeddings: 32768,
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen2.5-14B-Instruct",
      },
      "int4-w4a16": {
        repository: "Qwen/Qwen2.5-14B-Instruct-AWQ",
      },
    },
    source: "from memory, not read from the repository: config.json of Qwen/Qwen2.5-14B-Instruct",
    date: "2026-11-22",
  },
  {
    key: "qwen2.5-32b-instruct",
    repository: "Qwen/Qwen2.5-32B-Instruct",
    config: {
      model_type: "qwen2",
      hidden_size: 5120,
      intermediate_size: 27648,
      num_hidden_layers: 64,
      num_attention_heads: 40,
      num_key_value_heads: 8,
      vocab_size: 152064,
      tie_word_embeddings: false,
      max_position_embeddings: 32768,
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen2.5-32B-Instruct",
      },
      "int4-w4a16": {
        repository: "Qwen/Qwen2.5-32B-Instruct-AWQ",
      },
    },
    source: "from memory, not read from the repository: config.json of Qwen/Qwen2.5-32B-Instruct",
    date: "2026-11-22",
  },
  {
    key: "qwen2.5-72b-instruct",
    repository: "Qwen/Qwen2.5-72B-Instruct",
    config: {
      model_type: "qwen2",
      hidden_size: 8192,
      intermediate_size: 29568,
      num_hidden_layers: 80,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      vocab_size: 152064,
      tie_word_embeddings: false,
      max_position_embeddings: 32768,
    },
    checkpoints: {
      bf16: {
        repository: "Qwen/Qwen2.5-72B-Instruct",
      },
      "int4-w4a16": {
        repository: "Qwen/Qwen2.5-72B-Instruct-AWQ",
      },
    },
    source: "from memory, not read from the repository: config.json of Qwen/Qwen2.5-72B-Instruct",
    date: "2026-11-22",
  },
  {
    key: "llama-3.1-8b-instruct",
    repository: "meta-llama/Llama-3.1-8B-Instruct",
    config: {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: 4096,
      intermediate_size: 14336,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      vocab_size: 128256,
      tie_word_embeddings: false,
      max_position_embeddings: 131072,
      torch_dtype: "bfloat16",
      attention_bias: false,
    },
    checkpoints: {
      bf16: {
        repository: "meta-llama/Llama-3.1-8B-Instruct",
        revision: "0e9e39f249a16976918f6564b8830bc894c89659",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/meta-llama--Meta-Llama-3.1-8B_config.json",
    date: "2026-11-22",
  },
  {
    key: "llama-3.1-70b-instruct",
    repository: "meta-llama/Llama-3.1-70B-Instruct",
    config: {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: 8192,
      intermediate_size: 28672,
      num_hidden_layers: 80,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      vocab_size: 128256,
      tie_word_embeddings: false,
      max_position_embeddings: 131072,
      torch_dtype: "bfloat16",
      attention_bias: false,
    },
    checkpoints: {
      bf16: {
        repository: "meta-llama/Llama-3.1-70B-Instruct",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/meta-llama--Meta-Llama-3.1-70B_config.json",
    date: "2026-11-22",
  },
  {
    key: "llama-3.3-70b-instruct",
    repository: "meta-llama/Llama-3.3-70B-Instruct",
    config: {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: 8192,
      intermediate_size: 28672,
      num_hidden_layers: 80,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      vocab_size: 128256,
      tie_word_embeddings: false,
      max_position_embeddings: 131072,
      torch_dtype: "bfloat16",
      attention_bias: false,
    },
    checkpoints: {
      bf16: {
        repository: "meta-llama/Llama-3.3-70B-Instruct",
      },
      fp8: {
        repository: "RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/meta-llama--Meta-Llama-3.1-70B_config.json",
    date: "2026-11-22",
  },
  {
    key: "llama-4-scout-17b-16e-instruct",
    repository: "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    config: {
      architectures: ["Llama4ForConditionalGeneration"],
      model_type: "llama4_text",
      hidden_size: 5120,
      intermediate_size: 8192,
      num_hidden_layers: 48,
      num_attention_heads: 40,
      num_key_value_heads: 8,
      head_dim: 128,
      vocab_size: 202048,
      max_position_embeddings: 10485760,
      num_local_experts: 16,
      num_experts_per_tok: 1,
      torch_dtype: "bfloat16",
      attention_bias: false,
      intermediate_size_mlp: 16384,
      interleave_moe_layer_step: 1,
      tie_word_embeddings: false,
    },
    checkpoints: {
      bf16: {
        repository: "meta-llama/Llama-4-Scout-17B-16E-Instruct",
      },
      fp8: {
        repository: "RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic",
      },
    },
    source:
      "https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/llama-4-scout-17b-16e-instruct-fp8-dynamic/config.json; from memory, not read from meta-llama/Llama-4-Scout-17B-16E-Instruct: intermediate_size_mlp, interleave_moe_layer_step, tie_word_embeddings",
    date: "2026-11-22",
  },
  {
    key: "llama-2-7b",
    repository: "meta-llama/Llama-2-7b-hf",
    config: {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: 4096,
      intermediate_size: 11008,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      vocab_size: 32000,
      tie_word_embeddings: false,
      max_position_embeddings: 4096,
      torch_dtype: "float16",
    },
    checkpoints: {
      bf16: {
        repository: "meta-llama/Llama-2-7b-hf",
      },
    },
    source:
      "https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/llama-2-7b-hf/config.json",
    date: "2026-11-22",
  },
  {
    key: "codellama-34b-instruct",
    repository: "codellama/CodeLlama-34b-Instruct-hf",
    config: {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: 8192,
      intermediate_size: 22016,
      num_hidden_layers: 48,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      vocab_size: 32000,
      tie_word_embeddings: false,
      max_position_embeddings: 16384,
      torch_dtype: "bfloat16",
    },
    checkpoints: {
      bf16: {
        repository: "codellama/CodeLlama-34b-Instruct-hf",
      },
    },
    source:
      "https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/codellama-34b-instruct-hf/config.json",
    date: "2026-11-22",
  },
  {
    key: "mixtral-8x7b",
    repository: "mistralai/Mixtral-8x7B-v0.1",
    config: {
      architectures: ["MixtralForCausalLM"],
      model_type: "mixtral",
      hidden_size: 4096,
      intermediate_size: 14336,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      vocab_size: 32000,
      tie_word_embeddings: false,
      max_position_embeddings: 32768,
      num_local_experts: 8,
      num_experts_per_tok: 2,
      sliding_window: null,
      torch_dtype: "bfloat16",
    },
    checkpoints: {
      bf16: {
        repository: "mistralai/Mixtral-8x7B-v0.1",
      },
    },
    source:
      "https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/mixtral-8x7b-v0.1/config.json",
    date: "2026-11-22",
  },
  {
    key: "mistral-nemo-instruct-2407",
    repository: "mistralai/Mistral-Nemo-Instruct-2407",
    config: {
      architectures: ["MistralForCausalLM"],
      model_type: "mistral",
      hidden_size: 5120,
      intermediate_size: 14336,
      num_hidden_layers: 40,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 128,
      vocab_size: 131072,
      tie_word_embeddings: false,
      max_position_embeddings: 131072,
      sliding_window: null,
      torch_dtype: "bfloat16",
    },
    checkpoints: {
      bf16: {
        repository: "mistralai/Mistral-Nemo-Instruct-2407",
      },
    },
    source:
      "https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/mistral-nemo-instruct-2407/config.json",
    date: "2026-11-22",
  },
  {
    key: "deepseek-v2-lite",
    repository: "deepseek-ai/DeepSeek-V2-Lite",
    config: {
      architectures: ["DeepseekV2ForCausalLM"],
      model_type: "deepseek_v2",
      hidden_size: 2048,
      intermediate_size: 10944,
      num_hidden_layers: 27,
      num_attention_heads: 16,
      num_key_value_heads: 16,
      vocab_size: 102400,
      tie_word_embeddings: false,
      max_position_embeddings: 163840,
      num_experts_per_tok: 6,
      moe_intermediate_size: 1408,
      torch_dtype: "bfloat16",
      kv_lora_rank: 512,
      qk_rope_head_dim: 64,
      attention_bias: false,
      n_routed_experts: 64,
      n_shared_experts: 2,
      first_k_dense_replace: 1,
      moe_layer_freq: 1,
      q_lora_rank: null,
      qk_nope_head_dim: 128,
      v_head_dim: 128,
    },
    checkpoints: {
      bf16: {
        repository: "deepseek-ai/DeepSeek-V2-Lite",
      },
    },
    source:
      "https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/deepseek-v2-lite/config.json; from memory, not read from deepseek-ai/DeepSeek-V2-Lite: n_routed_experts, n_shared_experts, first_k_dense_replace, moe_layer_freq, q_lora_rank, qk_nope_head_dim, v_head_dim",
    date: "2026-11-22",
  },
  {
    key: "yi-34b",
    repository: "01-ai/Yi-34B",
    config: {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: 7168,
      intermediate_size: 20480,
      num_hidden_layers: 60,
      num_attention_heads: 56,
      num_key_value_heads: 8,
      vocab_size: 64000,
      tie_word_embeddings: false,
      max_position_embeddings: 4096,
      torch_dtype: "bfloat16",
    },
    checkpoints: {
      bf16: {
        repository: "01-ai/Yi-34B",
      },
    },
    source:
      "https://github.com/inference-sim/inference-sim/blob/f90a1e3a6787da17c2cd463dab6fb2660b1b1760/model_configs/yi-34b/config.json",
    date: "2026-11-22",
  },
  {
    key: "gpt-oss-20b",
    repository: "openai/gpt-oss-20b",
    config: {
      architectures: ["GptOssForCausalLM"],
      model_type: "gpt_oss",
      hidden_size: 2880,
      intermediate_size: 2880,
      num_hidden_layers: 24,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      head_dim: 64,
      vocab_size: 201088,
      tie_word_embeddings: false,
      max_position_embeddings: 131072,
      num_local_experts: 32,
      num_experts_per_tok: 4,
      sliding_window: 128,
      quantization_config: {
        modules_to_not_convert: [
          "model.layers.*.self_attn",
          "model.layers.*.mlp.router",
          "model.embed_tokens",
          "lm_head",
        ],
        quant_method: "mxfp4",
      },
      attention_bias: true,
    },
    checkpoints: {
      mxfp4: {
        repository: "openai/gpt-oss-20b",
        revision: "6cee5e81ee83917806bbde320786a8fb61efebee",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/openai--gpt-oss-20b_config.json",
    date: "2026-11-22",
  },
  {
    key: "gpt-oss-120b",
    repository: "openai/gpt-oss-120b",
    config: {
      architectures: ["GptOssForCausalLM"],
      model_type: "gpt_oss",
      hidden_size: 2880,
      intermediate_size: 2880,
      num_hidden_layers: 36,
      num_attention_heads: 64,
      num_key_value_heads: 8,
      head_dim: 64,
      vocab_size: 201088,
      tie_word_embeddings: false,
      max_position_embeddings: 131072,
      num_local_experts: 128,
      num_experts_per_tok: 4,
      sliding_window: 128,
      quantization_config: {
        modules_to_not_convert: [
          "model.layers.*.self_attn",
          "model.layers.*.mlp.router",
          "model.embed_tokens",
          "lm_head",
        ],
        quant_method: "mxfp4",
      },
      attention_bias: true,
    },
    checkpoints: {
      mxfp4: {
        repository: "openai/gpt-oss-120b",
        revision: "b5c939de8f754692c1647ca79fbf85e8c1e70f8a",
      },
    },
    source:
      "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/model_configs/openai--gpt-oss-120b_config.json",
    date: "2026-11-22",
  },
];
