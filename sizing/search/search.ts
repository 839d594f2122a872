import type { Catalog } from "../catalog";
import type { ServingRequest } from "../serving-request";
import { plannedConcurrency } from "./cases";
import { compareText, type Configuration } from "./configurations";
import { aimOf, type Aim } from "./objective-bounds";
import type { ModelFacts } from "./planned-model";
import { memoryShortfall, replicaOf, type Shortfall } from "./replica";
import { compareByObjective, configurationKey, nodesOf, type Solution } from "./solution";
import { Trials, type Trial } from "./trials";

export interface Failure {
  readonly configuration: Configuration;
  readonly shortfall: Shortfall;
}

/** A configuration that may do with this many replicas, and certainly not with fewer. */
interface Contender {
  readonly configuration: Configuration;
  readonly replicas: number;
  /** No solution with it has less of what the request optimizes; see `Aim`. */
  readonly bound: number;
  /** Its first guess was wrong: the next look settles how many replicas it takes. */
  readonly failedBefore: boolean;
}

/**
 * Best first: contenders are taken in the order of a figure (the cost, unless something else is optimized) that they cannot
 * undercut, so the first solutions that are no worse than every remaining bound are the best there are. Ends with `wanted`
 * kinds of card and weights.
 */
export function search(
  request: ServingRequest,
  model: ModelFacts,
  possible: readonly Configuration[],
  wanted: number,
  catalog: Catalog,
): { readonly solutions: readonly Solution[]; readonly failures: readonly Failure[] } {
  const trials = new Trials(request, model, catalog);
  const aim = aimOf(request, model);
  const failures: Failure[] = [];
  const queue: Contender[] = [];
  for (const configuration of possible) {
    const { requests, shortfall } = trials.mostRequests(configuration);
    const replicas = fewestReplicas(request, requests);
    if (replicas !== undefined) queue.push(contender(aim, configuration, replicas, false));
    else if (shortfall !== undefined) {
      failures.push({ configuration, shortfall: atPinnedReplicas(request, model, configuration) ?? shortfall });
    }
  }
  queue.sort(compareContenders);
  const solutions = new Map<string, Solution>();
  const compare = compareByObjective(request);
  const byCost = request.optimize === "cost";
  while (queue.length > 0) {
    const next = queue.shift();
    if (next === undefined) break;
    const last = [...solutions.values()].toSorted(compare)[wanted - 1];
    if (last !== undefined && next.bound > aim.valueOf(last)) break;
    const kind = kindOf(next.configuration);
    const rival = solutions.get(kind);
    if (rival !== undefined && aim.valueOf(rival) <= next.bound) continue;
    // What would cost more than these is not worth a closer look.
    const affordable = byCost ? Math.min(rival?.usdPerHour ?? Infinity, last?.usdPerHour ?? Infinity) : Infinity;
    const outcome = tried(request, aim, trials, next, affordable);
    if (outcome === undefined) continue;
    if ("shortfall" in outcome) {
      failures.push({ configuration: next.configuration, shortfall: outcome.shortfall });
    } else if ("failedBefore" in outcome) {
      queue.push(outcome);
      queue.sort(compareContenders);
    } else if (rival === undefined || compare(outcome, rival) < 0) {
      solutions.set(kind, outcome);
    }
  }
  return { solutions: [...solutions.values()].toSorted(compare).slice(0, wanted), failures };
}

/** Card, weights and precision of the KV cache: of each kind only the cheapest way to use it is worth showing. */
function kindOf({ gpu, quantization, kvCacheDtype }: Configuration): string {
  return `${gpu.name} ${quantization} ${kvCacheDtype}`;
}

function contender(aim: Aim, configuration: Configuration, replicas: number, failedBefore: boolean): Contender {
  return { configuration, replicas, bound: aim.boundOf(configuration, replicas), failedBefore };
}

function compareContenders(a: Contender, b: Contender): number {
  return a.bound - b.bound || compareText(configurationKey(a.configuration), configurationKey(b.configuration));
}

