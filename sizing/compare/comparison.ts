import type { Cloud, Purchase } from "../catalog";
import type { Basis, Quantization } from "../model/precision";
import type { CandidateSummary, Estimate } from "../serving-plan";
import type { ServingRequest } from "../serving-request";

export const COMPARISON_SECTIONS = ["precision", "gpus", "clouds", "models", "managed", "hybrid", "card"] as const;
export type ComparisonSection = (typeof COMPARISON_SECTIONS)[number];

/** A model behind somebody else's API, at its list price. */
export interface ManagedApi {
  readonly name: string;
  readonly provider: string;
  readonly usdPerMillionInputTokens: number;
  readonly usdPerMillionOutputTokens: number;
  readonly source: string;
  /** Day of the page that states the price. */
  readonly date: string;
  readonly basis: "published" | "assumed";
  readonly note: string;
}

/** What somebody measured and published about answers of quantized weights; fitserve itself computes no quality. */
export interface QualityNote {
  readonly quantization: Quantization;
  /** Key of the catalog; absent: found on other models, and shown where nothing is known of the model itself. */
  readonly model?: string;
  readonly text: string;
  readonly source: string;
  readonly date: string;
}

/** Machines that hold the request; prices of `CandidateSummary` are those of the machines alone. */
export interface OwnPlan extends CandidateSummary {
  readonly idleGpus: number;
  /** Over all replicas. */
  readonly outputTokensPerSecond: Estimate;
  /** Of what the peak hour of a traffic profile would put out day and night, what its day does; absent without a profile. */
  readonly dayShare?: number;
  /** With the cluster around the machines, 730 hours. */
  readonly totalUsdPerMonth: number;
  /** Part of `totalUsdPerMonth` that a second model in the same cluster does not pay again. */
  readonly clusterUsdPerMonth: number;
  /** Where the price of the machines stands, and the day of it. */
  readonly price: { readonly source: string; readonly date: string };
  readonly refusedByPolicy: boolean;
  /** What somebody should know before buying these machines. */
  readonly caveats: readonly string[];
  readonly basis: { readonly memory: Basis; readonly speed: Basis; readonly price: Basis };
}

export type PlanOutcome =
  { readonly status: "fits"; readonly plan: OwnPlan } | { readonly status: "none"; readonly why: string };

/** The cheapest plan with every pin of the request, and without those that bind where that is cheaper. */
export interface PinnedOutcome {
  readonly asAsked: PlanOutcome;
  readonly withoutPins?: PlanOutcome;
}

export interface SpeedAtBatch {
  /** Requests in flight in one replica. */
  readonly batch: number;
  readonly tokensPerSecondPerUser: Estimate;
  readonly outputTokensPerSecond: Estimate;
  /** The KV cache does not hold them all at their mean length: some wait or are recomputed. */
  readonly queues: boolean;
}

export interface SetupRow {
  readonly quantization: Quantization;
  /** Why these cards cannot run it; the figures are absent then. */
  readonly fault?: string;
  readonly figures?: {
    readonly weightsGiBPerGpu: number;
    readonly runtimeGiBPerGpu: number;
    readonly kvCacheGiBPerGpu: number;
    readonly kvCacheTokens: number;
    readonly requestsAtMeanLength: number;
    readonly memoryBasis: Basis;
    readonly speeds: readonly SpeedAtBatch[];
  };
}

export interface FastestAtBatch {
  readonly batch: number;
  readonly quantization: Quantization;
  readonly runnerUp?: Quantization;
  /** How much faster per user than the runner-up, in percent. */
  readonly leadPercent?: number;
  /** The lead is smaller than the range of the prediction. */
  readonly isClose: boolean;
}

/** One replica of every precision on the same cards. */
export interface ReferenceSetup {
  readonly gpu: string;
  readonly tensorParallel: number;
  readonly link: "nvlink" | "pcie";
  readonly role: "planned" | "calibrated";
  readonly batches: readonly number[];
  readonly rows: readonly SetupRow[];
  readonly fastest: readonly FastestAtBatch[];
}

export interface PrecisionRow {
  readonly quantization: Quantization;
  /** Published weights of the catalog; absent: somebody has to make them. */
  readonly repository?: string;
  readonly outcome: PinnedOutcome;
  readonly quality: readonly QualityNote[];
}

