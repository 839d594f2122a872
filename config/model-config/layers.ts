import type {
  Attention,
  DenseMlp,
  GroupedQueryAttention,
  LayerGroup,
  MixtureMlp,
} from "../../sizing/model/architecture";
import type { FieldReader } from "./fields";
import { mlpOfLayer, NO_MLP } from "./mlp";
import { ATTENTION_FREE, type FamilyTraits, type LayerPattern } from "./model-families";
import { recurrentAttention } from "./recurrent";

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

/** Two mixers count as two layers, of which only the last has the MLP. */
function layerParts(
  mixers: readonly Attention[],
  mlp: DenseMlp | MixtureMlp,
  traits: FamilyTraits,
): readonly LayerGroup[] {
  const norms = traits.normVectors === undefined ? {} : { normVectors: traits.normVectors };
  return mixers.map((attention, index) => ({
    count: 1,
    attention,
    mlp: index === mixers.length - 1 ? mlp : NO_MLP,
    ...norms,
  }));
}

const NO_ATTENTION: Attention = { kind: "recurrent", projectionParameters: 0, stateBytesPerSequence: 0 };

function sameShape(a: LayerGroup, b: LayerGroup): boolean {
  return JSON.stringify({ ...a, count: 0 }) === JSON.stringify({ ...b, count: 0 });
}

/** Falcon-H1 runs a recurrent and an attention mixer side by side in a layer; every other model has one. */
type AttentionOfLayer = (layer: number) => readonly Attention[];

function attentionOfLayer(reader: FieldReader, traits: FamilyTraits, layers: number): AttentionOfLayer {
  if (reader.has("kv_lora_rank")) {
    const latent = latentAttention(reader);
    return () => [latent];
  }
  const modelType = reader.text("model_type") ?? "";
  if (ATTENTION_FREE.has(modelType)) {
    const mixers = [recurrentAttention(reader, modelType)];
    return () => mixers;
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
  const byKind: Readonly<Record<LayerKind, readonly Attention[]>> = {
    full: [full],
    window: [windowed],
    recurrent: recurrent ? [recurrent] : [],
    both: recurrent ? [recurrent, full] : [],
    none: [NO_ATTENTION],
  };
  return (layer) => byKind[kinds[layer] ?? "full"];
}

type LayerKind = "full" | "window" | "recurrent" | "both" | "none";

function layerKinds(reader: FieldReader, traits: FamilyTraits, layers: number): readonly LayerKind[] {
  const named = reader.names("layer_types") ?? reader.names("layers_block_type");
  if (named) {
    if (named.length !== layers) {
      reader.faults.push(`layer_types names ${named.length} layers, but num_hidden_layers is ${layers}`);
    }
    return named.map((name, layer) => kindOfName(reader, name, layer));
  }
  const hybrid = reader.text("hybrid_override_pattern");
  if (hybrid !== undefined) {
    if (hybrid.length !== layers) {
      reader.faults.push(`hybrid_override_pattern has ${hybrid.length} layers, but num_hidden_layers is ${layers}`);
    }
    return hybrid.split("").map(kindOfLetter);
  }
  if (reader.text("model_type") === "nemotron_h" && !reader.has("hybrid_override_pattern")) {
    reader.faults.push("hybrid_override_pattern is missing: one letter a layer, or layers_block_type, is wanted");
  }
  const all = Array.from({ length: layers }, (_, layer) => layer);
  return all.map((layer) => kindByPattern(reader, traits, layer));
}

const KINDS_BY_NAME: ReadonlyMap<string, LayerKind> = new Map([
  ["full_attention", "full"],
  ["sliding_attention", "window"],
  ["chunked_attention", "window"],
  ["linear_attention", "recurrent"],
  ["attention", "full"],
  ["mamba", "recurrent"],
  ["moe", "none"],
  ["mlp", "none"],
]);

function kindOfName(reader: FieldReader, name: string, layer: number): LayerKind {
  const kind = KINDS_BY_NAME.get(name);
  if (kind === undefined) {
    reader.fault(`layer_types[${layer}]`, name, `one of ${[...KINDS_BY_NAME.keys()].join(", ")} is wanted`);
  }
  return kind ?? "full";
}

/** Nemotron-H writes its layers as letters: M a Mamba mixer, * attention, the rest an MLP. */
function kindOfLetter(letter: string): LayerKind {
  if (letter === "M") return "recurrent";
  return letter === "*" ? "full" : "none";
}

function kindByPattern(reader: FieldReader, traits: FamilyTraits, layer: number): LayerKind {
  const isEvery = (length: number): boolean => (layer + 1) % length === 0;
  const kinds: Readonly<Record<LayerPattern, () => LayerKind>> = {
    "every-other-slides": () => (layer % 2 === 0 ? "window" : "full"),
    "one-in-n-full": () => (reader.has("sliding_window") && !isEvery(patternLength(reader)) ? "window" : "full"),
    "llama4-chunks": () => (isEvery(reader.optionalCount("no_rope_layer_interval") ?? 4) ? "full" : "window"),
    "linear-one-in-four-full": () =>
      isEvery(reader.optionalCount("full_attention_interval") ?? 4) ? "full" : "recurrent",
    "by-config": () => kindByIndices(reader, layer),
    // Mistral and Phi-3 slide in every layer when a window is given; Qwen2 only when told to use it.
    full: () => (reader.has("sliding_window") && slidesEverywhere(reader) ? "window" : "full"),
  };
  return kinds[traits.pattern ?? "full"]();
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
  // Stand-ins of faulty fields would contradict each other too.
  const isSound = reader.faults.length === 0;
  if (isSound && stated === undefined && hidden % queryHeads !== 0) {
    reader.faults.push(
      `num_attention_heads ${queryHeads} does not divide hidden_size ${hidden}, and head_dim is not given`,
    );
  }
  if (isSound && queryHeads % kvHeads !== 0) {
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
