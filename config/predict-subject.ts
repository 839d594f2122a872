import type { Catalog, Gpu } from "../sizing/catalog";
import type { Engine } from "../sizing/deployment";
import type { ModelArchitecture } from "../sizing/model/architecture";
import type { Quantization } from "../sizing/model/precision";
import { resolveGpu, resolveModel } from "./catalog";
import { parseModelConfig, type ParsedModelConfig } from "./model-config";
import { quantizationSchema, type PredictReader } from "./predict-fields";

/** The release that fitserve deploys, taken when a request names none. */
const DEFAULT_ENGINE_VERSION = "0.33.0";

const architectures = new Map<string, ParsedModelConfig>();
const MOST_CACHED = 500;

/** Reading a config takes longer than predicting from it, and a stream repeats few of them. */
function cachedArchitecture(config: unknown): ParsedModelConfig {
  const text = JSON.stringify(config);
  const cached = architectures.get(text);
  if (cached !== undefined) return cached;
  if (architectures.size >= MOST_CACHED) architectures.clear();
  const parsed = parseModelConfig(config);
  architectures.set(text, parsed);
  return parsed;
}

/** The architecture of the given config.json, else of the catalog's model of that name. */
export function readModel(reader: PredictReader, catalog: Catalog): ModelArchitecture | undefined {
  const name = reader.text("model");
  const config = reader.value("modelConfig");
  if (config !== undefined) {
    const parsed = cachedArchitecture(config);
    if (parsed.ok) {
      if (parsed.isContextUnstated && reader.value("maxModelLen") === undefined) {
        reader.say("modelConfig", "modelConfig: max_position_embeddings is missing: give it, or maxModelLen");
      }
      return parsed.architecture;
    }
    for (const fault of parsed.faults) reader.say("modelConfig", `modelConfig: ${fault}`);
    return undefined;
  }
  if (name === undefined) {
    if (reader.value("model") === undefined)
      reader.say("model", "model is missing: a name of the catalog, or modelConfig with a config.json, is wanted");
    return undefined;
  }
  const resolved = resolveModel(catalog, name);
  if (resolved.ok) return resolved.model.architecture;
  reader.say("model", `model: ${resolved.message}; any other model needs its config.json as modelConfig`);
  return undefined;
}

/** The card of the catalog that a name means. */
export function readGpu(reader: PredictReader, catalog: Catalog): Gpu | undefined {
  const name = reader.text("gpu");
  if (name === undefined) {
    if (reader.value("gpu") === undefined) reader.say("gpu", "gpu is missing: the name of a card is wanted");
    return undefined;
  }
  const resolved = resolveGpu(catalog, name);
  if (resolved.ok) return resolved.gpu;
  reader.say("gpu", `gpu: ${resolved.message}`);
  return undefined;
}

/** Engine and release; a release given as `v0.19.0rc1` is read as 0.19.0. */
export function readEngine(reader: PredictReader): Engine {
  const engine = reader.value("engine");
  const version = reader.value("engine.version");
  if (engine !== undefined && (typeof engine !== "object" || Array.isArray(engine))) {
    reader.fault("engine", engine, "an object with name and version");
  }
  const name = reader.value("engine.name");
  if (name !== undefined && name !== "vllm") reader.fault("engine.name", name, 'the engine "vllm"');
  if (version === undefined) return { name: "vllm", version: DEFAULT_ENGINE_VERSION };
  const parts =
    typeof version === "string"
      ? /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,6}))?(?:[.+-]?[a-z0-9.+-]*)?$/i.exec(version)
      : null;
  if (parts === null) reader.fault("engine.version", version, 'a release such as "0.19.0"');
  return { name: "vllm", version: `${parts?.[1] ?? 0}.${parts?.[2] ?? 0}.${parts?.[3] ?? 0}` };
}

/** Precision as asked, or as the checkpoint says of itself, or 16 bit. */
export function readQuantization(
  reader: PredictReader,
  model: ModelArchitecture | undefined,
  catalog: Catalog,
): Quantization {
  const value = reader.value("quantization");
  if (value !== undefined) {
    const parsed = quantizationSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    reader.fault("quantization", value, `one of ${quantizationSchema.options.join(", ")}`);
    return "bf16";
  }
  const own = quantizationOfConfig(model);
  const checkpoint = model?.checkpointQuantization;
  if (checkpoint !== undefined && own === undefined) {
    const { method, bits } = checkpoint;
    const format = `${JSON.stringify(method.slice(0, 60))}${bits === undefined ? "" : ` of ${bits} bit`}`;
    reader.say(
      "quantization",
      `quantization is missing, and the checkpoint's quantization_config is ${format}, which has no formula: one of ${quantizationSchema.options.join(", ")} is wanted`,
    );
  }
  return own ?? quantizationOfRepository(reader.value("model"), catalog) ?? "bf16";
}

function quantizationOfConfig(model: ModelArchitecture | undefined): Quantization | undefined {
  const checkpoint = model?.checkpointQuantization;
  if (checkpoint === undefined) return undefined;
  const { method, bits, isInteger } = checkpoint;
  if (method === "mxfp4") return "mxfp4";
  if (method === "compressed-tensors" && bits === 4 && isInteger !== true) return undefined;
  if (["awq", "gptq", "compressed-tensors"].includes(method) && bits === 4) return "int4-w4a16";
  if ((method === "awq" || method === "gptq") && bits === undefined) return "int4-w4a16";
  if (method === "fp8" || method === "fbgemm_fp8" || method === "modelopt") return "fp8";
  if (bits !== 8) return undefined;
  return isInteger === true || method === "gptq" ? "int8-w8a8" : "fp8";
}

function quantizationOfRepository(name: unknown, catalog: Catalog): Quantization | undefined {
  if (typeof name !== "string") return undefined;
  const resolved = resolveModel(catalog, name);
  if (!resolved.ok) return undefined;
  const entries = Object.entries(resolved.model.checkpoints);
  const found = entries.find(([, checkpoint]) => checkpoint.repository.toLowerCase() === name.toLowerCase());
  const parsed = quantizationSchema.safeParse(found?.[0]);
  return parsed.success ? parsed.data : undefined;
}
