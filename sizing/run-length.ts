import type { Deployment, ReplicaLoad } from "./deployment";
import type { Distribution } from "./statistics";

/** Above it, clients that can only queue are not simulated. */
const MOST_CLIENTS = 2048;
/** However many places and tokens there are: their front-end takes longer for one token of each than users would wait. */
const MOST_RUNNING_CLIENTS = 20_000;
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

/** Clients beyond those that the engine can run at once only queue: a quarter more show how long. */
export function enoughClients(deployment: Deployment, load: ReplicaLoad, kvCacheTokens: number): number {
  const filling = Math.ceil(1.25 * mostRunning(deployment, load, kvCacheTokens));
  return Math.min(MOST_RUNNING_CLIENTS, Math.max(MOST_CLIENTS, filling));
}

/**
 * With `clients` times the clients and no more room, each waits that much longer while the engine works as before; a run
 * of more turns has `turns` times the mean wait.
 */
export function withLongerQueue<T extends Waits>(clients: number, turns: number, run: T): T {
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
