import { compareText, type Configuration } from "./configurations";
import { gpusOf, parallelismText } from "./parallelism";
import type { ModelFacts } from "./planned-model";
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
import { compareByObjective, configurationKey, type Solution } from "./solution";

export interface Failure {
  readonly configuration: Configuration;
  readonly shortfall: Shortfall;
}

/** A configuration that may do with this many replicas, and needs no fewer. */
interface Contender {
  readonly configuration: Configuration;
  readonly replicas: number;
  readonly leastUsdPerHour: number;
  /** Its first guess was wrong: the next look settles how many replicas it takes. */
  readonly failedBefore: boolean;
}

/** Machines for the replicas that serve, and those that may be lost. */
const nodesOf = (request: ServingRequest, { replicasPerNode }: Configuration, replicas: number): number =>
  Math.ceil(replicas / replicasPerNode) + (request.availability?.spareNodes ?? 0);

/**
 * Best first: contenders are taken in the order of a cost that they cannot undercut, so the first solutions that are
 * no dearer than every remaining bound are the cheapest there are. Ends with `wanted` kinds of card and weights.
 * Other objectives have no such bound: all contenders are looked at.
 */
export function search(
  request: ServingRequest,
  model: ModelFacts,
  possible: readonly Configuration[],
  wanted: number,
): { readonly solutions: readonly Solution[]; readonly failures: readonly Failure[] } {
  const trials = new Trials(request, model);
  const failures: Failure[] = [];
  const queue: Contender[] = [];
  for (const configuration of possible) {
    const { requests, shortfall } = trials.mostRequests(configuration);
    const replicas = fewestReplicas(request, requests);
    if (replicas !== undefined) queue.push(contender(request, configuration, replicas, false));
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
    if (byCost && last !== undefined && next.leastUsdPerHour > last.usdPerHour) break;
    const kind = kindOf(next.configuration);
    const rival = solutions.get(kind);
    if (byCost && rival !== undefined && rival.usdPerHour <= next.leastUsdPerHour) continue;
    const outcome = look(request, trials, next);
    if ("shortfall" in outcome) {
      failures.push({ configuration: next.configuration, shortfall: outcome.shortfall });
    } else if ("leastUsdPerHour" in outcome) {
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

function contender(
  request: ServingRequest,
  configuration: Configuration,
  replicas: number,
  failedBefore: boolean,
): Contender {
  const leastUsdPerHour = nodesOf(request, configuration, replicas) * configuration.offer.usdPerHour;
  return { configuration, replicas, leastUsdPerHour, failedBefore };
}

function compareContenders(a: Contender, b: Contender): number {
  return (
    a.leastUsdPerHour - b.leastUsdPerHour ||
    compareText(configurationKey(a.configuration), configurationKey(b.configuration))
  );
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

/** Simulations of one search; machines that differ only in their number of cards share them. */
class Trials {
  private readonly done = new Map<string, Trial>();
  private readonly most = new Map<string, ReturnType<typeof mostRequests>>();

  constructor(
    private readonly request: ServingRequest,
    private readonly model: ModelFacts,
  ) {}

  mostRequests(configuration: Configuration): ReturnType<typeof mostRequests> {
    const key = replicaKey(configuration);
    const known = this.most.get(key) ?? mostRequests(this.request, this.model, configuration);
    this.most.set(key, known);
    return known;
  }

  at(configuration: Configuration, concurrency: number): Trial {
    const key = `${replicaKey(configuration)} ${concurrency}`;
    const known = this.done.get(key);
    if (known !== undefined) return { ...known, replica: { ...known.replica, configuration } };
    const replica = replicaOf(this.request, this.model, configuration, concurrency);
    const state = steadyStateOf(this.request, replica);
    const shortfall = memoryShortfall(this.request, replica) ?? simulatedShortfall(this.request, state);
    const trial = { replica, state, shortfall };
    this.done.set(key, trial);
    return trial;
  }
}

/** What the speed and the memory of one replica depend on; a single card has no link. */
function replicaKey(configuration: Configuration): string {
  const { gpu, offer, quantization, kvCacheDtype } = configuration;
  const { kind, gigabytesPerSecond } = offer.link;
  const link = gpusOf(configuration) > 1 ? `${kind} ${gigabytesPerSecond}` : "";
  return `${gpu.name} ${quantization} ${kvCacheDtype} ${parallelismText(configuration)} ${link}`;
}

function look(
  request: ServingRequest,
  trials: Trials,
  { configuration, replicas, failedBefore }: Contender,
): Solution | Contender | { readonly shortfall: Shortfall } {
  const { concurrency } = request.workload;
  const each = Math.ceil(concurrency / replicas);
  if (failedBefore) return settled(request, trials, configuration, each);
  const trial = trials.at(configuration, each);
  if (trial.shortfall === undefined) return solutionOf(request, trial, configuration, replicas);
  if (request.replicas !== "auto" || each === 1) return { shortfall: trial.shortfall };
  const alone = trials.at(configuration, 1);
  if (alone.shortfall !== undefined) return { shortfall: alone.shortfall };
  return contender(request, configuration, Math.ceil(concurrency / (each - 1)), true);
}

/** One replica serves a whole number of requests: how many at most is what decides the number of replicas. */
function settled(request: ServingRequest, trials: Trials, configuration: Configuration, fewerThan: number): Solution {
  const { concurrency } = request.workload;
  const each = lastTrue(1, fewerThan + 1, (some) => trials.at(configuration, some).shortfall === undefined);
  const replicas = Math.ceil(concurrency / each);
  const trial = trials.at(configuration, Math.ceil(concurrency / replicas));
  return trial.shortfall === undefined
    ? solutionOf(request, trial, configuration, replicas)
    : solutionOf(request, trials.at(configuration, 1), configuration, concurrency);
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
