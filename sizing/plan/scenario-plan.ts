import type { Estimate } from "../serving-plan";

/** A limit beside what is predicted for it. */
export interface LimitOutcome {
  readonly limit:
    | "slo.ttftSeconds"
    | "slo.firstAnswerTokenSeconds"
    | "slo.tokensPerSecondPerUser"
    | "slo.endToEndSeconds"
    | "kv-cache";
  readonly wanted: number;
  /** At p95; with `confidence: range` the unfavourable end. */
  readonly predicted: number;
  /** Seconds, tokens a second, or tokens that one replica has to hold. */
  readonly unit: "s" | "tokens/s" | "tokens";
  /** Share of the limit that is left, of times: 0.1 where 1.35 s are predicted and 1.5 s wanted; below 0 it is missed. */
  readonly margin: number;
  readonly met: boolean;
}

/** One load that the plan was judged by, with a simulation of its own. */
export interface ScenarioOutcome {
  readonly name: string;
  readonly load: {
    /** `some`: only requests of these lengths are looked at, while the others in flight are those of the base load. */
    readonly requests: "all" | "some";
    readonly concurrency: number;
    /** Mean tokens of the whole prompt, history included. */
    readonly promptTokens: number;
    /** Mean tokens that are generated, reasoning included. */
    readonly generatedTokens: number;
    /** Replicas that share it. */
    readonly replicas: number;
  };
  readonly ttftP95Ms: Estimate;
  readonly firstAnswerTokenP95Ms?: Estimate;
  readonly tokensPerSecondPerUser: Estimate;
  readonly endToEndP95Ms: Estimate;
  readonly limits: readonly LimitOutcome[];
  readonly met: boolean;
}

/** The limit with the least margin of all scenarios. */
export interface BindingLimit {
  readonly scenario: string;
  readonly limit: LimitOutcome["limit"];
  readonly margin: number;
  readonly text: string;
}

/** An hour of the traffic profile. */
export interface TrafficHour {
  /** From 0 to 23. */
  readonly hour: number;
  readonly concurrency: number;
  /** That the hour needs of the planned ones, spare nodes included. */
  readonly nodes: number;
  readonly outputTokensPerSecond: number;
}

/** A day by the traffic profile, on the planned nodes. */
export interface TrafficPlan {
  readonly peakHour: number;
  readonly averageConcurrency: number;
  readonly hours: readonly TrafficHour[];
  readonly outputTokensPerDay: number;
  /** Of the planned nodes, running all day. */
  readonly usdPerMillionOutputTokens: number;
  readonly usdPerMillionOutputTokensAtPeak: number;
  /** What nodes that follow the hours would cost: an estimate, because fitserve builds no autoscaling. */
  readonly scaled: { readonly nodeHoursPerDay: number; readonly usdPerMonth: number; readonly savedShare: number };
}

/** What prefix caching is counted on for. */
export interface PrefixCachePlan {
  /** Start of every prompt that is stored and computed once. */
  readonly sharedTokens: number;
  /** Conversations of a replica whose history has to stay while their user reads; absent: no dialogue. */
  readonly waitingConversations?: number;
  readonly historyTokens?: number;
  /** Share of the histories that the pool has room for. */
  readonly historyKeptShare?: number;
  /** Share of later turns that find their history: kept, and on the replica to which the gateway sends the turn. */
  readonly historyHitShare?: number;
  readonly basis: "assumed";
}
