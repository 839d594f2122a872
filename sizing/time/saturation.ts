import { TIME_VALUES, type TimeValues } from "../coefficients";
import type { Deployment, ReplicaLoad } from "../deployment";
import { KV_BLOCK_TOKENS } from "../memory/kv-cache";
import { compileStepTimer, type StepBatch } from "./step-time";

/** Where a replica is full: more requests at once only wait. */
export interface Saturation {
  readonly concurrency: number;
  readonly requestsPerSecond: number;
  readonly outputTokensPerSecond: number;
  /** What is full first: the KV cache, or the places that max-num-seqs allows. */
  readonly limit: "kv-cache" | "max-num-seqs";
}

/**
 * The most requests that run at once, each holding its prompt and half of its answer on average, and what the engine does
 * with so many: `answer tokens × decode step + requests × prompt` milliseconds a turn, at most what the front-end parses.
 */
export function saturationOf(deployment: Deployment, load: ReplicaLoad, kvCacheTokens: number): Saturation {
  const { inputTokens, outputTokens, sharedPrefixTokens = 0 } = load;
  const held = inputTokens - sharedPrefixTokens + outputTokens / 2 + KV_BLOCK_TOKENS / 2;
  const fitting = Math.max(1, Math.floor((kvCacheTokens - sharedPrefixTokens) / held));
  const concurrency = Math.min(fitting, deployment.maxNumSeqs);
  const turnMs = turnOf(deployment, load, concurrency, TIME_VALUES);
  const frontEndMs = TIME_VALUES.parseMs + (inputTokens / 1000) * TIME_VALUES.tokenizeMsPerThousand;
  const requestsPerSecond = 1000 / Math.max(turnMs / concurrency, frontEndMs);
  return {
    concurrency,
    requestsPerSecond,
    outputTokensPerSecond: requestsPerSecond * outputTokens,
    limit: fitting < deployment.maxNumSeqs ? "kv-cache" : "max-num-seqs",
  };
}

/** Milliseconds in which each of `requests` is answered once. */
function turnOf(deployment: Deployment, load: ReplicaLoad, requests: number, v: TimeValues): number {
  const { inputTokens, outputTokens, sharedPrefixTokens = 0 } = load;
  const timer = compileStepTimer(deployment, v);
  const decode: StepBatch = {
    prefillTokens: 0,
    prefillTokenPairs: 0,
    prefillRequests: 0,
    prefillSamples: 0,
    decodeSequences: requests,
    decodeContextTokens: requests * (inputTokens + outputTokens / 2),
  };
  const computed = inputTokens - sharedPrefixTokens;
  const withPrompt: StepBatch = {
    ...decode,
    prefillTokens: computed,
    prefillTokenPairs: computed * (sharedPrefixTokens + computed / 2),
    prefillRequests: 1,
    prefillSamples: 1,
  };
  const decodeMs = Math.max(timer.stepMs(decode), requests * v.detokenizeMsPerToken);
  const promptMs = timer.stepMs(withPrompt) - timer.stepMs(decode);
  return Math.max(0, outputTokens - 1) * decodeMs + requests * promptMs;
}
