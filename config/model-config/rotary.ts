import type { Attention } from "../../sizing/model/architecture";
import { asFields, type FieldReader, type Fields } from "./fields";
import type { FamilyTraits } from "./model-families";

const BYTES_16_BIT = 2;
const LARGEST_FACTOR = 10_000;

/**
 * Tables of angles that the engine keeps on every GPU: rows × rotary width × 2 bytes, one a distinct rotary setting.
 * Scaling stretches the rows (`vllm/model_executor/layers/rotary_embedding`): linear by its factor over all positions,
 * YaRN by its factor over the original ones; long-rope keeps a short and a long table.
 */
export function rotaryBytes(
  reader: FieldReader,
  first: Attention | undefined,
  traits: FamilyTraits,
  positions: number,
): number {
  if (first === undefined) return 0;
  const rowBytes = rotaryWidth(reader, first) * BYTES_16_BIT;
  const scaled = scaledRows(reader, positions);
  // Gemma 3's sliding layers have an unscaled table of their own.
  const isDouble = reader.has("rope_local_base_freq") || traits.defaults?.["sliding_window_pattern"] === 6;
  return (scaled + (isDouble ? positions : 0)) * rowBytes;
}

/** Longest context that the engine accepts: scaling by a factor lengthens it (`vllm/config/model.py`), Gemma 3's does not. */
export function contextTokens(reader: FieldReader, positions: number): number {
  const scaling = scalingOf(reader);
  const type = scaling?.["rope_type"] ?? scaling?.["type"];
  const isFixed = typeof type !== "string" || ["default", "llama3", "longrope", "su", "mrope"].includes(type);
  if (scaling === undefined || isFixed || (reader.text("model_type") ?? "").startsWith("gemma3")) return positions;
  return Math.max(positions, scaledRows(reader, positions));
}

/** Faults of the scaling, where it is given; types that are not known lengthen nothing. */
export function checkRotary(reader: FieldReader): void {
  reader.section("rope_scaling");
  const scaling = scalingOf(reader);
  if (scaling === undefined) return;
  const type = scaling["rope_type"] ?? scaling["type"] ?? undefined;
  if (type !== undefined && typeof type !== "string") {
    reader.fault("rope_scaling.rope_type", type, "a name is wanted");
  }
  const factor = scaling["factor"] ?? undefined;
  const isFactor = typeof factor === "number" && factor >= 1 && factor <= LARGEST_FACTOR;
  if (factor === undefined || isFactor) return;
  reader.fault("rope_scaling.factor", factor, `a number from 1 to ${LARGEST_FACTOR.toLocaleString("en-US")} is wanted`);
}

function scalingOf(reader: FieldReader): Fields | undefined {
  return asFields(reader.raw("rope_scaling")) ?? asFields(reader.raw("rope_parameters"));
}

function rotaryWidth(reader: FieldReader, attention: Attention): number {
  const factor = reader.raw("partial_rotary_factor") ?? reader.raw("rotary_pct");
  const share = typeof factor === "number" && factor > 0 && factor <= 1 ? factor : 1;
  if (attention.kind === "latent") return attention.ropeHeadDim;
  const headDim = attention.kind === "grouped-query" ? attention.headDim : (reader.optionalCount("head_dim") ?? 0);
  return Math.round(headDim * share);
}

function scaledRows(reader: FieldReader, positions: number): number {
  const scaling = scalingOf(reader);
  if (scaling === undefined) return positions;
  const type = scaling["rope_type"] ?? scaling["type"];
  const factor = positive(scaling, "factor") ?? 1;
  const original = positive(scaling, "original_max_position_embeddings") ?? positions;
  if (type === "linear" || type === "dynamic") return Math.round(positions * factor);
  if (type === "yarn" || type === "deepseek_yarn") return Math.round(original * factor);
  if (type === "longrope" || type === "su") {
    return positions + (reader.optionalCount("original_max_position_embeddings") ?? original);
  }
  return positions;
}

function positive(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === "number" && value > 0 && value < 1e10 ? value : undefined;
}
