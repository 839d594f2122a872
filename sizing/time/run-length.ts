import type { Deployment, ReplicaLoad } from "../deployment";
import type { Distribution } from "./statistics";

/** A benchmark run sends ten requests a client (genai-perf and bench_serving as aiconfigurator calls them). */
export const TURNS_OF_BENCHMARK = 10;
/** Above it, clients that can only queue are not simulated. */
const MOST_CLIENTS = 2048;
/** However many places and tokens there are: their front-end takes longer for one token of each than users would wait. */
const MOST_RUNNING_CLIENTS = 20_000;
/** Clients for every whole request that the pool holds, and how many there are in any case. */
const CLIENTS_PER_PLACE = 16;
const FEWEST_CLIENTS = 512;
/** How often a pool is filled anew before a run is long enough. */
const TURNOVERS_OF_POOL = 64;

interface Waits {
  readonly ttft: Distribution;
  readonly endToEnd: Distribution;
}

/** Mean queue of a run over that of a long one: the first requests of the clients find it half as long. */
export function queueOfTurns(turns: number): number {
  return (turns - 0.5) / turns;
}

/** Requests that show how a pool works which holds few of them at once; evictions make each of them expensive to follow. */
export function enoughRequests({ inputTokens, outputTokens }: ReplicaLoad, kvCacheTokens: number): number {
  return TURNOVERS_OF_POOL * Math.max(1, kvCacheTokens / (inputTokens + outputTokens));
}

/** No more requests than this ever run at once: a prompt enters whole. */
export function mostRunning(deployment: Deployment, load: ReplicaLoad, kvCacheTokens: number): number {
  return Math.min(deployment.maxNumSeqs, Math.ceil(kvCacheTokens / load.inputTokens));
}

/**
 * Clients beyond those that the engine can run at once only queue: a quarter more show how long. Of a pool that holds few
 * whole requests, many times as many as it holds are enough.
 */
export function enoughClients(deployment: Deployment, load: ReplicaLoad, kvCacheTokens: number): number {
  const whole = kvCacheTokens / (load.inputTokens + load.outputTokens);
  const many = Math.ceil(Math.max(FEWEST_CLIENTS, CLIENTS_PER_PLACE * whole));
  const filling = Math.ceil(1.25 * mostRunning(deployment, load, kvCacheTokens));
  return Math.min(many, MOST_RUNNING_CLIENTS, Math.max(MOST_CLIENTS, filling));
}

/**
 * Clients who can only queue wait for those before them, who leave at the pace of the engine: each of them adds
 * `msPerRequest`. A run of more turns has `turns` times the mean wait of the simulated one.
 */
export function withLongerQueue<T extends Waits>(queueing: number, msPerRequest: number, turns: number, run: T): T {
  const { ttft, endToEnd } = run;
  const addedMs = queueing * msPerRequest;
  const meanMs = ttft.meanMs * (turns - 1) + addedMs * queueOfTurns(TURNS_OF_BENCHMARK);
  return { ...run, ttft: later(ttft, meanMs, addedMs), endToEnd: later(endToEnd, meanMs, addedMs) };
}

function later(times: Distribution, meanMs: number, addedMs: number): Distribution {
  return {
    meanMs: times.meanMs + meanMs,
    p50Ms: times.p50Ms + addedMs,
    p95Ms: times.p95Ms + addedMs,
    p99Ms: times.p99Ms + addedMs,
  };
}
