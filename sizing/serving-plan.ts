import type { Checkpoint, Cloud, Purchase } from "./catalog";
import type { Basis, KvCacheDtype, Quantization } from "./model/precision";
import type { BindingLimit, PrefixCachePlan, ScenarioOutcome, TrafficPlan } from "./plan/scenario-plan";
import type { ServingRequest } from "./serving-request";

/** One term of the memory of a GPU; `memoryPerGpu.totalGiB` is the sum of all of them. */
export interface MemoryAddend {
  readonly name: "weights" | "activation" | "non-torch" | "cuda-graphs" | "kv-cache" | "reserve";
  readonly gib: number;
  readonly basis: Basis;
  readonly note: string;
}

export interface MemoryPerGpu {
  /** In this order they fill the card; the reserve is what gpu-memory-utilization leaves out. */
  readonly addends: readonly MemoryAddend[];
  /** Sum of the addends = what the driver reports. */
  readonly totalGiB: number;
}

export interface KvCachePlan {
  readonly dtype: KvCacheDtype;
  readonly bytesPerToken: number;
  /** Tokens that fit the pool of one replica. */
  readonly tokens: number;
  /** Requests of mean length (prompt + answer) that fit one replica at once. */
  readonly requestsAtMeanLength: number;
  /** Requests of maxModelLen tokens that fit one replica at once. */
  readonly requestsAtWorstLength: number;
  /** Requests that one replica has to hold. */
  readonly requestsNeeded: number;
}

export interface HardwarePlan {
  readonly cloud: Cloud;
  readonly region: string;
  readonly purchase: Purchase;
  readonly instanceType: string;
  readonly gpu: string;
  readonly gpusPerNode: number;
  readonly vcpusPerNode: number;
  readonly memoryGiBPerNode: number;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly replicas: number;
  readonly replicasPerNode: number;
  readonly nodes: number;
  /** GPUs that are paid for and not used. */
  readonly idleGpus: number;
}

/** A predicted figure with the range that holds the truth about nine times in ten. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly basis: Basis;
}

export interface PerformancePlan {
  readonly ttftMeanMs: Estimate;
  readonly ttftP95Ms: Estimate;
  /** To the first token of the answer, behind what is thought; absent where nothing is. */
  readonly firstAnswerTokenMeanMs?: Estimate;
  readonly firstAnswerTokenP95Ms?: Estimate;
  /** Mean time per output token after the first, stalls included. */
  readonly tpotMeanMs: Estimate;
  readonly tpotP95Ms: Estimate;
  /** Median gap between tokens. */
  readonly itlP50Ms: Estimate;
  readonly endToEndMeanMs: Estimate;
  readonly endToEndP95Ms: Estimate;
  /** Over all replicas. */
  readonly outputTokensPerSecond: Estimate;
  /** At p95: 1000 / tpotP95Ms. */
  readonly tokensPerSecondPerUser: Estimate;
  /** All requests at the same moment: when the last of them has its first token. */
  readonly burstTtftMs: Estimate;
}

export interface CostLine {
  readonly name: string;
  readonly quantity: number;
  readonly usdPerHourEach: number;
  readonly usdPerHour: number;
  /** Of it what stands once for a cluster, however many models are served on it; absent: nothing. */
  readonly sharedUsdPerHour?: number;
  readonly source: string;
  readonly date: string;
}

export interface CostFigure {
  readonly usdPerHour: number;
  /** 730 hours. */
  readonly usdPerMonth: number;
}

export interface CostPlan {
  readonly lines: readonly CostLine[];
  /** What the cheapest purchase of the same machines would cost. */
  readonly floor: CostFigure;
  readonly expected: CostFigure;
  /** At list price with the most nodes that the plan may run. */
  readonly worst: CostFigure;
  /** Of output, reasoning included, at the planned concurrency all the time; with a traffic profile over its day. */
  readonly usdPerMillionOutputTokens: number;
  /** What the figures leave out, in words. */
  readonly notIncluded: readonly string[];
}

