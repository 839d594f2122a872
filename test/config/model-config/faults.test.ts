import { describe, expect, test } from "vitest";
import { parseModelConfig } from "../../../config/model-config";
import { DEEPSEEK_V3, GEMMA_3_12B, LLAMA_3_1_8B, QWEN3_32B_CONFIG, QWEN3_NEXT } from "../model-configs";

function faultsOf(config: unknown): readonly string[] {
  const parsed = parseModelConfig(config);
  return parsed.ok ? [] : parsed.faults;
}

const MIXTURE = {
  ...QWEN3_32B_CONFIG,
  model_type: "qwen3_moe",
  num_experts: 8,
  num_experts_per_tok: 2,
  moe_intermediate_size: 768,
};
const HYBRID = { ...LLAMA_3_1_8B, model_type: "nemotron_h", mamba_num_heads: 128, mamba_head_dim: 64 };

describe("values of the wrong type are named instead of left unread", () => {
  test.each<[string, object, Readonly<Record<string, unknown>>]>([
    ["model_type is 1.5: a name is wanted", LLAMA_3_1_8B, { model_type: 1.5 }],
    ["vision_config is 7: an object is wanted", LLAMA_3_1_8B, { vision_config: 7 }],
    ['text_config is ["a"]: an object is wanted', LLAMA_3_1_8B, { text_config: ["a"] }],
    ['rope_scaling is "x": an object is wanted', LLAMA_3_1_8B, { rope_scaling: "x" }],
    ["rope_scaling.rope_type is 3: a name is wanted", LLAMA_3_1_8B, { rope_scaling: { rope_type: 3, factor: 2 } }],
    [
      "rope_scaling.factor is -4: a number from 1 to 10,000 is wanted",
      LLAMA_3_1_8B,
      { rope_scaling: { rope_type: "yarn", factor: -4 } },
    ],
    ['mlp_only_layers is "x": a list of layer numbers is wanted', MIXTURE, { mlp_only_layers: "x" }],
    [
      "quantization_config.quant_method is 8: a name is wanted",
      LLAMA_3_1_8B,
      { quantization_config: { quant_method: 8 } },
    ],
    ["hybrid_override_pattern is 7: a name is wanted", HYBRID, { hybrid_override_pattern: 7 }],
    ["intermediate_size is 0: a whole number from 1 to 4,194,304 is wanted", LLAMA_3_1_8B, { intermediate_size: 0 }],
    ["hidden_size is 1: a whole number from 8 to 262,144 is wanted", QWEN3_32B_CONFIG, { hidden_size: 1 }],
  ])("%s", (fault, config, change) => {
    expect(faultsOf({ ...config, ...change })).toEqual([fault]);
  });

  test("a layer type that nobody knows is named", () => {
    const layer_types = Array.from({ length: 48 }, (_, layer) =>
      layer === 3 ? "quantum_attention" : "full_attention",
    );
    expect(faultsOf({ ...GEMMA_3_12B, text_config: { ...GEMMA_3_12B.text_config, layer_types } })).toEqual([
      'layer_types[3] is "quantum_attention": one of full_attention, sliding_attention, chunked_attention, linear_attention, attention, mamba, moe, mlp is wanted',
    ]);
  });
});

describe("fields that the type needs", () => {
  test("the width of the experts is not taken from the dense layers", () => {
    const { moe_intermediate_size: _, ...config } = MIXTURE;
    expect(faultsOf(config)).toEqual(["moe_intermediate_size is missing: a whole number is wanted"]);
    const { moe_intermediate_size: __, ...latent } = DEEPSEEK_V3;
    expect(faultsOf(latent)).toEqual(["moe_intermediate_size is missing: a whole number is wanted"]);
  });

  test("the linear attention of Qwen3-Next is not sized as a Mamba mixer", () => {
    const { linear_num_value_heads: _, ...config } = QWEN3_NEXT;
    expect(faultsOf(config)).toEqual(["linear_num_value_heads is missing: a whole number is wanted"]);
  });

  test("Nemotron-H without the kinds of its layers is refused", () => {
    expect(faultsOf(HYBRID)).toEqual([
      "hybrid_override_pattern is missing: one letter a layer, or layers_block_type, is wanted",
    ]);
  });
});