export interface PrecisionComparison {
  readonly rows: readonly PrecisionRow[];
  readonly setups: readonly ReferenceSetup[];
}

export interface CardRow {
  readonly gpu: string;
  readonly nominalGB: number;
  readonly outcome: PinnedOutcome;
}

export interface CloudRow {
  readonly cloud: Cloud;
  readonly purchase: Purchase;
  /** Empty: every region of the cloud. */
  readonly regions: readonly string[];
  readonly outcome: PinnedOutcome;
}

export interface ModelRow {
  readonly model: string;
  readonly parameters: number;
  readonly role: "asked" | "other" | "other-on-one-h100";
  readonly outcome: PlanOutcome;
}

export interface ModelComparison {
  /** Absent: the catalog has no smaller model of the same kind. */
  readonly other?: string;
  readonly rows: readonly ModelRow[];
  /** What no formula gives, in words. */
  readonly notComputed: readonly string[];
}

/** Tokens that the planned concurrency comes to when it is there all the time, or a traffic profile over its days. */
export interface MonthlyLoad {
  /** Of the plan that the load follows from; absent without a traffic profile. */
  readonly dayShare?: number;
  /** At the planned concurrency. */
  readonly requestsPerSecond: Estimate;
  readonly inputTokensPerMonth: number;
  readonly outputTokensPerMonth: number;
}

export interface BreakEven {
  readonly plan: "asked" | "without-pins";
  readonly ownUsdPerMonth: number;
  /** Share of the load from which own machines cost less; above 1 they do not even with all of it. */
  readonly share: number;
}

export interface ManagedRow {
  readonly api: ManagedApi;
  readonly usdPerThousandRequests: number;
  /** For the monthly load; absent where nothing fits, because the load follows from the speed. */
  readonly usdPerMonth?: number;
  readonly breakEvens: readonly BreakEven[];
}

export interface ManagedComparison {
  readonly load?: MonthlyLoad;
  readonly rows: readonly ManagedRow[];
}

export interface HybridRow {
  /** Of the requests, what does not go to the requested model; 0 to 1. */
  readonly share: number;
  readonly asked?: PlanOutcome;
  readonly other?: PlanOutcome;
  /** Both models in one cluster. */
  readonly withOtherUsdPerMonth?: number;
  /** In the order of the managed APIs. */
  readonly withApi: readonly { readonly api: string; readonly usdPerMonth?: number }[];
}

export interface HybridComparison {
  /** As in `MonthlyLoad`: the API's part is for the tokens of the day. */
  readonly dayShare?: number;
  readonly other?: string;
  readonly rows: readonly HybridRow[];
}

export interface CardRuleRow {
  readonly title: "FP16" | "INT8" | "INT4";
  readonly quantization: Quantization;
  readonly quoted: { readonly weightsGB: string; readonly kvCacheGB: string; readonly totalGB: string };
  readonly exact: {
    readonly weightsGB: number;
    /** For the rule's own load. */
    readonly kvCacheGB: number;
    /** Activation, runtime and graphs of all GPUs of the setup. */
    readonly runtimeGB: number;
    readonly totalGB: number;
  };
  readonly fitsTwoCards: boolean;
  readonly reasons: readonly string[];
}

export interface CardRuleComparison {
  /** Why the rule says nothing about this model; the rows are empty then. */
  readonly notApplicable?: string;
  readonly setup?: string;
  readonly rows: readonly CardRuleRow[];
}

export interface Comparison {
  readonly schemaVersion: 1;
  /** What the numbers say, a sentence for each question that somebody who decides has. */
  readonly says: readonly string[];
  readonly request: ServingRequest;
  /** Pins that bind the comparison, such as `tensorParallel: 2`. */
  readonly pins: readonly string[];
  readonly plan: PinnedOutcome;
  readonly precision?: PrecisionComparison;
  readonly gpus?: readonly CardRow[];
  readonly clouds?: readonly CloudRow[];
  readonly models?: ModelComparison;
  readonly managed?: ManagedComparison;
  readonly hybrid?: HybridComparison;
  readonly card?: CardRuleComparison;
}
