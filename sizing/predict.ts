import type { Deployment, ReplicaLoad } from "./deployment";
import { estimateMemory, type MemoryEstimate } from "./memory/memory";
import type { Basis } from "./model/precision";
import { assumedFlags, type GivenFlags } from "./search/assumed-flags";
import { timeErrorBands, type Band, type TimeErrorBands } from "./time/error-band";
import { saturationOf, type Saturation } from "./time/saturation";
import { simulateServing, type Distribution, type LoadResult } from "./time/simulation";

/** Memory of the fullest GPU, GiB, rounded to 0.001; weights + activation + non-torch + graphs in the budget + KV = budget. */
export interface MemoryAnswer {
  readonly weightsGiB: number;
  /** As the engine logs it: from 0.29 on its estimate of the CUDA graphs is part of it. */
  readonly activationGiB: number;
  readonly nonTorchGiB: number;
  readonly cudaGraphGiB: number;
  /** Where the graphs are counted. */
  readonly cudaGraphs: "in activation" | "in budget" | "outside budget";
  readonly kvCacheGiB: number;
  readonly kvCacheTokens: number;
  readonly kvCacheBytesPerToken: number;
  readonly budgetGiB: number;
  readonly basis: Basis;
}

interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** Means over requests, milliseconds; percentiles beside them. */
export interface PerformanceAnswer {
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly itlP50Ms: number;
  readonly e2eMs: number;
  readonly outputTokensPerSecond: number;
  readonly percentiles: Readonly<Record<"ttft" | "tpot" | "itl" | "e2e", Percentiles>>;
  /** Between which the truth lies about nine times in ten. */
  readonly ranges: Readonly<
    Record<"ttftMs" | "tpotMs" | "itlP50Ms" | "e2eMs" | "outputTokensPerSecond", { low: number; high: number }>
  >;
  readonly saturation: Saturation;
  readonly saturated: boolean;
  readonly basis: Basis;
}

export type Prediction =
  | {
      readonly ok: true;
      readonly memory: MemoryAnswer;
      readonly performance?: PerformanceAnswer;
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly code: "no-room"; readonly field: string; readonly message: string };

/** The pool is predicted to about this much; below it a request of max-model-len is given the benefit of the doubt. */
const POOL_ACCURACY_GIB = 0.5;
const GIB = 2 ** 30;

/** What these flags on this card will do. A default context that is longer than the pool is cut, and said. */
export function predict(asked: Deployment, load: ReplicaLoad | undefined, given: GivenFlags): Prediction {
  const { deployment, note } = assumedFlags(asked, load, given);
  const memory = estimateMemory(deployment);
  const shortage = shortageOf(deployment, memory, load, given.maxModelLen);
  if (shortage !== undefined) return { ok: false, code: "no-room", ...shortage };
  const notes = note === undefined ? [] : [note];
  if (memory.kvCacheTokens < deployment.maxModelLen) {
    notes.push(
      `the pool holds ${memory.kvCacheTokens} tokens, less than the ${deployment.maxModelLen} of maxModelLen: give maxModelLen at most that`,
    );
  }
  const answer = { ok: true, memory: memoryAnswer(memory), notes } as const;
  if (load === undefined) return answer;
  const result = simulateServing(deployment, load, memory.kvCacheTokens);
  const saturation = saturationOf(deployment, load, memory.kvCacheTokens);
  return { ...answer, performance: performanceAnswer(result, timeErrorBands(deployment), saturation) };
}

interface Shortage {
  readonly field: string;
  readonly message: string;
}

function shortageOf(
  deployment: Deployment,
  memory: MemoryEstimate,
  load: ReplicaLoad | undefined,
  isModelLenGiven: boolean,
): Shortage | undefined {
  const sum = sumOf(deployment, memory);
  const { kvCacheTokens } = memory;
  if (memory.kvCacheGiB <= 0 || kvCacheTokens <= 0) {
    return { field: "gpu", message: `there is no room for the KV cache: ${sum}` };
  }
  const margin = (POOL_ACCURACY_GIB * GIB) / Math.max(1, memory.kvBytesPerTokenPerGpu);
  if (isModelLenGiven && deployment.maxModelLen > kvCacheTokens + margin) {
    const message = `maxModelLen ${deployment.maxModelLen} needs more than the ${kvCacheTokens} tokens that the KV cache holds: ${sum}`;
    return { field: "maxModelLen", message };
  }
  const requestTokens = load === undefined ? 0 : load.inputTokens + load.outputTokens;
  if (requestTokens > kvCacheTokens + margin) {
    const message = `inputTokens + outputTokens is ${requestTokens}, but the KV cache holds ${kvCacheTokens} tokens: ${sum}`;
    return { field: "inputTokens", message };
  }
  return undefined;
}

