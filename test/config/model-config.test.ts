import { describe, expect, test } from "vitest";
import { parseModelConfig } from "../../config/model-config";
import type { ModelArchitecture } from "../../sizing/model/architecture";
import { parameterCount } from "../../sizing/model/weights";
import {
  DEEPSEEK_V3,
  GEMMA_3_12B,
  GPT_OSS_20B,
  LLAMA_3_1_8B,
  PUBLISHED,
  QWEN3_32B_CONFIG,
  QWEN3_NEXT,
} from "./model-configs";

function architectureOf(config: unknown): ModelArchitecture {
  const parsed = parseModelConfig(config);
  if (!parsed.ok) throw new Error(parsed.faults.join("; "));
  return parsed.architecture;
}

function faultsOf(config: unknown): readonly string[] {
  const parsed = parseModelConfig(config);
  return parsed.ok ? [] : parsed.faults;
}

function kindsOf(architecture: ModelArchitecture): string[] {
  return architecture.layerGroups.flatMap(({ count, attention }) =>
    Array.from({ length: count }, () =>
      attention.kind === "grouped-query" && attention.windowTokens !== undefined
        ? `window ${attention.windowTokens}`
        : attention.kind,
    ),
  );
}

describe("published models", () => {
  test.each(PUBLISHED)("%s has its published number of parameters", (_, config, billions) => {
    const architecture = architectureOf(config);
    expect(architecture.basis).toBe("computed");
    expect((parameterCount(architecture) - architecture.towerParameters) / 1e9 / billions).toBeCloseTo(1, 2);
  });

  test("the encoder of Qwen2.5-VL has three matrices in its MLP, also where only the wrapper names the type", () => {
    const config = {
      ...QWEN3_32B_CONFIG,
      model_type: "qwen2_5_vl",
      hidden_size: 3584,
      num_attention_heads: 28,
      num_key_value_heads: 4,
      vision_config: {
        depth: 32,
        hidden_act: "silu",
        hidden_size: 1280,
        intermediate_size: 3420,
        out_hidden_size: 3584,
        patch_size: 14,
        spatial_merge_size: 2,
      },
    };
    expect(architectureOf(config).towerParameters / 1e6).toBeCloseTo(676, -1);
  });

  test("head_dim defaults to hidden over heads, KV heads to the query heads", () => {
    const { num_key_value_heads: _, ...withoutKvHeads } = LLAMA_3_1_8B;
    expect(architectureOf(withoutKvHeads).layerGroups[0]?.attention).toMatchObject({ kvHeads: 32, headDim: 128 });
  });

  test("Gemma 3 slides in five layers of six, and its text part fills in the class defaults", () => {
    const architecture = architectureOf(GEMMA_3_12B);
    const kinds = kindsOf(architecture);
    expect(kinds.slice(0, 6)).toEqual([...Array.from({ length: 5 }, () => "window 1024"), "grouped-query"]);
    expect(kinds.filter((kind) => kind === "grouped-query")).toHaveLength(8);
    expect(architecture).toMatchObject({ vocabularySize: 262208, tiedEmbeddings: true });
  });

  test("gpt-oss alternates a window of 128 with full attention", () => {
    expect(kindsOf(architectureOf(GPT_OSS_20B)).slice(0, 3)).toEqual(["window 128", "grouped-query", "window 128"]);
  });

  test("Qwen3-Next has full attention in every fourth layer and gated delta nets in the others", () => {
    expect(kindsOf(architectureOf(QWEN3_NEXT)).slice(0, 4)).toEqual([
      "recurrent",
      "recurrent",
      "recurrent",
      "grouped-query",
    ]);
  });

  test("DeepSeek-V3 has three dense layers, then experts, and blocks of 128 × 128", () => {
    const { layerGroups, checkpointQuantization } = architectureOf(DEEPSEEK_V3);
    expect(layerGroups.map(({ count, mlp }) => [count, mlp.kind])).toEqual([
      [3, "dense"],
      [58, "mixture"],
    ]);
    expect(checkpointQuantization).toEqual({ method: "fp8", blockShape: [128, 128] });
  });

  test("YaRN lengthens the context that the engine accepts", () => {
    const rope = { rope_type: "yarn", factor: 4, original_max_position_embeddings: 32768 };
    const config = { ...LLAMA_3_1_8B, max_position_embeddings: 40960, rope_parameters: rope };
    expect(architectureOf(config).maxPositionEmbeddings).toBe(131072);
  });

  test("a model type that is not known is sized by its fields and marked", () => {
    expect(architectureOf({ ...LLAMA_3_1_8B, model_type: "brand_new" }).basis).toBe("extrapolated");
  });

  test("compressed-tensors tell bits, group size and symmetry", () => {
    const weights = { num_bits: 4, type: "int", group_size: 128, symmetric: true };
    const quantization_config = { quant_method: "compressed-tensors", config_groups: { group_0: { weights } } };
    expect(architectureOf({ ...LLAMA_3_1_8B, quantization_config }).checkpointQuantization).toEqual({
      method: "compressed-tensors",
      bits: 4,
      groupSize: 128,
      zeroPoints: false,
      isInteger: true,
    });
  });
});

