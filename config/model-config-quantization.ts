import type { CheckpointQuantization } from "../sizing/architecture";
import { asFields, FieldReader, type Fields } from "./model-config-fields";

/** Reads `quantization_config` (or llm-compressor's `compression_config`); undefined for a 16-bit checkpoint. */
export function readCheckpointQuantization(config: Fields): CheckpointQuantization | undefined {
  const section = asFields(config["quantization_config"]) ?? asFields(config["compression_config"]);
  if (section === undefined) return undefined;
  const reader = new FieldReader(section);
  const method = reader.text("quant_method") ?? reader.text("quant_algo") ?? "unknown";
  if (method === "compressed-tensors") return compressedTensors(section, method);
  const groupSize = section["group_size"];
  const bits = reader.optionalCount("bits") ?? reader.optionalCount("w_bit");
  const block = section["weight_block_size"];
  return {
    method,
    ...(typeof groupSize === "number" ? { groupSize } : {}),
    ...(method === "awq" ? { zeroPoints: reader.flag("zero_point", true) } : {}),
    ...(method === "gptq" ? { zeroPoints: false } : {}),
    ...(isPair(block) ? { blockShape: block } : {}),
    ...(bits === undefined ? {} : { bits }),
  };
}

function compressedTensors(section: Fields, method: string): CheckpointQuantization {
  const groups = asFields(section["config_groups"]) ?? {};
  const weights = asFields(asFields(Object.values(groups)[0])?.["weights"]) ?? {};
  const groupSize = weights["group_size"];
  const bits = weights["num_bits"];
  const block = weights["block_structure"];
  return {
    method,
    groupSize: typeof groupSize === "number" ? groupSize : -1,
    zeroPoints: weights["symmetric"] === false,
    ...(isPair(block) ? { blockShape: block } : {}),
    ...(typeof bits === "number" ? { bits } : {}),
    ...(weights["type"] === "int" ? { isInteger: true } : {}),
  };
}

function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((side) => typeof side === "number" && side > 0);
}
