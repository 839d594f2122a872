import type { Deployment } from "../deployment";
import { estimateMemory, type MemoryEstimate } from "../memory/memory";
import type { ServingRequest } from "../serving-request";
import type { Probe } from "../time/request-stream";
import { simulateSteadyState, type SteadyLoad, type SteadyState } from "../time/steady-state";
import { historyCaching, tokensInFlight, tokensPerRequest, type HistoryCaching } from "../time/workload";
import { gib, whole } from "../wording";
import { casesOf, judgedLoads, plannedConcurrency, shareOfCase, type JudgedLoad } from "./cases";
import type { Configuration } from "./configurations";
import { engineFlags, MAX_SEQUENCES_PER_REPLICA } from "./engine-flags";
import { fastestTimes, fastestTtftMs } from "./fastest-times";
import { judgedBounds, judgedTimes, tooSlow, whenOf, type JudgedTimes, type Shortfall } from "./limits";
import type { ModelFacts } from "./planned-model";

/** One replica that holds `concurrency` requests of the case with the most; nothing in it depends on how many replicas there are. */
export interface Replica {
  readonly configuration: Configuration;
  readonly concurrency: number;
  readonly deployment: Deployment;
  readonly memory: MemoryEstimate;
}

export type { Shortfall } from "./limits";

/** The replica with the flags that the engine gets for so many requests, and the memory that they leave it. */
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

/** The workload of a request with `concurrency` of its requests in flight on this replica. */
export function loadOf(request: ServingRequest, concurrency: number): SteadyLoad {
  return { ...request.workload, concurrency, replicas: Math.ceil(request.workload.concurrency / concurrency) };
}

/** What prefix caching does for the dialogues of a replica; undefined where there are none. */
export function historyCachingOf(request: ServingRequest, replica: Replica): HistoryCaching | undefined {
  const { concurrency, memory } = holding(request, request, replica);
  const load = loadOf(request, concurrency);
  return historyCaching(load, concurrency, memory.kvCacheTokens, load.replicas ?? 1);
}

/** The replica with its share of the requests of one case. */
export function holding(request: ServingRequest, ofCase: ServingRequest, replica: Replica): Replica {
  return { ...replica, concurrency: shareOfCase(request, ofCase, replica.concurrency) };
}

/** Why the memory does not do in some case, or undefined. */
export function memoryShortfall(request: ServingRequest, replica: Replica): Shortfall | undefined {
  return firstShortfall(request, replica, memoryShortfallOfCase);
}

function firstShortfall(
  request: ServingRequest,
  replica: Replica,
  shortfallOf: (ofCase: ServingRequest, replica: Replica) => Shortfall | undefined,
): Shortfall | undefined {
  for (const { name, request: ofCase } of casesOf(request)) {
    const shortfall = shortfallOf(ofCase, holding(request, ofCase, replica));
    if (shortfall !== undefined) return inCase(name, shortfall);
  }
  return undefined;
}

/** A shortfall names the scenario in which it shows, where that is not the request itself. */
function inCase(name: string | undefined, shortfall: Shortfall | undefined): Shortfall | undefined {
  return name === undefined || shortfall === undefined
    ? shortfall
    : { ...shortfall, explanation: `in ${name}: ${shortfall.explanation}` };
}

/**
 * Why the memory does not do, or undefined. The pool has to hold every request in flight at its mean full length:
 * vLLM would start with less, but evict and recompute; and it has to hold one request of the greatest length, or the
 * engine refuses to start.
 */
function memoryShortfallOfCase({ workload }: ServingRequest, replica: Replica): Shortfall | undefined {
  const { memory, deployment, concurrency } = replica;
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
  const inFlight = tokensInFlight(workload, concurrency);
  const longest = deployment.maxModelLen;
  if (memory.kvCacheTokens >= Math.max(inFlight, longest)) return undefined;
  const one = longest > inFlight;
  return {
    reason: "kv-cache",
    explanation: one
      ? `one request of max-model-len has to fit the KV cache, or the engine does not start`
      : `${whole(concurrency)} x ${whole(tokensPerRequest(workload))} tokens have to fit the KV cache of a replica`,
    needed: `${whole(Math.max(inFlight, longest))} tokens of KV cache`,
    available: `${whole(memory.kvCacheTokens)} tokens (${gib(memory.kvCacheGiB)} per GPU)`,
  };
}

