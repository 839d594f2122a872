import { z } from "zod";
import type { ModelArchitecture } from "../sizing/model/architecture";
import { asFields, FieldReader, shown, type Fields } from "./model-config/fields";
import { readLayers } from "./model-config/layers";
import { ATTENTION_FREE, FAMILIES, REFUSED, WRAPPERS, type FamilyTraits } from "./model-config/model-families";
import { readCheckpointQuantization } from "./model-config/quantization";
import { checkRotary, contextTokens, rotaryBytes } from "./model-config/rotary";
import { towerParameters } from "./model-config/towers";

export type ParsedModelConfig =
  | {
      readonly ok: true;
      readonly architecture: ModelArchitecture;
      /** The file states no longest context, and the model has one. */
      readonly isContextUnstated: boolean;
    }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Keys under which wrappers keep the language model, outermost first. */
const LANGUAGE_SECTIONS = ["thinker_config", "text_config", "llm_config", "language_config"] as const;

/** Taken where the file states no longest context; recurrent models have none. */
const UNSTATED_CONTEXT = 131_072;

/** A Hugging Face config.json → architecture. Every fault is gathered, and each names its field and value. */
export function parseModelConfig(config: unknown): ParsedModelConfig {
  const parsed = z.record(z.string(), z.unknown()).safeParse(config);
  if (!parsed.success) return refused(`modelConfig is ${shown(config)}: the object of a config.json is wanted`);
  const outer = parsed.data;
  const fields = languageFields(outer);
  const modelType = typeof fields["model_type"] === "string" ? fields["model_type"] : undefined;
  const refusal = refusalOf(outer, modelType);
  if (refusal !== undefined) return refused(refusal);
  const faults = wrongSections(outer);
  return faults.length > 0 ? { ok: false, faults } : readArchitecture(outer, fields, modelType ?? "unknown");
}

/** Parts of a wrapper that are no objects, and a type that is no name. */
function wrongSections(outer: Fields): string[] {
  const reader = new FieldReader(outer);
  for (const section of [...LANGUAGE_SECTIONS, "vision_config", "rope_scaling"]) reader.section(section);
  reader.text("model_type");
  return reader.faults;
}

function readArchitecture(outer: Fields, fields: Fields, modelType: string): ParsedModelConfig {
  const known = FAMILIES[modelType];
  const traits: FamilyTraits = known ?? {};
  const reader = new FieldReader({ ...fields, model_type: modelType }, traits.defaults);
  const hiddenSize = reader.count("hidden_size");
  const vocabularySize = reader.count("vocab_size");
  const statedPositions = reader.optionalCount("max_position_embeddings");
  const maxPositionEmbeddings = statedPositions ?? UNSTATED_CONTEXT;
  const tied = reader.flag("tie_word_embeddings", flagOf(outer, "tie_word_embeddings") ?? traits.tied ?? false);
  const layerGroups = readLayers(reader, traits);
  const quantization =
    readCheckpointQuantization(outer, reader.faults) ?? readCheckpointQuantization(fields, reader.faults);
  checkRotary(reader);
  const tower = towerParameters(outer, modelType, hiddenSize, reader.faults);
  const faults = [...new Set(reader.faults)];
  if (faults.length > 0) return { ok: false, faults };
  const rotaryTableBytes =
    traits.learnedPositions === true
      ? 0
      : rotaryBytes(reader, layerGroups[0]?.attention, traits, maxPositionEmbeddings);
  return {
    ok: true,
    isContextUnstated: statedPositions === undefined && !ATTENTION_FREE.has(modelType),
    architecture: {
      modelType,
      hiddenSize,
      vocabularySize,
      layerGroups,
      tiedEmbeddings: tied,
      maxPositionEmbeddings: contextTokens(reader, maxPositionEmbeddings),
      ...(quantization === undefined ? {} : { checkpointQuantization: quantization }),
      towerParameters: tower,
      ...(traits.learnedPositions === true ? { positionRows: maxPositionEmbeddings } : {}),
      rotaryTableBytes,
      basis: known ? "computed" : "extrapolated",
    },
  };
}

/** The language part with the wrapper's own fields as fallback: some files repeat them, some leave them outside. */
function languageFields(outer: Fields): Fields {
  let fields = outer;
  for (const section of LANGUAGE_SECTIONS) {
    const nested = asFields(fields[section]);
    if (nested) {
      const { model_type: wrapperType, quantization_config: _quantization, ...rest } = fields;
      const type = nested["model_type"] ?? textTypeOfWrapper(wrapperType);
      fields = { ...rest, ...withoutNulls(nested), ...(type === undefined ? {} : { model_type: type }) };
    }
  }
  return fields;
}

/** Wrappers such as Qwen2.5-VL give their language part no type of its own. */
function textTypeOfWrapper(wrapperType: unknown): string | undefined {
  if (typeof wrapperType !== "string") return undefined;
  return WRAPPERS.has(wrapperType) ? "llama" : wrapperType;
}

function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function refusalOf(outer: Fields, modelType: string | undefined): string | undefined {
  const types = [outer["model_type"], modelType].filter((type): type is string => typeof type === "string");
  const named = types.find((type) => REFUSED.has(type));
  if (named !== undefined) return `model_type "${named}" has no sizing formula: its memory cannot be predicted`;
  if (outer["is_encoder_decoder"] === true) {
    return `model_type "${types[0] ?? "unknown"}" is an encoder-decoder model, which has no sizing formula`;
  }
  return undefined;
}

function flagOf(fields: Fields, name: string): boolean | undefined {
  const value = fields[name];
  return typeof value === "boolean" ? value : undefined;
}

function refused(fault: string): ParsedModelConfig {
  return { ok: false, faults: [fault] };
}
