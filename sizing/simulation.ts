import { TIME_VALUES, type TimeValues } from "./coefficients";
import type { Deployment, ReplicaLoad } from "./deployment";
import type { EngineRequest } from "./engine-request";
import { timeBasis } from "./error-band";
import { KV_BLOCK_TOKENS } from "./kv-cache";
import { lengthStream, type LengthStream } from "./length-distribution";
import { spreadOfLengths } from "./length-spread";
import type { Basis } from "./precision";
import { ClosedLoopSource, OpenLoopSource, type RequestLengths } from "./request-source";
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

/** A benchmark run sends ten requests a client (genai-perf and bench_serving as aiconfigurator calls them). */
const REQUESTS_PER_CLIENT = 10;
/** Above this many requests a run is cut short, for time, but not below two a client. */
const LONG_RUN_REQUESTS = 5120;
const LEAST_REQUESTS_PER_CLIENT = 2;
/** Above it, clients that can only queue are not simulated. */
const MOST_CLIENTS = 2048;
/** However many places and tokens there are: their front-end takes longer for one token of each than users would wait. */
const MOST_RUNNING_CLIENTS = 20_000;
/** How often a pool is filled anew before a run is long enough. */
const TURNOVERS_OF_POOL = 64;
/** An open-loop run is this many times the requests in flight. */
const OPEN_LOOP_TURNOVERS = 6;
const OPEN_LOOP_REQUESTS = { min: 500, max: 4000 } as const;
/** Share of an open-loop run that only fills the engine. */
const WARM_UP_SHARE = 0.2;
/** An open loop that finishes less than this share of what arrives falls behind. */
const KEEPING_UP_SHARE = 0.9;

/** Answers go through their distribution in another order than prompts (the plane's most even sequence, R2). */
const ANSWER_STEP = 0.569_840_290_998_053_3;

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

/** A mean that is no whole number can only come from answers of different length; benchmarks set whole ones. */
function spreadOf(tokens: number, v: TimeValues): number {
  return Number.isInteger(tokens) ? 0 : v.varyingLengthSpread;
}

/** Lengths of a load; none is longer than the context leaves room for. */
function lengthsOf(load: ReplicaLoad, maxModelLen: number, v: TimeValues): RequestLengths {
  const { inputTokens, outputTokens, inputTokensP95, outputTokensP95, sharedPrefixTokens } = load;
  const spread =
    outputTokensP95 === undefined ? spreadOf(outputTokens, v) : spreadOfLengths(outputTokens, outputTokensP95);
  const prompt = lengthStream(inputTokens, spreadOfLengths(inputTokens, inputTokensP95), 0.25);
  const output = lengthStream(outputTokens, spread, 0.5, inputTokensP95 === undefined ? undefined : ANSWER_STEP);
  return {
    prompt: atMost(prompt, maxModelLen - outputTokens),
    output: atMost(output, maxModelLen - inputTokens),
    ...(sharedPrefixTokens === undefined
      ? { sharedPrefix: load.arrivals.kind === "open-loop" ? v.openLoopSharedPrefix : 0 }
      : { cached: wholeBlocks(sharedPrefixTokens) }),
  };
}

function atMost(lengths: LengthStream, most: number): LengthStream {
  return (index) => Math.max(1, Math.min(lengths(index), Math.floor(most)));
}

/** The cache finds whole blocks, and at least the last token of a prompt is computed. */
function wholeBlocks(sharedPrefixTokens: number): NonNullable<RequestLengths["cached"]> {
  const blocks = Math.floor(sharedPrefixTokens / KV_BLOCK_TOKENS) * KV_BLOCK_TOKENS;
  return (_, promptTokens) => {
    const kept = Math.max(0, Math.min(blocks, promptTokens - 1));
    return { kept, shared: kept };
  };
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
      promptTokensPerStep: load.inputTokens - (load.sharedPrefixTokens ?? 0) + v.extraPromptTokens,
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
  const turns = Math.min(REQUESTS_PER_CLIENT, affordable);
  const source = new ClosedLoopSource(clients, clients * turns, lengthsOf(load, deployment.maxModelLen, v), () => 0, v);
  const { done, spans, waitedForRoom } = runScheduler(deployment, load, kvCacheTokens, source, v);
  const queues = clients > 2 * mostRunning(deployment, load, kvCacheTokens);
  return withLongerQueue(asked / clients, queues ? queueOfTurns(REQUESTS_PER_CLIENT) / queueOfTurns(turns) : 1, {
    ...summarize(done, spans, v.responseMs),
    // While every client is busy: the tail of a run says nothing about the engine.
    outputTokensPerSecond: outputRate(done, 0, lastSentMs(done)),
    saturated: waitedForRoom,
  });
}

/** Mean queue of a run over that of a long one: the first requests of the clients find it half as long. */
function queueOfTurns(turns: number): number {
  return (turns - 0.5) / turns;
}

/** Requests that show how a pool works which holds few of them at once; evictions make each of them expensive to follow. */
function enoughRequests({ inputTokens, outputTokens }: ReplicaLoad, kvCacheTokens: number): number {
  return TURNOVERS_OF_POOL * Math.max(1, kvCacheTokens / (inputTokens + outputTokens));
}

/** No more requests than this ever run at once: a prompt enters whole. */
function mostRunning(deployment: Deployment, load: ReplicaLoad, kvCacheTokens: number): number {
  return Math.min(deployment.maxNumSeqs, Math.ceil(kvCacheTokens / load.inputTokens));
}

/** Clients beyond those that the engine can run at once only queue: a quarter more show how long. */
function enoughClients(deployment: Deployment, load: ReplicaLoad, kvCacheTokens: number): number {
  const filling = Math.ceil(1.25 * mostRunning(deployment, load, kvCacheTokens));
  return Math.min(MOST_RUNNING_CLIENTS, Math.max(MOST_CLIENTS, filling));
}

/**
 * With `clients` times the clients and no more room, each waits that much longer while the engine works as before; a run
 * of more turns has `turns` times the mean wait.
 */
function withLongerQueue(clients: number, turns: number, run: Simulated): Simulated {
  const { ttft, endToEnd } = run;
  const wait = {
    meanMs: ttft.meanMs * clients * turns,
    p50Ms: ttft.p50Ms * clients,
    p95Ms: ttft.p95Ms * clients,
    p99Ms: ttft.p99Ms * clients,
  };
  return {
    ...run,
    ttft: wait,
    endToEnd: {
      meanMs: endToEnd.meanMs + wait.meanMs - ttft.meanMs,
      p50Ms: endToEnd.p50Ms + wait.p50Ms - ttft.p50Ms,
      p95Ms: endToEnd.p95Ms + wait.p95Ms - ttft.p95Ms,
      p99Ms: endToEnd.p99Ms + wait.p99Ms - ttft.p99Ms,
    },
  };
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
