import { TIME_VALUES, type TimeValues } from "../coefficients";
import type { Deployment, ReplicaLoad } from "../deployment";
import type { Basis } from "../model/precision";
import type { EngineRequest } from "./engine-request";
import { timeBasis } from "./error-band";
import { lengthsOf } from "./load-lengths";
import { ClosedLoopSource, OpenLoopSource } from "./request-source";
import {
  enoughClients,
  enoughRequests,
  mostRunning,
  queueOfTurns,
  TURNS_OF_BENCHMARK,
  withLongerQueue,
} from "./run-length";
import { outputRate, summarize } from "./run-summary";
import { Scheduler, type RequestSource } from "./scheduler";
import type { Distribution } from "./statistics";
import { compileStepTimer } from "./step-time";

export type { Distribution } from "./statistics";

/** What clients of one replica see. */
export interface LoadResult {
  readonly ttft: Distribution;
  /** Per request: (end to end − TTFT) / (output tokens − 1). */
  readonly tpot: Distribution;
  /** Median gap between two tokens. */
  readonly itlP50Ms: number;
  /** Gaps between two tokens, those of all requests together. */
  readonly itl: Distribution;
  readonly endToEnd: Distribution;
  readonly outputTokensPerSecond: number;
  readonly basis: Basis;
  /** Requests wait for room (KV pool or max_num_seqs); in an open loop: the queue grows without end. */
  readonly saturated: boolean;
}

/** Above this many requests a run is cut short, for time, but not below two a client. */
const LONG_RUN_REQUESTS = 5120;
const LEAST_REQUESTS_PER_CLIENT = 2;
/** An open-loop run is this many times the requests in flight. */
const OPEN_LOOP_TURNOVERS = 6;
const OPEN_LOOP_REQUESTS = { min: 500, max: 4000 } as const;
/** Share of an open-loop run that only fills the engine. */
const WARM_UP_SHARE = 0.2;
/** Prompt tokens that a step takes at least, over those that its clients send on average. */
const KEEPING_UP = 1.25;
/** An open loop that finishes less than this share of what arrives falls behind. */
const KEEPING_UP_SHARE = 0.9;

type Simulated = Omit<LoadResult, "basis">;

/** Load on one replica, simulated with the calibrated constants: a benchmark run that starts with all clients at once. */
export function simulateServing(deployment: Deployment, load: ReplicaLoad, kvCacheTokens: number): LoadResult {
  return simulateWith(deployment, load, kvCacheTokens, TIME_VALUES);
}

/** The simulation with given constants, for the refit. */
export function simulateWith(
  deployment: Deployment,
  load: ReplicaLoad,
  kvCacheTokens: number,
  v: TimeValues,
): LoadResult {
  const result =
    load.arrivals.kind === "closed-loop"
      ? closedLoop(deployment, load, load.arrivals.concurrency, kvCacheTokens, v)
      : openLoop(deployment, load, load.arrivals.requestsPerSecond, kvCacheTokens, v);
  return { ...result, basis: timeBasis(deployment) };
}

/** All requests in flight sent at the same moment: when the last of them has its first token. An open loop is one. */
export function burstTtftMs(deployment: Deployment, load: ReplicaLoad, kvCacheTokens = Infinity): number {
  const clients = load.arrivals.kind === "closed-loop" ? wholeClients(load.arrivals.concurrency) : 1;
  const source = new ClosedLoopSource(
    clients,
    clients,
    lengthsOf(load, deployment.maxModelLen, TIME_VALUES),
    () => 0,
    TIME_VALUES,
  );
  const { done } = runScheduler(deployment, load, kvCacheTokens, source, TIME_VALUES);
  return Math.max(...done.map((request) => request.firstTokenMs)) + TIME_VALUES.responseMs;
}

/** One decode step in closed form: `batch` sequences of the same context. */
export function decodeStepMs(
  deployment: Deployment,
  load: { readonly batch: number; readonly contextTokens: number },
): number {
  return compileStepTimer(deployment, TIME_VALUES).stepMs({
    prefillTokens: 0,
    prefillTokenPairs: 0,
    prefillRequests: 0,
    prefillSamples: 0,
    decodeSequences: load.batch,
    decodeContextTokens: load.batch * load.contextTokens,
  });
}

function wholeClients(concurrency: number): number {
  return Math.max(1, Math.round(concurrency));
}

/**
 * Tokens of prompts that a step of a closed loop takes. In the measured ones it was about one prompt, whatever the
 * budget; but an engine does not fall behind what its clients send while the budget allows more.
 */
export function promptTokensOfStep(
  load: { readonly computedTokens: number; readonly outputTokens: number; readonly running: number },
  extraPromptTokens: number,
): number {
  const { computedTokens, outputTokens, running } = load;
  return Math.max(computedTokens + extraPromptTokens, (KEEPING_UP * running * computedTokens) / outputTokens);
}

/** A stream of arrivals knows no steps of one prompt each: only the budget bounds it. */
function promptTokensPerStep(deployment: Deployment, load: ReplicaLoad, kvCacheTokens: number, v: TimeValues): number {
  if (load.arrivals.kind === "open-loop") return deployment.maxNumBatchedTokens;
  const computedTokens = load.inputTokens - (load.sharedPrefixTokens ?? 0);
  const running = Math.min(load.arrivals.concurrency, mostRunning(deployment, load, kvCacheTokens));
  return promptTokensOfStep({ computedTokens, outputTokens: load.outputTokens, running }, v.extraPromptTokens);
}

