import { z } from "zod";
import { QUANTIZATIONS, type KvCacheDtype } from "../sizing/model/precision";
import { asFields, shown as shownValue } from "./model-config/fields";

/** One thing that is wrong with a predict request. */
export interface PredictFault {
  /** Dotted path of the field. */
  readonly field: string;
  readonly message: string;
}

const MOST_GPUS = 1024;
const MOST_SEQUENCES = 1_000_000;
const MOST_TOKENS = 100_000_000;
/** Of one replica; the engine runs about a thousand at once, the rest waits. */
const MOST_CLIENTS = 100_000;
/** About four requests an hour. */
const LEAST_RATE = 0.001;

interface NumberRule {
  readonly schema: z.ZodNumber;
  readonly wanted: string;
}

function whole(maximum: number): NumberRule {
  return {
    schema: z.number().int().min(1).max(maximum),
    wanted: `a whole number from 1 to ${maximum.toLocaleString("en-US")}`,
  };
}

function positive(maximum: number): NumberRule {
  return {
    schema: z.number().gt(0).max(maximum),
    wanted: `a number above 0, at most ${maximum.toLocaleString("en-US")}`,
  };
}

const atLeastOneToken: NumberRule = {
  schema: z.number().min(1).max(MOST_TOKENS),
  wanted: `a number from 1 to ${MOST_TOKENS.toLocaleString("en-US")} (a mean, fractions allowed)`,
};

const NUMBERS = {
  tensorParallel: whole(MOST_GPUS),
  pipelineParallel: whole(MOST_GPUS),
  maxModelLen: whole(MOST_TOKENS),
  maxNumSeqs: whole(MOST_SEQUENCES),
  maxNumBatchedTokens: whole(MOST_TOKENS),
  gpuMemoryUtilization: positive(1),
  inputTokens: atLeastOneToken,
  outputTokens: atLeastOneToken,
  inputTokensP95: atLeastOneToken,
  outputTokensP95: atLeastOneToken,
  sharedPrefixTokens: {
    schema: z.number().min(0).max(MOST_TOKENS),
    wanted: `a number from 0 to ${MOST_TOKENS.toLocaleString("en-US")}`,
  },
  "load.concurrency": whole(MOST_CLIENTS),
  "load.requestRate": {
    schema: z.number().min(LEAST_RATE).max(1_000_000),
    wanted: `requests a second from ${LEAST_RATE} to 1,000,000`,
  },
} as const;

export type NumberField = keyof typeof NUMBERS;

/** Every key of a request, as `docs` and score.py name them. */
export const PREDICT_KEYS = [
  "id",
  "model",
  "modelConfig",
  "gpu",
  "quantization",
  "tensorParallel",
  "pipelineParallel",
  "engine",
  "gpuMemoryUtilization",
  "maxModelLen",
  "maxNumSeqs",
  "maxNumBatchedTokens",
  "kvCacheDtype",
  "enforceEager",
  "load",
  "inputTokens",
  "outputTokens",
  "inputTokensP95",
  "outputTokensP95",
  "sharedPrefixTokens",
] as const;

export const ENGINE_KEYS = ["name", "version"] as const;
export const LOAD_KEYS = ["concurrency", "requestRate"] as const;

/** `auto` and the 16-bit names keep the model's own precision. */
const KV_DTYPES: ReadonlyMap<string, KvCacheDtype> = new Map([
  ["auto", "auto"],
  ["bfloat16", "auto"],
  ["float16", "auto"],
  ["fp8", "fp8"],
  ["fp8_e4m3", "fp8"],
  ["fp8_e5m2", "fp8"],
]);

export const quantizationSchema = z.enum(QUANTIZATIONS);

/** Reads one request's plain fields; null means not given, and every fault is gathered. */
export class PredictReader {
  readonly faults: PredictFault[] = [];

  constructor(private readonly line: Readonly<Record<string, unknown>>) {}

  value(path: string): unknown {
    return path.split(".").reduce<unknown>((value, step) => ownValue(value, step), this.line) ?? undefined;
  }

  number(field: NumberField): number | undefined {
    const value = this.value(field);
    if (value === undefined) return undefined;
    const { schema, wanted } = NUMBERS[field];
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    this.fault(field, value, wanted);
    return undefined;
  }

  text(field: string): string | undefined {
    const value = this.value(field);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value.trim() !== "") return value.trim();
    this.fault(field, value, "a name");
    return undefined;
  }

  flag(field: string): boolean | undefined {
    const value = this.value(field);
    if (value === undefined || typeof value === "boolean") return value;
    this.fault(field, value, "true or false");
    return undefined;
  }

  kvCacheDtype(): KvCacheDtype {
    const value = this.value("kvCacheDtype");
    if (value === undefined) return "auto";
    const parsed = typeof value === "string" ? KV_DTYPES.get(value) : undefined;
    if (parsed !== undefined) return parsed;
    this.fault("kvCacheDtype", value, `one of ${[...KV_DTYPES.keys()].join(", ")}`);
    return "auto";
  }

  fault(field: string, value: unknown, wanted: string): void {
    this.faults.push({ field, message: `${field} is ${shownValue(value)}: ${wanted} is wanted` });
  }

  say(field: string, message: string): void {
    this.faults.push({ field, message });
  }
}

/** A key of an object itself, never of its prototype. */
function ownValue(value: unknown, key: string): unknown {
  const fields = asFields(value);
  return fields !== undefined && Object.hasOwn(fields, key) ? fields[key] : undefined;
}
