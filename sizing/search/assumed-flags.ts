import type { Deployment, ReplicaLoad } from "../deployment";
import { KV_BLOCK_TOKENS } from "../memory/kv-cache";
import { estimateMemory } from "../memory/memory";

/** Flags that a request sets itself; all others have the engine's defaults. */
export interface GivenFlags {
  readonly maxModelLen: boolean;
  readonly maxNumSeqs: boolean;
  readonly gpuMemoryUtilization: boolean;
}

export interface AssumedFlags {
  readonly deployment: Deployment;
  /** What was assumed instead of a default, and why. */
  readonly note?: string;
}

/** Sequences of a server whose concurrency is not stated. */
const OPEN_LOOP_SEQUENCES = 64;
/** As high as the utilization goes in practice; the rest is the driver's and the CUDA context. */
const HIGHEST_UTILIZATION = 0.95;
/** A default that costs less of the pool than this is left as it is. */
const WORTH_CHANGING = 1.25;

/**
 * The engine takes up to 1,024 sequences by default and reserves memory for so many, several GiB before 0.25. A server
 * which therefore had too little room for its load, or too few places for its clients, would be started with another
 * max-num-seqs; where the request leaves the flag open, that is assumed, and said.
 */
export function assumedFlags(deployment: Deployment, load: ReplicaLoad | undefined, given: GivenFlags): AssumedFlags {
  if (load === undefined || given.maxNumSeqs) return { deployment };
  const sequences = load.arrivals.kind === "closed-loop" ? Math.ceil(load.arrivals.concurrency) : OPEN_LOOP_SEQUENCES;
  if (sequences <= deployment.maxNumSeqs) return fewerSequences(deployment, load, given, sequences);
  return load.arrivals.kind === "closed-loop" ? moreSequences(deployment, load, sequences) : { deployment };
}

/** As many places as clients, where the KV cache holds them all. */
function moreSequences(deployment: Deployment, load: ReplicaLoad, sequences: number): AssumedFlags {
  const more = { ...deployment, maxNumSeqs: sequences };
  if (sequences > deployment.maxNumBatchedTokens || poolTokens(more) < meanHeldTokens(load)) return { deployment };
  const note =
    `the engine's default maxNumSeqs of ${deployment.maxNumSeqs} is less than the ${sequences} clients, whom the KV cache ` +
    `would hold: predicted with maxNumSeqs ${sequences}, which the request leaves open`;
  return { deployment: more, note };
}

/** No more places than clients, where that leaves a KV cache that is worth it. */
function fewerSequences(deployment: Deployment, load: ReplicaLoad, given: GivenFlags, sequences: number): AssumedFlags {
  const tokens = poolTokens(deployment);
  // From where requests begin to wait for room, so that no time jumps where the assumption begins.
  if (tokens >= mostHeldTokens(load)) return { deployment };
  const fewer = { ...deployment, maxNumSeqs: sequences };
  const alone = load.inputTokens + load.outputTokens;
  const needsMore = poolTokens(fewer) < alone && !given.gpuMemoryUtilization;
  const chosen = needsMore
    ? { ...fewer, gpuMemoryUtilization: Math.max(HIGHEST_UTILIZATION, deployment.gpuMemoryUtilization) }
    : fewer;
  if (poolTokens(chosen) < Math.max(1, tokens * WORTH_CHANGING)) return { deployment };
  const utilization = needsMore ? ` and gpuMemoryUtilization ${chosen.gpuMemoryUtilization}` : "";
  const note =
    `with the engine's default maxNumSeqs of ${deployment.maxNumSeqs} the KV cache would hold ${tokens} tokens, too few ` +
    `for this load: predicted with maxNumSeqs ${sequences}${utilization}, which the request leaves open`;
  return { deployment: chosen, note };
}

function poolTokens(deployment: Deployment): number {
  return Math.max(0, estimateMemory(deployment).kvCacheTokens);
}

/** Tokens of KV cache that the load takes on average: whole prompts and half of the answers. */
function meanHeldTokens({ arrivals, inputTokens, outputTokens }: ReplicaLoad): number {
  return requestsOf(arrivals) * (inputTokens + outputTokens / 2);
}

/** The same when all answers are at their end, in whole blocks. */
function mostHeldTokens({ arrivals, inputTokens, outputTokens }: ReplicaLoad): number {
  return requestsOf(arrivals) * (inputTokens + outputTokens + KV_BLOCK_TOKENS);
}

function requestsOf(arrivals: ReplicaLoad["arrivals"]): number {
  return arrivals.kind === "closed-loop" ? arrivals.concurrency : 1;
}
