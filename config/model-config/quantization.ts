import { z } from "zod";
import type { CheckpointQuantization } from "../../sizing/model/architecture";
import { asFields, FieldReader, shown, type Fields } from "./fields";

const groupSizes = z.union([z.literal(-1), z.int().min(1).max(65_536)]);
const blockSides = z.tuple([z.int().min(1).max(65_536), z.int().min(1).max(65_536)]);
const bitCounts = z.int().min(1).max(32);

/** Reads `quantization_config` (or llm-compressor's `compression_config`); undefined for a 16-bit checkpoint. */
export function readCheckpointQuantization(config: Fields, faults: string[]): CheckpointQuantization | undefined {
  const given = config["quantization_config"] ?? config["compression_config"];
  if (given === undefined || given === null) return undefined;
  const section = asFields(given);
  if (section === undefined) {
    faults.push(`quantization_config is ${shown(given)}: an object is wanted`);
    return undefined;
  }
  const reader = new FieldReader(section);
  const method = reader.text("quant_method") ?? reader.text("quant_algo") ?? "unknown";
  if (method.startsWith("modelopt") && reader.text("quant_algo") === "NVFP4") return { method: "nvfp4", bits: 4 };
  if (method === "compressed-tensors") return compressedTensors(section, method, faults);
  const groupSize = checked(section, "group_size", groupSizes, "a whole number of weights or -1", faults);
  const bits = checked(section, section["bits"] === undefined ? "w_bit" : "bits", bitCounts, "1 to 32", faults);
  const blockShape = checked(section, "weight_block_size", blockSides, "a pair of whole numbers", faults);
  const zeroPoints = method === "awq" ? reader.flag("zero_point", true) : false;
  faults.push(...reader.faults.map((fault) => `quantization_config.${fault}`));
  return {
    method,
    ...(groupSize === undefined ? {} : { groupSize }),
    ...(method === "awq" || method === "gptq" ? { zeroPoints } : {}),
    ...(blockShape === undefined ? {} : { blockShape }),
    ...(bits === undefined ? {} : { bits }),
  };
}

function compressedTensors(section: Fields, method: string, faults: string[]): CheckpointQuantization {
  const groups = asFields(section["config_groups"]) ?? {};
  const weights = asFields(asFields(Object.values(groups)[0])?.["weights"]) ?? {};
  const groupSize = checked(weights, "group_size", groupSizes, "a whole number of weights or -1", faults);
  const bits = checked(weights, "num_bits", bitCounts, "1 to 32", faults);
  const blockShape = checked(weights, "block_structure", blockSides, "a pair of whole numbers", faults);
  return {
    method,
    groupSize: groupSize ?? -1,
    zeroPoints: weights["symmetric"] === false,
    ...(blockShape === undefined ? {} : { blockShape }),
    ...(bits === undefined ? {} : { bits }),
    ...(weights["type"] === "int" ? { isInteger: true } : {}),
  };
}

/** A field of the section that the schema accepts; null and absent alike are undefined, anything else is a fault. */
function checked<Value>(
  section: Fields,
  name: string,
  schema: z.ZodType<Value>,
  wanted: string,
  faults: string[],
): Value | undefined {
  const value = section[name];
  if (value === undefined || value === null) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  faults.push(`quantization_config.${name} is ${shown(value)}: ${wanted} is wanted`);
  return undefined;
}
