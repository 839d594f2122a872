import type { Checkpoint, Cloud, Purchase } from "./catalog";
import type { Engine } from "./deployment";
import type { ModelArchitecture } from "./model/architecture";
import type { KvCacheChoice, Quantization } from "./model/precision";

export const TARGETS = ["local", "existing", "aws"] as const;
export type Target = (typeof TARGETS)[number];

/**
 * What the pick is best in, among all that meets the limits: the lowest cost; the shortest p95 time to the first token
 * (then per token); or the most requests that the KV cache holds beyond those needed, per dollar and hour.
 */
export const OBJECTIVES = ["cost", "latency", "headroom"] as const;
export type Objective = (typeof OBJECTIVES)[number];

export interface Workload {
  /** Requests in flight at once, over all replicas; with a traffic profile those of its peak hour. */
  readonly concurrency: number;
  /** Mean tokens of a prompt; of a dialogue, of its first turn. */
  readonly promptTokens: number;
  /** Absent: all prompts are of the mean length. */
  readonly promptTokensP95?: number;
  /** Mean tokens of an answer, what is thought before it left out. */
  readonly outputTokens: number;
  /** Absent: all answers are of the mean length; what is thought varies as much as the answers. */
  readonly outputTokensP95?: number;
  /** Mean tokens of what is thought before the answer; absent: nothing. */
  readonly reasoningTokens?: number;
  /** Turns of a dialogue, each a request; absent: one. A later turn adds `promptTokens` without the shared prefix. */
  readonly turns?: number;
  /** Start of every prompt that is the same for all, part of `promptTokens`; absent: none. */
  readonly sharedPrefixTokens?: number;
  /** Requests in flight in each hour of the day, from midnight on. */
  readonly hourlyConcurrency?: readonly number[];
}

/** Limits at the 95th percentile in steady state with staggered arrivals; an absent one does not bind. */
export interface ServiceLevel {
  readonly ttftSeconds?: number;
  /** To the first token behind what is thought. */
  readonly firstAnswerTokenSeconds?: number;
  readonly tokensPerSecondPerUser?: number;
  readonly endToEndSeconds?: number;
}

/** Another load that the same machines have to serve, while the others are away. */
export interface Scenario {
  readonly name: string;
  readonly workload: Workload;
  /** Absent: the limits of the request. */
  readonly slo?: ServiceLevel;
}

/** With `range`, limits are met by the unfavourable end of what is predicted; with `expected`, by the prediction. */
export const CONFIDENCES = ["expected", "range"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export interface Market {
  readonly clouds: readonly Cloud[];
  /** Empty: every region of the clouds. */
  readonly regions: readonly string[];
  readonly purchase: Purchase;
}

/** A price of the user's own, in place of the on-demand list price of one machine; exactly one of the two figures is given. */
export interface NegotiatedPrice {
  readonly instanceType: string;
  /** Absent: every region that sells the machine. */
  readonly region?: string;
  readonly usdPerHour?: number;
  /** Off the list price of each region. */
  readonly discountPercent?: number;
}

/** What the user asks, checked and with every default filled in; made by `config/request.ts`. */
export interface ServingRequest {
  /** Key of the catalog, or any name when `architecture` is given. */
  readonly model: string;
  /** From the user's own config.json, for a model that the catalog does not have. */
  readonly architecture?: ModelArchitecture;
  /** Weights to deploy; overrides the catalog's. */
  readonly checkpoint?: Checkpoint;
  readonly quantization: Quantization | "auto";
  /** `auto` is the engine's: 16 bit. */
  readonly kvCacheDtype: KvCacheChoice;
  readonly workload: Workload;
  readonly slo: ServiceLevel;
  readonly target: Target;
  readonly tensorParallel: number | "auto";
  /** Stages that share the layers of one copy; `auto`: one, and more only where tensor parallelism alone cannot do it. */
  readonly pipelineParallel: number | "auto";
  readonly replicas: number | "auto";
  /** Longest prompt plus answer that a request may have; `auto` follows from the workload. */
  readonly maxModelLen: number | "auto";
  /** Canonical name of the catalog; absent: any card. */
  readonly gpu?: string;
  /** Share of the card that the engine may take; `auto` follows from the card. */
  readonly gpuMemoryUtilization: number | "auto";
  readonly engine: Engine;
  readonly market: Market;
  readonly optimize: Objective;
  /** Absent: `expected`. */
  readonly confidence?: Confidence;
  /** Absent: the workload alone. */
  readonly scenarios?: readonly Scenario[];
  /** Day, YYYY-MM-DD, by which the age of prices is told; absent: it is not told. */
  readonly asOf?: string;
  /** Nodes that may fail at the same time while enough replicas stay; absent: none. */
  readonly availability?: { readonly spareNodes: number };
  readonly pricing?: { readonly negotiated: readonly NegotiatedPrice[] };
}
