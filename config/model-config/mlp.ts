import type { DenseMlp, MixtureMlp } from "../../sizing/model/architecture";
import type { FieldReader } from "./fields";
import { ATTENTION_FREE, EXPERTS_OF_OWN_WIDTH, type FamilyTraits } from "./model-families";

type MlpOfLayer = (layer: number) => DenseMlp | MixtureMlp;

/** Of layers that are a mixer alone. */
export const NO_MLP: DenseMlp = { kind: "dense", intermediateSize: 0, gated: false };

/** The feed-forward part of each layer: dense, or experts where the config has them. */
export function mlpOfLayer(reader: FieldReader, traits: FamilyTraits, layers: number): MlpOfLayer {
  const experts = reader.optionalCount("num_experts", 0) ?? 0;
  const bias = traits.mlpBias ?? reader.flag("mlp_bias", false);
  const extra = bias ? { bias } : {};
  const gated = traits.gated ?? true;
  if (experts <= 1) {
    const dense = { kind: "dense", intermediateSize: denseWidth(reader), gated, ...extra } as const;
    return mlpLayersOnly(reader, () => dense);
  }
  const mixture = { ...mixtureMlp(reader, traits, experts, gated), ...extra };
  const isMixture = mixtureLayers(reader, layers);
  const dense = {
    kind: "dense",
    intermediateSize: reader.optionalCount("intermediate_size_mlp") ?? reader.optionalCount("intermediate_size") ?? 0,
    gated,
    ...extra,
  } as const;
  return mlpLayersOnly(reader, (layer) => (isMixture(layer) ? mixture : dense));
}

/** Nemotron-H alternates mixers and MLPs as layers of their own; everywhere else a layer has both. */
function mlpLayersOnly(reader: FieldReader, mlp: MlpOfLayer): MlpOfLayer {
  const hybrid = reader.text("hybrid_override_pattern");
  if (hybrid === undefined) return mlp;
  return (layer) => (hybrid[layer] === "-" || hybrid[layer] === "E" ? mlp(layer) : NO_MLP);
}

/** GPT-2 and GPT-NeoX leave the width out when it is four times the hidden size; Mamba has none. */
function denseWidth(reader: FieldReader): number {
  const modelType = reader.text("model_type") ?? "";
  if (ATTENTION_FREE.has(modelType)) return 0;
  const mayMiss = ["gpt2", "opt", "gpt_neox", "phi"].includes(modelType) && !reader.has("intermediate_size");
  return mayMiss ? 4 * reader.count("hidden_size") : reader.count("intermediate_size");
}

function mixtureMlp(reader: FieldReader, traits: FamilyTraits, experts: number, gated: boolean): MixtureMlp {
  const width = expertWidth(reader, traits);
  const shared = reader.optionalCount("n_shared_experts", 0) ?? 0;
  const expertsPerToken = reader.count("num_experts_per_tok");
  if (expertsPerToken > experts) {
    reader.faults.push(`num_experts_per_tok ${expertsPerToken} is more than num_experts ${experts}`);
  }
  const sharedWidth = traits.sharedExpertLikeRouted === true ? width : shared * width;
  return {
    kind: "mixture",
    experts,
    expertsPerToken,
    expertIntermediateSize: width,
    sharedIntermediateSize: reader.optionalCount("shared_expert_intermediate_size", 0) ?? sharedWidth,
    gated,
  };
}

/** The width of dense layers is that of the experts in some families, and may be where the family is not known. */
function expertWidth(reader: FieldReader, traits: FamilyTraits): number {
  if (traits.expertsUseIntermediateSize === true) return reader.count("intermediate_size");
  const needsOwn = EXPERTS_OF_OWN_WIDTH.has(reader.text("model_type") ?? "");
  if (needsOwn || reader.has("moe_intermediate_size")) return reader.count("moe_intermediate_size");
  return reader.count("intermediate_size");
}

/** Which layers have experts: DeepSeek's first dense ones, Qwen's sparse step, Llama 4's interleaving. */
function mixtureLayers(reader: FieldReader, layers: number): (layer: number) => boolean {
  const firstDense =
    reader.optionalCount("first_k_dense_replace", 0) ?? reader.optionalCount("moe_layer_start_index", 0) ?? 0;
  if (firstDense > layers) {
    reader.faults.push(`first_k_dense_replace ${firstDense} is more than num_hidden_layers ${layers}`);
  }
  const step =
    reader.optionalCount("decoder_sparse_step") ??
    reader.optionalCount("interleave_moe_layer_step") ??
    reader.optionalCount("moe_layer_freq") ??
    1;
  const expertPeriod = reader.optionalCount("expert_layer_period");
  const expertOffset = reader.optionalCount("expert_layer_offset", 0) ?? 1;
  const denseLayers = new Set(reader.indices("mlp_only_layers"));
  const moeLayers = reader.indices("moe_layers");
  return (layer) => {
    if (layer < firstDense || denseLayers.has(layer)) return false;
    if (moeLayers.length > 0) return moeLayers.includes(layer);
    if (expertPeriod !== undefined) return layer % expertPeriod === expertOffset;
    return (layer + 1) % step === 0;
  };
}