/**
 * The deployment by which speed is judged. FP8 keys and values halve what attention reads, but quantizing them costs as
 * much until a context has about 7,000 tokens (H100, https://vllm.ai/blog/fp8-kvcache), and on other cards nobody
 * measured it: a plan counts on the memory that they save and not on their speed.
 */
function timed({ deployment }: Replica): Deployment {
  return deployment.kvCacheDtype === "fp8" ? { ...deployment, kvCacheDtype: "auto" } : deployment;
}

function fastestOf({ workload, slo }: ServingRequest, replica: Replica): JudgedTimes {
  return fastestTimes(timed(replica), { ...workload, concurrency: replica.concurrency }, slo);
}

/** The bound on the time to the first token by which a configuration is judged. */
export function fastestTtftOf({ workload }: ServingRequest, replica: Replica): number {
  return fastestTtftMs(timed(replica), { ...workload, concurrency: replica.concurrency });
}

/** Why the replica is too slow, judged by bounds that no simulation can beat; undefined: it may be fast enough. */
function boundShortfall(request: ServingRequest, replica: Replica): Shortfall | undefined {
  const { confidence } = request;
  return firstShortfall(request, replica, (ofCase, share) =>
    tooSlow(
      ofCase.slo,
      judgedBounds(fastestOf(ofCase, share), replica.deployment, confidence),
      whenOf("at best", confidence),
    ),
  );
}

/**
 * The replica with its share of the request while every node is up: less to do than after the loss that it is planned for,
 * but the turns of a dialogue are spread over more replicas. Undefined without spare nodes.
 */
export function withEveryNodeUp(request: ServingRequest, replica: Replica): Replica | undefined {
  const spareNodes = request.availability?.spareNodes ?? 0;
  if (spareNodes === 0) return undefined;
  const serving = Math.ceil(plannedConcurrency(request) / replica.concurrency);
  const all = serving + spareNodes * replica.configuration.replicasPerNode;
  return { ...replica, concurrency: Math.ceil(request.workload.concurrency / all) };
}

/** Why the replica misses a limit of some scenario at the 95th percentile, or undefined; `state` is that of the request itself. */
export function simulatedShortfall(
  request: ServingRequest,
  replica: Replica,
  state: SteadyState,
): Shortfall | undefined {
  const { confidence } = request;
  for (const judged of judgedLoads(request)) {
    const times = judgedTimes(judgedStateOf(request, judged, replica, state), replica.deployment, confidence);
    const shortfall = tooSlow(judged.request.slo, times, whenOf("at p95", confidence));
    if (shortfall !== undefined) return inCase(judged.name, shortfall);
  }
  const allUp = withEveryNodeUp(request, replica);
  if (allUp === undefined) return undefined;
  const times = judgedTimes(steadyStateOf(request, allUp), replica.deployment, confidence);
  return inCase("the base load with every node up", tooSlow(request.slo, times, whenOf("at p95", confidence)));
}

/** Steady state under one of the judged loads; `state`, that of the request itself, is not simulated again. */
export function judgedStateOf(
  request: ServingRequest,
  { kind, request: ofCase, probe }: JudgedLoad,
  replica: Replica,
  state: SteadyState,
): SteadyState {
  return kind === "base" ? state : steadyStateOf(ofCase, holding(request, ofCase, replica), probe);
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
  const most = Math.min(plannedConcurrency(request), MAX_SEQUENCES_PER_REPLICA);
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

/** Steady state of the replica with its share of the request, if every turn of a dialogue came to the replica of the one before. */
export function steadyStateWithAffinity(request: ServingRequest, replica: Replica): SteadyState {
  const { concurrency, memory } = holding(request, request, replica);
  const load = { ...loadOf(request, concurrency), replicas: 1 };
  return simulateSteadyState(timed(replica), load, memory.kvCacheTokens);
}

/** Steady state of a replica with all the requests that it holds; with a probe as its requests see it. */
export function steadyStateOf(request: ServingRequest, replica: Replica, probe?: Probe): SteadyState {
  return simulateSteadyState(timed(replica), loadOf(request, replica.concurrency), replica.memory.kvCacheTokens, probe);
}
