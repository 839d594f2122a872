import { compareText, type Configuration } from "./configurations";
import type { ModelFacts } from "./planned-model";
import { QUANTIZATIONS } from "./precision";
import {
  lastTrue,
  memoryShortfall,
  mostRequests,
  replicaOf,
  simulatedShortfall,
  steadyStateOf,
  type Replica,
  type Shortfall,
} from "./replica";
import type { ServingRequest } from "./serving-request";
import type { SteadyState } from "./steady-state";

/** A configuration with enough replicas to meet every limit, at the least cost that it can. */
export interface Solution {
  readonly replica: Replica;
  readonly replicas: number;
  readonly nodes: number;
  readonly usdPerHour: number;
  readonly state: SteadyState;
}

export interface Failure {
  readonly configuration: Configuration;
  readonly shortfall: Shortfall;
}

/** A configuration that may do with this many replicas, and costs at least this much. */
interface Contender {
  readonly configuration: Configuration;
  /** Most requests of one replica that the bounds allow. */
  readonly requests: number;
  readonly leastUsdPerHour: number;
}

/** Cheapest first; then fewer GPUs in use, fewer replicas, more exact weights; names make the order total. */
export function compareSolutions(a: Solution, b: Solution): number {
  const rank = (solution: Solution): number => QUANTIZATIONS.indexOf(solution.replica.configuration.quantization);
  return (
    a.usdPerHour - b.usdPerHour ||
    usedGpus(a) - usedGpus(b) ||
    a.replicas - b.replicas ||
    rank(a) - rank(b) ||
    compareText(configurationKey(a.replica.configuration), configurationKey(b.replica.configuration))
  );
}

export function usedGpus(solution: Solution): number {
  return solution.replicas * solution.replica.configuration.tensorParallel;
}

export function configurationKey({ offer, quantization, tensorParallel }: Configuration): string {
  return `${offer.instanceType} ${offer.cloud} ${offer.region} ${quantization} TP${tensorParallel}`;
}

const usdPerHourOf = (configuration: Configuration, replicas: number): number =>
  Math.ceil(replicas / configuration.replicasPerNode) * configuration.offer.usdPerHour;

/**
 * Best first: configurations are taken in the order of a cost that they cannot undercut, so the first `wanted`
 * solutions that are no dearer than every remaining bound are the cheapest there are.
 */
export function search(
  request: ServingRequest,
  model: ModelFacts,
  possible: readonly Configuration[],
  wanted: number,
): { readonly solutions: readonly Solution[]; readonly failures: readonly Failure[] } {
  const failures: Failure[] = [];
  const contenders: Contender[] = [];
  for (const configuration of possible) {
    const { requests, shortfall } = mostRequests(request, model, configuration);
    const replicas = fewestReplicas(request, requests);
    if (replicas === undefined) {
      if (shortfall !== undefined)
        failures.push({ configuration, shortfall: atPinnedReplicas(request, model, configuration) ?? shortfall });
      continue;
    }
    contenders.push({ configuration, requests, leastUsdPerHour: usdPerHourOf(configuration, replicas) });
  }
  contenders.sort(
    (a, b) =>
      a.leastUsdPerHour - b.leastUsdPerHour ||
      compareText(configurationKey(a.configuration), configurationKey(b.configuration)),
  );
  const solutions: Solution[] = [];
  for (const contender of contenders) {
    const cutoff = solutions[wanted - 1];
    if (cutoff !== undefined && contender.leastUsdPerHour > cutoff.usdPerHour) break;
    const found = solve(request, model, contender);
    if ("shortfall" in found) {
      failures.push({ configuration: contender.configuration, shortfall: found.shortfall });
    } else {
      solutions.push(found);
      solutions.sort(compareSolutions);
    }
  }
  return { solutions, failures };
}

/** Fewest replicas that the bounds allow; undefined: none, or not the pinned number. */
function fewestReplicas(request: ServingRequest, requestsPerReplica: number): number | undefined {
  if (requestsPerReplica === 0) return undefined;
  const fewest = Math.ceil(request.workload.concurrency / requestsPerReplica);
  if (request.replicas === "auto") return fewest;
  return fewest <= request.replicas ? request.replicas : undefined;
}

/** The reason that is seen at the number of requests that pinned replicas leave to each. */
function atPinnedReplicas(
  request: ServingRequest,
  model: ModelFacts,
  configuration: Configuration,
): Shortfall | undefined {
  if (request.replicas === "auto") return undefined;
  const each = Math.ceil(request.workload.concurrency / request.replicas);
  return memoryShortfall(request, replicaOf(request, model, configuration, each));
}

interface Trial {
  readonly replica: Replica;
  readonly state: SteadyState;
  readonly shortfall: Shortfall | undefined;
}

function attempt(request: ServingRequest, model: ModelFacts, configuration: Configuration, replicas: number): Trial {
  const each = Math.ceil(request.workload.concurrency / replicas);
  const replica = replicaOf(request, model, configuration, each);
  const state = steadyStateOf(request, replica);
  return { replica, state, shortfall: memoryShortfall(request, replica) ?? simulatedShortfall(request, state) };
}

function solve(
  request: ServingRequest,
  model: ModelFacts,
  { configuration, requests }: Contender,
): Solution | { readonly shortfall: Shortfall } {
  const solution = ({ replica, state }: Trial, replicas: number): Solution => ({
    replica,
    state,
    replicas,
    nodes: Math.ceil(replicas / configuration.replicasPerNode),
    usdPerHour: usdPerHourOf(configuration, replicas),
  });
  const { concurrency } = request.workload;
  if (request.replicas !== "auto") {
    const trial = attempt(request, model, configuration, request.replicas);
    return trial.shortfall === undefined ? solution(trial, request.replicas) : { shortfall: trial.shortfall };
  }
  const fewest = Math.ceil(concurrency / requests);
  const first = attempt(request, model, configuration, fewest);
  if (first.shortfall === undefined) return solution(first, fewest);
  const alone = attempt(request, model, configuration, concurrency);
  if (alone.shortfall !== undefined) return { shortfall: alone.shortfall };
  // One replica serves a whole number of requests: how many at most is what decides the number of replicas.
  const each = mostSimulated(request, model, configuration, Math.ceil(concurrency / fewest));
  const replicas = Math.ceil(concurrency / each);
  const trial = attempt(request, model, configuration, replicas);
  return trial.shortfall === undefined ? solution(trial, replicas) : solution(alone, concurrency);
}

function mostSimulated(
  request: ServingRequest,
  model: ModelFacts,
  configuration: Configuration,
  tooMany: number,
): number {
  return lastTrue(1, tooMany, (concurrency) => {
    const replica = replicaOf(request, model, configuration, concurrency);
    if (memoryShortfall(request, replica) !== undefined) return false;
    return simulatedShortfall(request, steadyStateOf(request, replica)) === undefined;
  });
}
