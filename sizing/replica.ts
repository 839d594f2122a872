import type { Configuration } from "./configurations";
import type { Deployment } from "./deployment";
import { engineFlags, MAX_SEQUENCES_PER_REPLICA } from "./engine-flags";
import { estimateMemory, type MemoryEstimate } from "./memory";
import type { ModelFacts } from "./planned-model";
import type { RejectedCandidate } from "./serving-plan";
import type { ServingRequest } from "./serving-request";
import { decodeStepMs } from "./simulation";
import { loneTtftMs, simulateSteadyState, type SteadyLoad, type SteadyState } from "./steady-state";

/** One replica that holds `concurrency` requests; nothing in it depends on how many replicas there are. */
export interface Replica {
  readonly configuration: Configuration;
  readonly concurrency: number;
  readonly deployment: Deployment;
  readonly memory: MemoryEstimate;
}

export type Shortfall = Pick<RejectedCandidate, "reason" | "explanation" | "needed" | "available">;

export function replicaOf(
  request: ServingRequest,
  model: ModelFacts,
  configuration: Configuration,
  concurrency: number,
): Replica {
  const { architecture } = model;
  const { gpu, offer, quantization, kvCacheDtype, tensorParallel, pipelineParallel } = configuration;
  const deployment: Deployment = {
    architecture,
    gpu,
    link: offer.link,
    quantization,
    tensorParallel,
    pipelineParallel,
    engine: request.engine,
    ...engineFlags(request, architecture.maxPositionEmbeddings, gpu, concurrency),
    kvCacheDtype,
    enforceEager: false,
  };
  return { configuration, concurrency, deployment, memory: estimateMemory(deployment) };
}

export function loadOf(request: ServingRequest, concurrency: number): SteadyLoad {
  const { promptTokens, outputTokens } = request.workload;
  return { concurrency, promptTokens, outputTokens };
}

const gib = (value: number): string => `${value.toFixed(1)} GiB`;
const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/**
 * Why the memory does not do, or undefined. The pool has to hold every request in flight at its mean full length:
 * vLLM would start with less, but evict and recompute; and it has to hold one request of the greatest length, or the
 * engine refuses to start.
 */
export function memoryShortfall(request: ServingRequest, replica: Replica): Shortfall | undefined {
  const { memory, deployment, concurrency } = replica;
  const { promptTokens, outputTokens } = request.workload;
  const fixedGiB =
    memory.weightsGiB +
    memory.activationGiB +
    memory.nonTorchGiB +
    (memory.cudaGraphsInBudget ? memory.cudaGraphGiB : 0);
  if (memory.kvCacheGiB <= 0) {
    const parts = `${gib(memory.weightsGiB)} weights + ${gib(fixedGiB - memory.weightsGiB)} activation, runtime and graphs`;
    return {
      reason: "memory",
      explanation: `${parts} leave no room for a KV cache in ${gib(memory.budgetGiB)} per GPU`,
      needed: `more than ${gib(fixedGiB)} per GPU`,
      available: `${gib(memory.budgetGiB)} per GPU`,
    };
  }
  const inFlight = concurrency * (promptTokens + outputTokens);
  const longest = deployment.maxModelLen;
  if (memory.kvCacheTokens >= Math.max(inFlight, longest)) return undefined;
  const one = longest > inFlight;
  return {
    reason: "kv-cache",
    explanation: one
      ? `one request of max-model-len has to fit the KV cache, or the engine does not start`
      : `${count(concurrency)} x ${count(promptTokens + outputTokens)} tokens have to fit the KV cache of a replica`,
    needed: `${count(Math.max(inFlight, longest))} tokens of KV cache`,
    available: `${count(memory.kvCacheTokens)} tokens (${gib(memory.kvCacheGiB)} per GPU)`,
  };
}

/**
 * Of the time that a prompt alone takes, the share that it costs the others at least when it rides along with their
 * decode steps: weights are read once for both, and several prompts share a step. Of a pipeline only one stage at a time
 * works on a prompt, while the others go on.
 */
const RIDING_PROMPT_SHARE = 0.7;

/** Below it an answer has so few gaps between tokens that bounds on their mean say nothing. */
const SHORT_ANSWER_TOKENS = 8;

/**
 * The deployment by which speed is judged. FP8 keys and values halve what attention reads, but quantizing them costs as
 * much until a context has about 7,000 tokens (H100, https://vllm.ai/blog/fp8-kvcache), and on other cards nobody
 * measured it: a plan counts on the memory that they save and not on their speed.
 */
function timed({ deployment }: Replica): Deployment {
  return deployment.kvCacheDtype === "fp8" ? { ...deployment, kvCacheDtype: "auto" } : deployment;
}

interface FastestTimes {
  readonly ttftMs: number;
  readonly stepMs: number;
  readonly endToEndMs: number;
}