/** Fewest replicas that the bounds allow; undefined: none, or not the pinned number. */
function fewestReplicas(request: ServingRequest, requestsPerReplica: number): number | undefined {
  if (requestsPerReplica === 0) return undefined;
  const fewest = Math.ceil(plannedConcurrency(request) / requestsPerReplica);
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
  const each = Math.ceil(plannedConcurrency(request) / request.replicas);
  return memoryShortfall(request, replicaOf(request, model, configuration, each));
}

/** A solution, what to look at later, why there is none, or undefined: it would cost more than is affordable. */
function tried(
  request: ServingRequest,
  aim: Aim,
  trials: Trials,
  { configuration, replicas, failedBefore }: Contender,
  affordableUsdPerHour: number,
): Solution | Contender | { readonly shortfall: Shortfall } | undefined {
  const concurrency = plannedConcurrency(request);
  if (failedBefore) {
    const most = Math.min(concurrency, mostReplicas(request, configuration, affordableUsdPerHour));
    return settled(request, trials, configuration, replicas, most);
  }
  const each = Math.ceil(concurrency / replicas);
  if (trials.meets(configuration, each)) {
    const trial = trials.at(configuration, each);
    if (trial.shortfall === undefined) return solutionOf(request, trial, configuration, replicas);
  }
  if (request.replicas !== "auto" || each === 1) return missed(trials.at(configuration, each));
  if (!trials.meets(configuration, 1)) return missed(trials.at(configuration, 1));
  return contender(aim, configuration, Math.ceil(concurrency / (each - 1)), true);
}

function missed({ shortfall }: Trial): { readonly shortfall: Shortfall } | undefined {
  return shortfall === undefined ? undefined : { shortfall };
}

/** Replicas that serve, on as many machines as the money buys. */
function mostReplicas(request: ServingRequest, configuration: Configuration, usdPerHour: number): number {
  if (usdPerHour === Infinity) return Infinity;
  const { offer, replicasPerNode } = configuration;
  // Half a cent of slack: sums of prices are not exact.
  const nodes = Math.floor((usdPerHour + 0.005) / offer.usdPerHour);
  return (nodes - (request.availability?.spareNodes ?? 0)) * replicasPerNode;
}

/**
 * The fewest replicas, from `fewest` to `most`, that meet the limits; undefined: not even the most do. Fewer than
 * `fewest` are known to be too few, and one request for each replica is known to be served.
 */
function settled(
  request: ServingRequest,
  trials: Trials,
  configuration: Configuration,
  fewest: number,
  most: number,
): Solution | undefined {
  const concurrency = plannedConcurrency(request);
  const eachOf = (replicas: number): number => Math.ceil(concurrency / replicas);
  if (most < fewest || !trials.meets(configuration, eachOf(most))) return undefined;
  let [tooFew, enough] = [fewest - 1, most];
  // The answer is near the bound: steps away from it grow, so that few simulations bracket it.
  for (let step = 1.2; tooFew * step < enough - 1; step *= step) {
    const replicas = Math.max(tooFew + 1, Math.floor(tooFew * step));
    if (trials.meets(configuration, eachOf(replicas))) enough = replicas;
    else tooFew = replicas;
  }
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (trials.meets(configuration, eachOf(middle))) enough = middle;
    else tooFew = middle;
  }
  // Limits of the engine are chosen in steps, so that now and then fewer requests miss what more of them met.
  for (let replicas = enough; replicas <= most; replicas += 1) {
    const trial = trials.at(configuration, eachOf(replicas));
    if (trial.shortfall === undefined) return solutionOf(request, trial, configuration, replicas);
  }
  return undefined;
}

/** Every node may be full, so that as many replicas come on top as the spare nodes hold: whichever fail, enough stay. */
function solutionOf(
  request: ServingRequest,
  { replica, state }: Trial,
  configuration: Configuration,
  serving: number,
): Solution {
  const spareReplicas = (request.availability?.spareNodes ?? 0) * configuration.replicasPerNode;
  const nodes = nodesOf(request, configuration, serving);
  const usdPerHour = nodes * configuration.offer.usdPerHour;
  return { replica, state, replicas: serving + spareReplicas, spareReplicas, nodes, usdPerHour };
}
