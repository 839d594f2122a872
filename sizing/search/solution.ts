import { gpusOf, parallelismText } from "../model/parallelism";
import { KV_CACHE_DTYPES, QUANTIZATIONS } from "../model/precision";
import type { ServingRequest } from "../serving-request";
import type { SteadyState } from "../time/steady-state";
import { requestsHeld } from "../time/workload";
import { plannedConcurrency } from "./cases";
import { compareText, type Configuration } from "./configurations";
import type { Replica } from "./replica";

/** A configuration with enough replicas to meet every limit, at the least cost that it can. */
export interface Solution {
  readonly replica: Replica;
  /** Those that serve the load, and those of the spare nodes. */
  readonly replicas: number;
  /** Of the replicas, those that the loss of the spare nodes may take away. */
  readonly spareReplicas: number;
  readonly nodes: number;
  readonly usdPerHour: number;
  readonly state: SteadyState;
}

/** Machines for the replicas that serve, and those that may be lost. */
export function nodesOf(request: ServingRequest, { replicasPerNode }: Configuration, replicas: number): number {
  return Math.ceil(replicas / replicasPerNode) + (request.availability?.spareNodes ?? 0);
}

export function usedGpus(solution: Solution): number {
  return solution.replicas * gpusOf(solution.replica.configuration);
}

export function configurationKey(configuration: Configuration): string {
  const { offer, quantization, kvCacheDtype } = configuration;
  return `${offer.instanceType} ${offer.cloud} ${offer.region} ${quantization} ${parallelismText(configuration)} ${kvCacheDtype}`;
}

/** Cheapest first; then the more exact KV cache, fewer GPUs in use, fewer replicas, more exact weights; names make the order total. */
export function compareSolutions(a: Solution, b: Solution): number {
  const rank = (solution: Solution): number => QUANTIZATIONS.indexOf(solution.replica.configuration.quantization);
  const cacheRank = (solution: Solution): number =>
    KV_CACHE_DTYPES.indexOf(solution.replica.configuration.kvCacheDtype);
  return (
    a.usdPerHour - b.usdPerHour ||
    cacheRank(a) - cacheRank(b) ||
    usedGpus(a) - usedGpus(b) ||
    a.replicas - b.replicas ||
    rank(a) - rank(b) ||
    compareText(configurationKey(a.replica.configuration), configurationKey(b.replica.configuration))
  );
}

/** Requests of mean length that the KV caches of the replicas hold, spare ones left out. */
export function requestsThatFit({ workload }: ServingRequest, { replica, replicas, spareReplicas }: Solution): number {
  return (replicas - spareReplicas) * requestsHeld(workload, replica.memory.kvCacheTokens);
}

/** Requests that fit beyond those needed, for each dollar an hour. */
export function spareRequestsPerDollar(request: ServingRequest, solution: Solution): number {
  return (requestsThatFit(request, solution) - plannedConcurrency(request)) / solution.usdPerHour;
}

/** Best first in what the request optimizes; the order by cost decides among equals, so that it stays total. */
export function compareByObjective(request: ServingRequest): (a: Solution, b: Solution) => number {
  if (request.optimize === "latency")
    return (a, b) =>
      a.state.ttft.p95Ms - b.state.ttft.p95Ms || a.state.tpot.p95Ms - b.state.tpot.p95Ms || compareSolutions(a, b);
  if (request.optimize === "headroom")
    return (a, b) => spareRequestsPerDollar(request, b) - spareRequestsPerDollar(request, a) || compareSolutions(a, b);
  return compareSolutions;
}