/** A combination that could be bought and served; comparable by its fields alone. */
export interface CandidateSummary {
  readonly cloud: Cloud;
  readonly region: string;
  readonly purchase: Purchase;
  readonly instanceType: string;
  readonly gpu: string;
  readonly quantization: Quantization;
  readonly kvCacheDtype: KvCacheDtype;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly replicas: number;
  readonly nodes: number;
  readonly usdPerHour: number;
  readonly usdPerMonth: number;
  readonly ttftP95Ms: number;
  readonly tokensPerSecondPerUser: number;
  /** Requests of mean length that fit, over all replicas. */
  readonly requestsAtMeanLength: number;
}

export interface Alternative extends CandidateSummary {
  /** Why it was not chosen: dearer, with by how much. */
  readonly reason: string;
}

export interface RejectedCandidate {
  readonly candidate: string;
  readonly reason:
    | "memory"
    | "kv-cache"
    | "host-memory"
    | "tensor-parallel"
    | "ttft"
    | "first-answer"
    | "speed"
    | "end-to-end"
    | "precision"
    | "pinned"
    | "catalog";
  readonly explanation: string;
  readonly needed: string;
  readonly available: string;
}

export interface Reason {
  readonly code: string;
  readonly message: string;
  /** Nearest change that would work, where one is known. */
  readonly fix?: string;
}

export interface Assumption {
  readonly text: string;
  readonly source: string;
  readonly date: string;
  readonly basis: Basis;
}

/** The rule of thumb of the first design, shown beside the exact figures; quoted, not derived. */
export interface CardEstimate {
  readonly weightsGB: string;
  readonly kvCacheGB: string;
  readonly totalGB: string;
  readonly exactWeightsGB: number;
  readonly exactKvCacheGB: number;
  readonly differences: readonly string[];
}

export interface EnginePlan {
  readonly name: "vllm";
  readonly version: string;
  readonly image: string;
  /** As given to `vllm serve`, the model first. */
  readonly args: readonly string[];
  readonly maxModelLen: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly gpuMemoryUtilization: number;
}

/** The parts that exist only when something fits. */
export interface FittedPlan {
  readonly quantization: Quantization;
  readonly engine: EnginePlan;
  readonly memoryPerGpu: MemoryPerGpu;
  readonly kvCache: KvCachePlan;
  /** Absent where requests share nothing. */
  readonly prefixCache?: PrefixCachePlan;
  readonly hardware: HardwarePlan;
  readonly performance: PerformancePlan;
  /** Every load that the plan meets; the first is the request itself. */
  readonly scenarios: readonly ScenarioOutcome[];
  /** Absent where there is no limit. */
  readonly binding?: BindingLimit;
  /** Absent without a traffic profile. */
  readonly traffic?: TrafficPlan;
  readonly cost: CostPlan;
}

export interface PlannedModel {
  readonly key: string;
  readonly parameters: number;
  /** Absent: the model can be sized, but not deployed until a checkpoint is given. */
  readonly checkpoint?: Checkpoint;
}

interface PlanCommon {
  readonly schemaVersion: 1;
  readonly request: ServingRequest;
  readonly model: PlannedModel;
  readonly cardEstimate?: CardEstimate;
  readonly alternatives: readonly Alternative[];
  readonly rejected: readonly RejectedCandidate[];
  readonly assumptions: readonly Assumption[];
}

/** A plan that can be built; `refused` means that a policy forbids what would fit. */
export interface FeasiblePlan extends PlanCommon, FittedPlan {
  readonly verdict: { readonly status: "accepted" | "refused"; readonly reasons: readonly Reason[] };
}

/** Nothing of the catalog does what was asked. */
export interface InfeasiblePlan extends PlanCommon {
  readonly verdict: { readonly status: "infeasible"; readonly reasons: readonly Reason[] };
}

export type ServingPlan = FeasiblePlan | InfeasiblePlan;

export function isFeasible(plan: ServingPlan): plan is FeasiblePlan {
  return plan.verdict.status !== "infeasible";
}
