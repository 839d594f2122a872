import type { Attention, DenseMlp, GroupedQueryAttention, LayerGroup, MixtureMlp } from "../sizing/architecture";
import type { FieldReader } from "./model-config-fields";
import type { FamilyTraits } from "./model-families";
import { recurrentAttention } from "./model-config-recurrent";

/** The layers of a model in their order; equal neighbours are merged. Faults go to the reader. */
export function readLayers(reader: FieldReader, traits: FamilyTraits): readonly LayerGroup[] {
  const layers = reader.count("num_hidden_layers");
  const attention = attentionOfLayer(reader, traits, layers);
  const mlp = mlpOfLayer(reader, traits, layers);
  if (reader.faults.length > 0) return [];
  const groups: LayerGroup[] = [];
  for (let index = 0; index < layers; index++) {
    for (const part of layerParts(attention(index), mlp(index), traits)) {
      const last = groups.at(-1);
      if (last && sameShape(last, part)) groups[groups.length - 1] = { ...last, count: last.count + 1 };
      else groups.push(part);
    }
  }
  return groups;
}

type AttentionOfLayer = (layer: number) => Attention | readonly Attention[];
type MlpOfLayer = (layer: number) => DenseMlp | MixtureMlp;

function layerParts(
  attention: Attention | readonly Attention[],
  mlp: DenseMlp | MixtureMlp,
  traits: FamilyTraits,
): readonly LayerGroup[] {
  const norms = traits.normVectors === undefined ? {} : { normVectors: traits.normVectors };
  if (!Array.isArray(attention)) return [{ count: 1, attention: attention as Attention, mlp, ...norms }];
  // Falcon-H1 runs a recurrent and an attention mixer side by side: two layers, of which only the last has the MLP.
  const mixers = attention as readonly Attention[];
  return mixers.map((mixer, index) => ({
    count: 1,
    attention: mixer,
    mlp: index === mixers.length - 1 ? mlp : NO_MLP,
    ...norms,
  }));
}

const NO_MLP: DenseMlp = { kind: "dense", intermediateSize: 0, gated: false };
const NO_ATTENTION: Attention = { kind: "recurrent", projectionParameters: 0, stateBytesPerSequence: 0 };

function sameShape(a: LayerGroup, b: LayerGroup): boolean {
  return JSON.stringify({ ...a, count: 0 }) === JSON.stringify({ ...b, count: 0 });
}

function attentionOfLayer(reader: FieldReader, traits: FamilyTraits, layers: number): AttentionOfLayer {
  if (reader.has("kv_lora_rank")) {
    const latent = latentAttention(reader);
    return () => latent;
  }
  const modelType = reader.text("model_type") ?? "";
  if (["mamba", "mamba2", "falcon_mamba"].includes(modelType)) {
    const recurrent = recurrentAttention(reader, modelType);
    return () => recurrent;
  }
  const full = groupedQueryAttention(reader, traits);
  const windowTokens = reader.optionalCount("sliding_window") ?? reader.optionalCount("attention_chunk_size");
  const windowed: GroupedQueryAttention =
    windowTokens === undefined
      ? full
      : { ...full, windowTokens, ...(traits.pattern === "llama4-chunks" ? { chunkedWindow: true } : {}) };
  const kinds = layerKinds(reader, traits, layers);
  const recurrent = kinds.some((kind) => kind === "recurrent" || kind === "both")
    ? recurrentAttention(reader, modelType)
    : undefined;
  return (layer) => {
    switch (kinds[layer]) {
      case "window":
        return windowed;
      case "recurrent":
        return recurrent ?? full;
      case "both":
        return recurrent ? [recurrent, full] : full;
      case "none":
        return NO_ATTENTION;
      default:
        return full;
    }
  };
}

type LayerKind = "full" | "window" | "recurrent" | "both" | "none";

function layerKinds(reader: FieldReader, traits: FamilyTraits, layers: number): readonly LayerKind[] {
  const named = reader.names("layer_types") ?? reader.names("layers_block_type");
  if (named) {
    if (named.length !== layers) {
      reader.faults.push(`layer_types names ${named.length} layers, but num_hidden_layers is ${layers}`);
    }
    return named.map(kindOfName);
  }
  const hybrid = reader.text("hybrid_override_pattern");
  if (hybrid !== undefined)
    return [...hybrid].map((letter) => (letter === "M" ? "recurrent" : letter === "*" ? "full" : "none"));
  const all = Array.from({ length: layers }, (_, layer) => layer);
  return all.map((layer) => kindByPattern(reader, traits, layer));
}

function kindOfName(name: string): LayerKind {
  if (name === "sliding_attention" || name === "chunked_attention") return "window";
  if (name === "linear_attention" || name === "mamba" || name === "conv") return "recurrent";
  return name === "moe" || name === "mlp" ? "none" : "full";
}

