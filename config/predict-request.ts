import type { ModelArchitecture } from "../sizing/architecture";
import type { Catalog, Gpu } from "../sizing/catalog";
import type { Deployment, Engine, ReplicaLoad } from "../sizing/deployment";
import { engineDefaults } from "../sizing/engine-defaults";
import type { Quantization } from "../sizing/precision";
import { tensorParallelFault } from "../sizing/tensor-parallel";
import { resolveGpu, resolveModel } from "./catalog";
import { parseModelConfig, type ParsedModelConfig } from "./model-config";
import { nearestName } from "./names";
import { PREDICT_KEYS, PredictReader, quantizationSchema, type PredictFault } from "./predict-fields";

/** The release that fitserve deploys, taken when a request names none. */
const DEFAULT_ENGINE_VERSION = "0.33.0";
/** A mistyped key is this near to a known one; farther keys are somebody's own notes. */
const TYPO_LENGTH = 2;

/** A checked request with every default filled in. */
export interface PredictRequest {
  readonly deployment: Deployment;
  /** Absent: memory only. */
  readonly load?: ReplicaLoad;
  /** Whether max-model-len was asked for; a default one is cut to what the pool holds. */
  readonly isModelLenGiven: boolean;
  readonly notes: readonly string[];
}

export type ParsedPredictRequest =
  | { readonly ok: true; readonly request: PredictRequest }
  | { readonly ok: false; readonly code: string; readonly faults: readonly PredictFault[] };

/** One object of the stream → deployment and load; `score.py` documents the fields. */
export function parsePredictRequest(line: Readonly<Record<string, unknown>>, catalog: Catalog): ParsedPredictRequest {
  const reader = new PredictReader(line);
  const notes = unknownKeys(line, reader);
  const model = readModel(reader, catalog);
  const gpu = readGpu(reader, catalog);
  const engine = readEngine(reader);
  const quantization = readQuantization(reader, model, catalog);
  const load = readLoad(reader);
  const flags = readFlags(reader);
  if (model === undefined || gpu === undefined || reader.faults.length > 0) return refused(reader.faults);
  const deployment = deploymentOf(model, gpu, engine, quantization, flags);
  checkTogether(reader, deployment, load, flags.maxModelLen !== undefined);
  if (reader.faults.length > 0) return refused(reader.faults);
  const isModelLenGiven = flags.maxModelLen !== undefined;
  return { ok: true, request: { deployment, ...(load === undefined ? {} : { load }), isModelLenGiven, notes } };
}

function refused(faults: readonly PredictFault[]): ParsedPredictRequest {
  const first = faults[0]?.field ?? "";
  const code = { gpu: "unknown-gpu", model: "unknown-model", modelConfig: "invalid-model-config" }[first];
  return { ok: false, code: code ?? "invalid-request", faults };
}

function unknownKeys(line: Readonly<Record<string, unknown>>, reader: PredictReader): string[] {
  const known: readonly string[] = PREDICT_KEYS;
  return Object.keys(line)
    .filter((key) => !known.includes(key))
    .flatMap((key) => {
      const nearest = nearestName(key, known);
      if (nearest !== undefined && Math.abs(nearest.length - key.length) <= TYPO_LENGTH) {
        reader.say(key, `${key} is no field of a request; did you mean ${nearest}?`);
        return [];
      }
      return [`${key.slice(0, 60)} is no field of a request and was not read`];
    });
}

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