function sumOf(deployment: Deployment, memory: MemoryEstimate): string {
  const graphs = memory.cudaGraphsInBudget ? ` + CUDA graphs ${gib(memory.cudaGraphGiB)}` : "";
  return (
    `weights ${gib(memory.weightsGiB)} + activation ${gib(memory.activationGiB)} + non-torch ${gib(memory.nonTorchGiB)}${graphs} ` +
    `leave ${gib(memory.kvCacheGiB)} of the ${gib(memory.budgetGiB)} that gpuMemoryUtilization ${deployment.gpuMemoryUtilization} ` +
    `takes of each ${deployment.gpu.name}; raise tensorParallel, or take a larger card or smaller weights`
  );
}

const gib = (value: number): string => `${value.toFixed(2)} GiB`;

function memoryAnswer(memory: MemoryEstimate): MemoryAnswer {
  const isInActivation = memory.cudaGraphsInActivation;
  return {
    weightsGiB: rounded(memory.weightsGiB),
    activationGiB: rounded(memory.activationGiB + (isInActivation ? memory.cudaGraphGiB : 0)),
    nonTorchGiB: rounded(memory.nonTorchGiB),
    cudaGraphGiB: rounded(memory.cudaGraphGiB),
    cudaGraphs: isInActivation ? "in activation" : memory.cudaGraphsInBudget ? "in budget" : "outside budget",
    kvCacheGiB: rounded(memory.kvCacheGiB),
    kvCacheTokens: memory.kvCacheTokens,
    kvCacheBytesPerToken: memory.kvBytesPerTokenPerGpu,
    budgetGiB: rounded(memory.budgetGiB),
    basis: memory.basis,
  };
}

function performanceAnswer(result: LoadResult, bands: TimeErrorBands, saturation: Saturation): PerformanceAnswer {
  const { ttft, tpot, itl, endToEnd, itlP50Ms, outputTokensPerSecond } = result;
  return {
    ttftMs: rounded(ttft.meanMs),
    tpotMs: rounded(tpot.meanMs),
    itlP50Ms: rounded(itlP50Ms),
    e2eMs: rounded(endToEnd.meanMs),
    outputTokensPerSecond: rounded(outputTokensPerSecond),
    percentiles: {
      ttft: percentiles(ttft),
      tpot: percentiles(tpot),
      itl: percentiles(itl),
      e2e: percentiles(endToEnd),
    },
    ranges: {
      ttftMs: range(ttft.meanMs, bands.ttft),
      tpotMs: range(tpot.meanMs, bands.tpot),
      itlP50Ms: range(itlP50Ms, bands.itl),
      e2eMs: range(endToEnd.meanMs, bands.endToEnd),
      outputTokensPerSecond: range(outputTokensPerSecond, bands.throughput),
    },
    saturation: {
      concurrency: saturation.concurrency,
      requestsPerSecond: rounded(saturation.requestsPerSecond),
      outputTokensPerSecond: rounded(saturation.outputTokensPerSecond),
      limit: saturation.limit,
    },
    saturated: result.saturated,
    basis: result.basis,
  };
}

function percentiles({ p50Ms, p95Ms, p99Ms }: Distribution): Percentiles {
  return { p50Ms: rounded(p50Ms), p95Ms: rounded(p95Ms), p99Ms: rounded(p99Ms) };
}

function range(value: number, { low, high }: Band): { low: number; high: number } {
  return { low: rounded(value * low), high: rounded(value * high) };
}

function rounded(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`a figure came out as ${value}`);
  return Math.round(value * 1000) / 1000;
}