function kindByPattern(reader: FieldReader, traits: FamilyTraits, layer: number): LayerKind {
  switch (traits.pattern ?? "full") {
    case "every-other-slides":
      return layer % 2 === 0 ? "window" : "full";
    case "one-in-n-full": {
      const every = patternLength(reader);
      return reader.has("sliding_window") && (layer + 1) % every !== 0 ? "window" : "full";
    }
    case "llama4-chunks":
      return (layer + 1) % (reader.optionalCount("no_rope_layer_interval") ?? 4) === 0 ? "full" : "window";
    case "linear-one-in-four-full":
      return (layer + 1) % (reader.optionalCount("full_attention_interval") ?? 4) === 0 ? "full" : "recurrent";
    case "by-config":
      return kindByIndices(reader, layer);
    case "full":
      // Mistral and Phi-3 slide in every layer when a window is given; Qwen2 only when told to use it.
      return reader.has("sliding_window") && slidesEverywhere(reader) ? "window" : "full";
  }
}

function patternLength(reader: FieldReader): number {
  const pattern = reader.raw("sliding_window_pattern");
  if (typeof pattern === "string") return Math.max(1, pattern.length);
  return reader.optionalCount("sliding_window_pattern") ?? 6;
}

function slidesEverywhere(reader: FieldReader): boolean {
  const window = reader.optionalCount("sliding_window") ?? 0;
  const modelType = reader.text("model_type") ?? "";
  if (modelType.startsWith("qwen")) return reader.flag("use_sliding_window", false) && !reader.has("max_window_layers");
  return window < (reader.optionalCount("max_position_embeddings") ?? Number.MAX_SAFE_INTEGER);
}

function kindByIndices(reader: FieldReader, layer: number): LayerKind {
  const modelType = reader.text("model_type");
  if (modelType === "falcon_h1") return "both";
  if (modelType === "jamba") {
    const period = reader.optionalCount("attn_layer_period") ?? 8;
    return layer % period === (reader.optionalCount("attn_layer_offset", 0) ?? 4) ? "full" : "recurrent";
  }
  return reader.indices("attn_layer_indices").includes(layer) ? "full" : "recurrent";
}

function groupedQueryAttention(reader: FieldReader, traits: FamilyTraits): GroupedQueryAttention {
  const hidden = reader.count("hidden_size");
  const queryHeads = reader.count("num_attention_heads");
  const multiQuery = reader.flag("multi_query", false) && !reader.has("num_key_value_heads");
  const kvHeads = multiQuery ? 1 : (reader.optionalCount("num_key_value_heads") ?? queryHeads);
  const stated = reader.optionalCount("head_dim", 1);
  if (stated === undefined && !reader.has("head_dim") && hidden % queryHeads !== 0) {
    reader.faults.push(
      `num_attention_heads ${queryHeads} does not divide hidden_size ${hidden}, and head_dim is not given`,
    );
  }
  if (queryHeads % kvHeads !== 0) {
    reader.faults.push(`num_key_value_heads ${kvHeads} does not divide num_attention_heads ${queryHeads}`);
  }
  const bias = reader.flag(
    "attention_bias",
    reader.flag("qkv_bias", reader.flag("use_qkv_bias", reader.flag("use_bias", false))),
  );
  const qkvBias = traits.projectionBias ?? bias;
  const outputBias = traits.outputBias ?? (reader.flag("attention_bias", false) && traits.projectionBias === undefined);
  return {
    kind: "grouped-query",
    queryHeads,
    kvHeads,
    headDim: stated ?? Math.max(1, Math.floor(hidden / queryHeads)),
    projectionBias: qkvBias,
    ...(outputBias ? { outputBias } : {}),
    ...(traits.outputGate === true && reader.flag("attn_output_gate", true) ? { outputGate: true } : {}),
    headNorm: traits.headNorm ?? reader.flag("use_qk_norm", reader.flag("qk_norm", false)),
  };
}

function latentAttention(reader: FieldReader): Attention {
  const queryLoraRank = reader.optionalCount("q_lora_rank");
  return {
    kind: "latent",
    queryHeads: reader.count("num_attention_heads"),
    ...(queryLoraRank === undefined ? {} : { queryLoraRank }),
    kvLoraRank: reader.count("kv_lora_rank"),
    nopeHeadDim: reader.optionalCount("qk_nope_head_dim") ?? 128,
    ropeHeadDim: reader.optionalCount("qk_rope_head_dim") ?? 64,
    valueHeadDim: reader.optionalCount("v_head_dim") ?? 128,
  };
}

function mlpOfLayer(reader: FieldReader, traits: FamilyTraits, layers: number): MlpOfLayer {
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
  const width = reader.optionalCount("intermediate_size", 0);
  if (width !== undefined || reader.has("intermediate_size")) return isMamba(reader) ? 0 : (width ?? 0);
  const modelType = reader.text("model_type") ?? "";
  if (["gpt2", "opt", "gpt_neox", "phi"].includes(modelType)) return 4 * reader.count("hidden_size");
  return isMamba(reader) ? 0 : reader.count("intermediate_size");
}

function isMamba(reader: FieldReader): boolean {
  return ["mamba", "mamba2", "falcon_mamba"].includes(reader.text("model_type") ?? "");
}

function mixtureMlp(reader: FieldReader, traits: FamilyTraits, experts: number, gated: boolean): MixtureMlp {
  const width =
    traits.expertsUseIntermediateSize === true
      ? reader.count("intermediate_size")
      : (reader.optionalCount("moe_intermediate_size") ?? reader.count("intermediate_size"));
  const shared = reader.optionalCount("n_shared_experts", 0) ?? reader.optionalCount("num_shared_experts", 0) ?? 0;
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