function readModel(reader: PredictReader, catalog: Catalog): ModelArchitecture | undefined {
  const name = reader.text("model");
  const config = reader.value("modelConfig");
  if (config !== undefined) {
    const parsed = cachedArchitecture(config);
    if (parsed.ok) return parsed.architecture;
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

function readGpu(reader: PredictReader, catalog: Catalog): Gpu | undefined {
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

function readEngine(reader: PredictReader): Engine {
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

/** As asked, or as the checkpoint says of itself, or 16 bit. */
function readQuantization(reader: PredictReader, model: ModelArchitecture | undefined, catalog: Catalog): Quantization {
  const value = reader.value("quantization");
  if (value !== undefined) {
    const parsed = quantizationSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    reader.fault("quantization", value, `one of ${quantizationSchema.options.join(", ")}`);
    return "bf16";
  }
  return quantizationOfConfig(model) ?? quantizationOfRepository(reader.value("model"), catalog) ?? "bf16";
}

function quantizationOfConfig(model: ModelArchitecture | undefined): Quantization | undefined {
  const checkpoint = model?.checkpointQuantization;
  if (checkpoint === undefined) return undefined;
  const { method, bits } = checkpoint;
  if (method === "mxfp4") return "mxfp4";
  if (bits === 4 || method === "awq" || method === "gptq") return "int4-w4a16";
  if (method === "fp8" || method === "fbgemm_fp8" || method === "modelopt") return "fp8";
  return bits === 8 ? "fp8" : undefined;
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

function readLoad(reader: PredictReader): ReplicaLoad | undefined {
  const load = reader.value("load");
  const inputTokens = reader.number("inputTokens");
  const outputTokens = reader.number("outputTokens");
  if (load === undefined) return undefined;
  if (typeof load !== "object" || Array.isArray(load)) {
    reader.fault("load", load, "an object with concurrency or requestRate");
    return undefined;
  }
  const concurrency = reader.number("load.concurrency");
  const requestsPerSecond = reader.number("load.requestRate");
  const given = [reader.value("load.concurrency"), reader.value("load.requestRate")].filter(
    (value) => value !== undefined,
  );
  if (given.length !== 1) reader.fault("load", load, "exactly one of concurrency and requestRate");
  for (const field of ["inputTokens", "outputTokens"] as const) {
    if (reader.value(field) === undefined) reader.say(field, `${field} is missing: a load needs it`);
  }
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  if (concurrency !== undefined) return { arrivals: { kind: "closed-loop", concurrency }, inputTokens, outputTokens };
  if (requestsPerSecond === undefined) return undefined;
  return { arrivals: { kind: "open-loop", requestsPerSecond }, inputTokens, outputTokens };
}

type Flags = ReturnType<typeof readFlags>;

function readFlags(reader: PredictReader) {
  return {
    tensorParallel: reader.number("tensorParallel") ?? 1,
    pipelineParallel: reader.number("pipelineParallel") ?? 1,
    gpuMemoryUtilization: reader.number("gpuMemoryUtilization"),
    maxModelLen: reader.number("maxModelLen"),
    maxNumSeqs: reader.number("maxNumSeqs"),
    maxNumBatchedTokens: reader.number("maxNumBatchedTokens"),
    kvCacheDtype: reader.kvCacheDtype(),
    enforceEager: reader.flag("enforceEager") ?? false,
  };
}

function deploymentOf(
  architecture: ModelArchitecture,
  gpu: Gpu,
  engine: Engine,
  quantization: Quantization,
  flags: Flags,
): Deployment {
  const defaults = engineDefaults(gpu, engine);
  const maxNumBatchedTokens =
    flags.maxNumBatchedTokens ?? Math.max(defaults.maxNumBatchedTokens, flags.maxNumSeqs ?? 1);
  return {
    architecture,
    gpu,
    link: gpu.link,
    quantization,
    tensorParallel: flags.tensorParallel,
    pipelineParallel: flags.pipelineParallel,
    engine,
    gpuMemoryUtilization: flags.gpuMemoryUtilization ?? defaults.gpuMemoryUtilization,
    maxModelLen: flags.maxModelLen ?? architecture.maxPositionEmbeddings,
    maxNumSeqs: flags.maxNumSeqs ?? Math.min(defaults.maxNumSeqs, maxNumBatchedTokens),
    maxNumBatchedTokens,
    kvCacheDtype: flags.kvCacheDtype,
    enforceEager: flags.enforceEager,
  };
}

/** Faults that only show when fields are seen together; the engine refuses the same. */
function checkTogether(
  reader: PredictReader,
  d: Deployment,
  load: ReplicaLoad | undefined,
  isModelLenGiven: boolean,
): void {
  const split = tensorParallelFault(d.architecture, d.quantization, d.tensorParallel, d.pipelineParallel);
  if (split !== undefined) reader.say(split.startsWith("pipeline") ? "pipelineParallel" : "tensorParallel", split);
  if (d.maxNumBatchedTokens < d.maxNumSeqs) {
    reader.say(
      "maxNumBatchedTokens",
      `maxNumBatchedTokens ${d.maxNumBatchedTokens} is less than maxNumSeqs ${d.maxNumSeqs}: the engine wants at least as many`,
    );
  }
  const context = d.architecture.maxPositionEmbeddings;
  if (d.maxModelLen > context) {
    reader.say("maxModelLen", `maxModelLen ${d.maxModelLen} is more than the model's context of ${context} tokens`);
  }
  const inputTokens = reader.number("inputTokens");
  const asked = load === undefined ? inputTokens : load.inputTokens + load.outputTokens;
  const limit = Math.min(d.maxModelLen, context);
  if (asked !== undefined && asked > limit) {
    const name = isModelLenGiven ? "maxModelLen" : "the model's context";
    reader.say(
      "inputTokens",
      `inputTokens${load === undefined ? "" : " + outputTokens"} is ${asked}, more than ${name} of ${limit} tokens`,
    );
  }
}
