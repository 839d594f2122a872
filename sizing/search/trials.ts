import type { Catalog } from "../catalog";
import { gpusOf, parallelismText } from "../model/parallelism";
import type { ServingRequest } from "../serving-request";
import type { SteadyState } from "../time/steady-state";
import { plannedConcurrency } from "./cases";
import type { Configuration } from "./configurations";
import { MAX_SEQUENCES_PER_REPLICA } from "./engine-flags";
import type { ModelFacts } from "./planned-model";
import {
  holding,
  memoryShortfall,
  mostRequests,
  replicaOf,
  simulatedShortfall,
  steadyStateOf,
  type Replica,
  type Shortfall,
} from "./replica";

/** One replica with so many requests, simulated and judged. */
export interface Trial {
  readonly replica: Replica;
  readonly state: SteadyState;
  readonly shortfall: Shortfall | undefined;
}

/** What was found of one way to run a replica under one load. */
interface Known {
  readonly trials: Map<number, Trial>;
  /** Most requests that were seen to meet the limits. */
  passes: number;
  /** Fewest requests that were seen to miss one. */
  fails: number;
  /** By the requests in flight as far as one replica can be asked for them. */
  readonly most: Map<number, ReturnType<typeof mostRequests>>;
}

/** Simulations of all searches in one catalog: the searches of one plan or comparison ask for the same ones again and again. */
interface TrialCache {
  readonly known: Map<string, Known>;
  /** By load alone: limits judge a simulation, and do not change it. */
  readonly states: Map<string, SteadyState>;
}

/** By catalog, which `planServing` copies for each plan: simulations are kept as long as that plan is made. */
const caches = new WeakMap<Catalog, TrialCache>();

/** Simulations of one search; machines that differ only in their number of cards share them. */
export class Trials {
  private readonly cache: TrialCache;
  private readonly load: string;
  private readonly limits: string;

  constructor(
    private readonly request: ServingRequest,
    private readonly model: ModelFacts,
    catalog: Catalog,
  ) {
    this.cache = caches.get(catalog) ?? { known: new Map(), states: new Map() };
    caches.set(catalog, this.cache);
    this.load = loadKey(request);
    this.limits = JSON.stringify([request.slo, request.scenarios, request.confidence]);
  }

  /** Most requests of a replica as far as memory and bounds tell. */
  mostRequests(configuration: Configuration): ReturnType<typeof mostRequests> {
    const { most } = this.known(configuration);
    const inFlight = Math.min(plannedConcurrency(this.request), MAX_SEQUENCES_PER_REPLICA);
    const known = most.get(inFlight) ?? mostRequests(this.request, this.model, configuration);
    most.set(inFlight, known);
    return known;
  }

  /** Whether a replica with so many requests meets every limit; what more of them met, or fewer missed, is not tried again. */
  meets(configuration: Configuration, concurrency: number): boolean {
    const known = this.known(configuration);
    if (concurrency <= known.passes) return true;
    if (concurrency >= known.fails) return false;
    return this.at(configuration, concurrency).shortfall === undefined;
  }

  /** The trial of a replica with so many requests; simulated at the first call. */
  at(configuration: Configuration, concurrency: number): Trial {
    const known = this.known(configuration);
    const before = known.trials.get(concurrency);
    if (before !== undefined) return { ...before, replica: { ...before.replica, configuration } };
    const replica = replicaOf(this.request, this.model, configuration, concurrency);
    const state = this.stateOf(replica);
    const shortfall = memoryShortfall(this.request, replica) ?? simulatedShortfall(this.request, replica, state);
    const trial = { replica, state, shortfall };
    known.trials.set(concurrency, trial);
    if (shortfall === undefined) known.passes = Math.max(known.passes, concurrency);
    else known.fails = Math.min(known.fails, concurrency);
    return trial;
  }

  private known(configuration: Configuration): Known {
    // With spare nodes a replica is also judged while all of them are up, which depends on how many share a machine.
    const neighbours = this.request.availability === undefined ? "" : configuration.replicasPerNode;
    const key = `${replicaKey(configuration)} ${neighbours} ${this.load} ${this.limits}`;
    const before = this.cache.known.get(key);
    if (before !== undefined) return before;
    const known: Known = { trials: new Map(), passes: 0, fails: Infinity, most: new Map() };
    this.cache.known.set(key, known);
    return known;
  }

  private stateOf(replica: Replica): SteadyState {
    // A KV cache that holds everybody with room to spare can be of any size or precision: nobody ever waits for it.
    const { kvCacheDtype, ...configuration } = replica.configuration;
    const kvCache = hasRoomToSpare(this.request, replica) ? "ample" : kvCacheDtype;
    const key = `${speedKey(configuration)} ${kvCache} ${replica.concurrency} ${this.load}`;
    const known = this.cache.states.get(key);
    if (known !== undefined) return known;
    const simulate = (): SteadyState => steadyStateOf(this.request, holding(this.request, this.request, replica));
    // Run again for the one plan that shows it, so that the requests of all the others need not be kept.
    const state = { ...simulate(), medianGapMs: () => simulate().medianGapMs() };
    this.cache.states.set(key, state);
    return state;
  }
}

/** What the speed and the memory of one replica depend on. */
function replicaKey(configuration: Configuration): string {
  return `${speedKey(configuration)} ${configuration.kvCacheDtype}`;
}

/** A single card has no link. */
function speedKey(configuration: Omit<Configuration, "kvCacheDtype">): string {
  const { gpu, offer, quantization } = configuration;
  const { kind, gigabytesPerSecond } = offer.link;
  const link = gpusOf(configuration) > 1 ? `${kind} ${gigabytesPerSecond}` : "";
  return `${gpu.name} ${quantization} ${parallelismText(configuration)} ${link}`;
}

/** Beyond the mean length of a request: rounding to blocks, what the engine adds to prompts, a token ahead. */
const SPARE_TOKENS_PER_REQUEST = 64;

/** Only where all requests are alike and alone: histories are kept as long as there is room for them. */
function hasRoomToSpare({ workload, scenarios = [] }: ServingRequest, { memory, concurrency }: Replica): boolean {
  const { promptTokens, promptTokensP95, outputTokens, outputTokensP95, reasoningTokens = 0, turns = 1 } = workload;
  if (promptTokensP95 !== undefined || outputTokensP95 !== undefined || turns > 1 || scenarios.length > 0) return false;
  const each = promptTokens + reasoningTokens + outputTokens + SPARE_TOKENS_PER_REQUEST;
  return memory.kvCacheTokens >= concurrency * each;
}

/**
 * All of a request that a replica with a given number of requests depends on. What is bought where, how many replicas
 * there are and how the model is cut is left out: the searches of a plan differ in these. How many requests are in
 * flight matters only where other cases have their share of them.
 */
function loadKey(request: ServingRequest): string {
  const { slo: _slo, confidence: _confidence, scenarios = [], optimize: _optimize, market: _market, ...rest } = request;
  const {
    gpu: _gpu,
    tensorParallel: _tp,
    pipelineParallel: _pp,
    replicas: _replicas,
    quantization: _q,
    ...kept
  } = rest;
  const { kvCacheDtype: _kv, architecture, workload, ...load } = kept;
  const { concurrency, ...lengths } = workload;
  // Turns of a dialogue find their history on one replica of all, and spare nodes take their share while they are up.
  const inFlight =
    scenarios.length > 0 || workload.turns !== undefined || load.availability !== undefined
      ? [concurrency, scenarios.map((scenario) => scenario.workload)]
      : [];
  return JSON.stringify([load, lengths, inFlight, architecture === undefined]);
}
