import type { Catalog, Gpu } from "../sizing/catalog";
import type { Deployment, Engine, ReplicaLoad } from "../sizing/deployment";
import { engineDefaults } from "../sizing/engine/defaults";
import type { ModelArchitecture } from "../sizing/model/architecture";
import type { Quantization } from "../sizing/model/precision";
import { tensorParallelFault } from "../sizing/model/tensor-parallel";
import type { GivenFlags } from "../sizing/search/assumed-flags";
import { MOST_P95_OVER_MEAN } from "../sizing/time/length-spread";
import { asFields } from "./model-config/fields";
import { nearestName } from "./names";
import { ENGINE_KEYS, LOAD_KEYS, PREDICT_KEYS, PredictReader, type PredictFault } from "./predict-fields";
import { readEngine, readGpu, readModel, readQuantization } from "./predict-subject";

/** A mistyped key is this near to a known one; farther keys are somebody's own notes. */
const TYPO_LENGTH = 2;

/** A checked request with every default filled in. */
export interface PredictRequest {
  readonly deployment: Deployment;
  /** Absent: memory only. */
  readonly load?: ReplicaLoad;
  /** Flags that were asked for; what was not is at the engine's default. */
  readonly given: GivenFlags;
  readonly notes: readonly string[];
}

export type ParsedPredictRequest =
  | { readonly ok: true; readonly request: PredictRequest }
  | { readonly ok: false; readonly code: string; readonly faults: readonly PredictFault[] };

/** One object of the stream → deployment and load; `score.py` documents the fields. */
export function parsePredictRequest(line: Readonly<Record<string, unknown>>, catalog: Catalog): ParsedPredictRequest {
  const reader = new PredictReader(line);
  const notes = [
    ...unknownKeys(line, PREDICT_KEYS, "", reader),
    ...unknownKeys(asFields(line["engine"]) ?? {}, ENGINE_KEYS, "engine.", reader),
    ...unknownKeys(asFields(line["load"]) ?? {}, LOAD_KEYS, "load.", reader),
  ];
  const model = readModel(reader, catalog);
  const gpu = readGpu(reader, catalog);
  const engine = readEngine(reader);
  const quantization = readQuantization(reader, model, catalog);
  const load = readLoad(reader);
  const flags = readFlags(reader);
  if (model === undefined || gpu === undefined || reader.faults.length > 0) return refused(reader);
  const deployment = deploymentOf(model, gpu, engine, quantization, flags);
  checkTogether(reader, deployment, load, flags.maxModelLen !== undefined);
  if (reader.faults.length > 0) return refused(reader);
  const given = {
    maxModelLen: flags.maxModelLen !== undefined,
    maxNumSeqs: flags.maxNumSeqs !== undefined,
    gpuMemoryUtilization: flags.gpuMemoryUtilization !== undefined,
  };
  return { ok: true, request: { deployment, ...(load === undefined ? {} : { load }), given, notes } };
}

const CODES: ReadonlyMap<string, string> = new Map([
  ["gpu", "unknown-gpu"],
  ["model", "unknown-model"],
  ["modelConfig", "invalid-model-config"],
]);

/** The code is that of the first fault: a name that is not known, or a request that is not one. */
function refused(reader: PredictReader): ParsedPredictRequest {
  const { faults } = reader;
  const first = faults[0]?.field ?? "";
  const isGiven = reader.value(first) !== undefined;
  return { ok: false, code: (isGiven ? CODES.get(first) : undefined) ?? "invalid-request", faults };
}

/** Faults for keys that are nearly one of `known`, notes for all others. */
function unknownKeys(
  fields: Readonly<Record<string, unknown>>,
  known: readonly string[],
  prefix: string,
  reader: PredictReader,
): string[] {
  return Object.keys(fields)
    .filter((key) => !known.includes(key))
    .flatMap((key) => {
      const nearest = nearestName(key, known);
      if (nearest !== undefined && Math.abs(nearest.length - key.length) <= TYPO_LENGTH) {
        const path = `${prefix}${key}`;
        reader.say(path, `${path} is no field of a request; did you mean ${prefix}${nearest}?`);
        return [];
      }
      return [`${prefix}${key.slice(0, 60)} is no field of a request and was not read`];
    });
}

function readLoad(reader: PredictReader): ReplicaLoad | undefined {
  const load = reader.value("load");
  const inputTokens = reader.number("inputTokens");
  const outputTokens = reader.number("outputTokens");
  const furtherLengths = readLengths(reader, inputTokens, outputTokens);
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
  const lengths = { inputTokens, outputTokens, ...furtherLengths };
  if (concurrency !== undefined) return { arrivals: { kind: "closed-loop", concurrency }, ...lengths };
  if (requestsPerSecond === undefined) return undefined;
  return { arrivals: { kind: "open-loop", requestsPerSecond }, ...lengths };
}

/** What a load may say of its lengths beyond their means. */
function readLengths(reader: PredictReader, inputTokens = Infinity, outputTokens = Infinity): Partial<ReplicaLoad> {
  const inputTokensP95 = readP95(reader, "inputTokensP95", "inputTokens", inputTokens);
  const outputTokensP95 = readP95(reader, "outputTokensP95", "outputTokens", outputTokens);
  const sharedPrefixTokens = reader.number("sharedPrefixTokens");
  if (sharedPrefixTokens !== undefined && sharedPrefixTokens > inputTokens) {
    const message = `sharedPrefixTokens ${sharedPrefixTokens} is more than the ${inputTokens} of inputTokens that it is part of`;
    reader.say("sharedPrefixTokens", message);
  }
  return {
    ...(inputTokensP95 === undefined ? {} : { inputTokensP95 }),
    ...(outputTokensP95 === undefined ? {} : { outputTokensP95 }),
    ...(sharedPrefixTokens === undefined ? {} : { sharedPrefixTokens }),
  };
}

function readP95(
  reader: PredictReader,
  field: "inputTokensP95" | "outputTokensP95",
  meanField: string,
  mean: number,
): number | undefined {
  const p95 = reader.number(field);
  if (p95 === undefined || mean === Infinity || (p95 >= mean && p95 <= mean * MOST_P95_OVER_MEAN)) return p95;
  reader.say(field, `${field} ${p95} is not between ${meanField} ${mean} and ${MOST_P95_OVER_MEAN} times as much`);
  return undefined;
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
  if (d.quantization === "mxfp4" && d.architecture.layerGroups.every((group) => group.mlp.kind === "dense")) {
    reader.say("quantization", "quantization is mxfp4, which quantizes experts alone, and the model has none");
  }
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
  const longest = load?.inputTokensP95 ?? 0;
  if (longest > limit) {
    reader.say("inputTokensP95", `inputTokensP95 is ${longest}, more than the context of ${limit} tokens`);
  }
  if (asked !== undefined && asked > limit) {
    const name = isModelLenGiven ? "maxModelLen" : "the model's context";
    reader.say(
      "inputTokens",
      `inputTokens${load === undefined ? "" : " + outputTokens"} is ${asked}, more than ${name} of ${limit} tokens`,
    );
  }
}