const BAD: readonly (readonly [string, unknown, readonly string[]])[] = [
  ["no object", [], ["modelConfig is []: the object of a config.json is wanted"]],
  [
    "zero layers",
    { ...LLAMA_3_1_8B, num_hidden_layers: 0 },
    ["num_hidden_layers is 0: a whole number from 1 to 1,024 is wanted"],
  ],
  [
    "too many layers",
    { ...LLAMA_3_1_8B, num_hidden_layers: 1e12 },
    ["num_hidden_layers is 1000000000000: a whole number from 1 to 1,024 is wanted"],
  ],
  [
    "a negative width",
    { ...LLAMA_3_1_8B, hidden_size: -4096 },
    ["hidden_size is -4096: a whole number from 8 to 262,144 is wanted"],
  ],
  [
    "a fraction",
    { ...LLAMA_3_1_8B, intermediate_size: 1.5 },
    ["intermediate_size is 1.5: a whole number from 1 to 4,194,304 is wanted"],
  ],
  [
    "NaN",
    { ...LLAMA_3_1_8B, vocab_size: Number.NaN },
    ["vocab_size is NaN: a whole number from 1 to 8,388,608 is wanted"],
  ],
  [
    "a text",
    { ...LLAMA_3_1_8B, vocab_size: "128256" },
    ['vocab_size is "128256": a whole number from 1 to 8,388,608 is wanted'],
  ],
  ["head_dim 0", { ...LLAMA_3_1_8B, head_dim: 0 }, ["head_dim is 0: a whole number from 1 to 16,384 is wanted"]],
  [
    "heads that do not divide",
    { ...LLAMA_3_1_8B, num_attention_heads: 24, num_key_value_heads: 7, head_dim: 128 },
    ["num_key_value_heads 7 does not divide num_attention_heads 24"],
  ],
  [
    "a width that heads do not divide",
    { ...LLAMA_3_1_8B, num_attention_heads: 24 },
    ["num_attention_heads 24 does not divide hidden_size 4096, and head_dim is not given"],
  ],
  [
    "more experts a token than experts",
    { ...LLAMA_3_1_8B, num_experts: 8, num_experts_per_tok: 9 },
    ["num_experts_per_tok 9 is more than num_experts 8"],
  ],
  [
    "layer types of another length",
    { ...LLAMA_3_1_8B, layer_types: ["full_attention"] },
    ["layer_types names 1 layers, but num_hidden_layers is 32"],
  ],
  [
    "more dense layers than layers",
    { ...DEEPSEEK_V3, first_k_dense_replace: 99 },
    ["first_k_dense_replace 99 is more than num_hidden_layers 61"],
  ],
  [
    "an encoder-decoder",
    { ...LLAMA_3_1_8B, model_type: "new_t5", is_encoder_decoder: true },
    ['model_type "new_t5" is an encoder-decoder model, which has no sizing formula'],
  ],
  [
    "a pattern of another length",
    { ...LLAMA_3_1_8B, model_type: "nemotron_h", hybrid_override_pattern: "M-*" },
    ["hybrid_override_pattern has 3 layers, but num_hidden_layers is 32"],
  ],
  [
    "blocks without a size",
    { ...LLAMA_3_1_8B, quantization_config: { quant_method: "fp8", weight_block_size: [0, 128] } },
    ["quantization_config.weight_block_size is [0,128]: a pair of whole numbers is wanted"],
  ],
  [
    "a tower of negative depth",
    { ...LLAMA_3_1_8B, vision_config: { hidden_size: 1152, num_hidden_layers: -1 } },
    ["vision_config: num_hidden_layers is -1: a whole number from 1 to 1,024 is wanted"],
  ],
  [
    "an architecture without a formula",
    { model_type: "rwkv" },
    ['model_type "rwkv" has no sizing formula: its memory cannot be predicted'],
  ],
];

describe("faults", () => {
  test.each(BAD)("%s is refused, and the fault names field and value", (_, config, faults) => {
    expect(faultsOf(config)).toEqual(faults);
  });

  test("all faults of a config are told at once", () => {
    expect(faultsOf({ model_type: "llama" }).map((fault) => fault.split(" ")[0])).toEqual([
      "hidden_size",
      "vocab_size",
      "num_hidden_layers",
      "num_attention_heads",
      "intermediate_size",
    ]);
  });
});