/**
 * Times that no schedule can beat. While a request lives, its own tokens take as many decode steps, and the prompts of
 * all the others pass once: what does not fit into the limit on TTFT stretches the time per token.
 */
function fastestTimes(request: ServingRequest, replica: Replica): FastestTimes {
  const { concurrency } = replica;
  const deployment = timed(replica);
  const { promptTokens, outputTokens } = request.workload;
  const contextTokens = promptTokens + outputTokens / 2;
  const step = (batch: number): number => decodeStepMs(deployment, { batch: Math.max(1, batch), contextTokens });
  const ttftMs = loneTtftMs(deployment, loadOf(request, concurrency));
  const alone = step(1);
  const { ttftSeconds } = request.slo;
  if (concurrency === 1 || ttftSeconds === undefined || outputTokens < SHORT_ANSWER_TOKENS)
    return { ttftMs, stepMs: alone, endToEndMs: ttftMs + (outputTokens - 1) * alone };
  const limitMs = ttftSeconds * 1000;
  const decoding = Math.floor((concurrency * outputTokens * alone) / (outputTokens * alone + limitMs));
  const prompts = (concurrency - 1) * (RIDING_PROMPT_SHARE / deployment.pipelineParallel) * Math.max(0, ttftMs - alone);
  const lifeMs = outputTokens * step(decoding) + prompts;
  const stepMs = Math.max(step(decoding), (lifeMs - limitMs) / (outputTokens - 1));
  return { ttftMs, stepMs, endToEndMs: Math.max(lifeMs, ttftMs + (outputTokens - 1) * stepMs) };
}

/** Why the replica is too slow, judged by bounds that no simulation can beat; undefined: it may be fast enough. */
export function boundShortfall(request: ServingRequest, replica: Replica): Shortfall | undefined {
  return tooSlow(request, fastestTimes(request, replica), "at best");
}

/** Why the replica misses a limit at the 95th percentile, or undefined. */
export function simulatedShortfall(request: ServingRequest, state: SteadyState): Shortfall | undefined {
  const { ttft, tpot, endToEnd } = state;
  return tooSlow(request, { ttftMs: ttft.p95Ms, stepMs: tpot.p95Ms, endToEndMs: endToEnd.p95Ms }, "at p95");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

function tooSlow({ slo }: ServingRequest, times: FastestTimes, when: string): Shortfall | undefined {
  const { ttftSeconds, tokensPerSecondPerUser, endToEndSeconds } = slo;
  if (ttftSeconds !== undefined && times.ttftMs > ttftSeconds * 1000) {
    return {
      reason: "ttft",
      explanation: `the first token takes longer than slo.ttftSeconds`,
      needed: `at most ${ttftSeconds} s to the first token`,
      available: `${seconds(times.ttftMs)} ${when}`,
    };
  }
  if (tokensPerSecondPerUser !== undefined && times.stepMs * tokensPerSecondPerUser > 1000) {
    return {
      reason: "speed",
      explanation: `a user gets fewer tokens a second than slo.tokensPerSecondPerUser`,
      needed: `${tokensPerSecondPerUser} tokens/s per user`,
      available: `${(1000 / times.stepMs).toFixed(1)} tokens/s ${when}`,
    };
  }
  if (endToEndSeconds !== undefined && times.endToEndMs > endToEndSeconds * 1000) {
    return {
      reason: "end-to-end",
      explanation: `a whole answer takes longer than slo.endToEndSeconds`,
      needed: `at most ${endToEndSeconds} s for an answer`,
      available: `${seconds(times.endToEndMs)} ${when}`,
    };
  }
  return undefined;
}

/** Most requests of a replica, as far as memory and the bounds tell; with 0 comes the reason why not even one goes. */
export function mostRequests(
  request: ServingRequest,
  model: ModelFacts,
  configuration: Configuration,
): { readonly requests: number; readonly shortfall?: Shortfall } {
  const shortfallAt = (concurrency: number): Shortfall | undefined => {
    const replica = replicaOf(request, model, configuration, concurrency);
    return memoryShortfall(request, replica) ?? boundShortfall(request, replica);
  };
  const alone = shortfallAt(1);
  if (alone !== undefined) return { requests: 0, shortfall: alone };
  const most = Math.min(request.workload.concurrency, MAX_SEQUENCES_PER_REPLICA);
  const atMost = shortfallAt(most);
  if (atMost === undefined) return { requests: most };
  const requests = lastTrue(1, most, (concurrency) => shortfallAt(concurrency) === undefined);
  return { requests, shortfall: atMost };
}

/** Largest value of [low, high) for which a falling predicate still holds; it is taken to hold at `low`. */
export function lastTrue(low: number, high: number, holds: (value: number) => boolean): number {
  let [yes, no] = [low, high];
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

export function steadyStateOf(request: ServingRequest, replica: Replica): SteadyState {
  return simulateSteadyState(timed(replica), loadOf(request, replica.concurrency), replica.memory.kvCacheTokens);
}