function runScheduler(
  deployment: Deployment,
  load: ReplicaLoad,
  kvCacheTokens: number,
  source: RequestSource,
  v: TimeValues,
): Scheduler {
  const scheduler = new Scheduler(
    {
      maxNumSeqs: deployment.maxNumSeqs,
      maxNumBatchedTokens: deployment.maxNumBatchedTokens,
      promptTokensPerStep: promptTokensPerStep(deployment, load, kvCacheTokens, v),
      // One request is always let through, so that a pool that is too small gives a slow answer and not none.
      kvCacheTokens: Math.max(kvCacheTokens, load.inputTokens + load.outputTokens),
      detokenizeMsPerToken: v.detokenizeMsPerToken,
    },
    compileStepTimer(deployment, v),
    source,
  );
  scheduler.run();
  return scheduler;
}

function closedLoop(
  deployment: Deployment,
  load: ReplicaLoad,
  concurrency: number,
  kvCacheTokens: number,
  v: TimeValues,
): Simulated {
  const asked = wholeClients(concurrency);
  const clients = Math.min(asked, enoughClients(deployment, load, kvCacheTokens));
  const longRun = Math.min(LONG_RUN_REQUESTS, enoughRequests(load, kvCacheTokens));
  const affordable = Math.max(LEAST_REQUESTS_PER_CLIENT, Math.floor(longRun / clients));
  const turns = Math.min(TURNS_OF_BENCHMARK, affordable);
  const source = new ClosedLoopSource(clients, clients * turns, lengthsOf(load, deployment.maxModelLen, v), () => 0, v);
  const { done, spans, waitedForRoom } = runScheduler(deployment, load, kvCacheTokens, source, v);
  const queues = clients > 2 * mostRunning(deployment, load, kvCacheTokens);
  // While every client is busy: the tail of a run says nothing about the engine.
  const outputTokensPerSecond = outputRate(done, 0, lastSentMs(done));
  const msPerRequest = outputTokensPerSecond > 0 ? (1000 * load.outputTokens) / outputTokensPerSecond : 0;
  const longer = queues ? queueOfTurns(TURNS_OF_BENCHMARK) / queueOfTurns(turns) : 1;
  return withLongerQueue(asked - clients, msPerRequest, longer, {
    ...summarize(done, spans, v.responseMs),
    outputTokensPerSecond,
    saturated: waitedForRoom,
  });
}

function openLoop(
  deployment: Deployment,
  load: ReplicaLoad,
  requestsPerSecond: number,
  kvCacheTokens: number,
  v: TimeValues,
): Simulated {
  const stepMs = decodeStepMs(deployment, { batch: 1, contextTokens: load.inputTokens });
  const inFlight = (requestsPerSecond * load.outputTokens * stepMs) / 1000;
  const { min, max } = OPEN_LOOP_REQUESTS;
  const enough = Math.min(max, enoughRequests(load, kvCacheTokens), inFlight * OPEN_LOOP_TURNOVERS);
  const total = Math.round(Math.max(min, enough));
  const source = new OpenLoopSource(requestsPerSecond, total, lengthsOf(load, deployment.maxModelLen, v), v);
  const { done, spans } = runScheduler(deployment, load, kvCacheTokens, source, v);
  const bySent = done.toSorted((a, b) => a.sentMs - b.sentMs);
  const counted = bySent.slice(Math.floor(total * WARM_UP_SHARE));
  const fromMs = counted[0]?.sentMs ?? 0;
  const toMs = lastSentMs(done);
  const offered = requestsPerSecond * load.outputTokens;
  const served = outputRate(done, fromMs, toMs);
  // Everything has arrived before the first answer is out: what counts is how long the engine takes for all of it.
  const capacity = outputRate(done, 0, lastFinishedMs(done));
  return {
    ...summarize(counted, spans, v.responseMs),
    outputTokensPerSecond: Math.min(Math.max(served, capacity), offered),
    saturated: fallsBehind(bySent, served / offered),
  };
}

function lastSentMs(requests: readonly EngineRequest[]): number {
  return requests.reduce((latest, request) => Math.max(latest, request.sentMs), 0);
}

function lastFinishedMs(requests: readonly EngineRequest[]): number {
  return requests.reduce((latest, request) => Math.max(latest, request.finishedMs), 0);
}

/** Less comes out than goes in, and those who come late wait longer than those who came early. */
function fallsBehind(bySent: readonly EngineRequest[], servedShare: number): boolean {
  const fifth = Math.max(1, Math.floor(bySent.length / 5));
  return servedShare < KEEPING_UP_SHARE && meanWaitMs(bySent.slice(-fifth)) > 2 * meanWaitMs(bySent.slice(0, fifth));
}

function meanWaitMs(requests: readonly EngineRequest[]): number {
  return requests.reduce((sum, request) => sum + request.firstTokenMs - request.sentMs, 0) / requests.length;
}
