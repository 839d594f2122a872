import type { Gpu, GpuLink } from "./catalog";
import type { ModelArchitecture } from "./model/architecture";
import type { KvCacheDtype, Quantization } from "./model/precision";

export interface Engine {
  readonly name: "vllm";
  /** `major.minor.patch`; constants of memory are keyed by it. */
  readonly version: string;
}

/** One replica of the engine on given cards: everything that its memory and its speed depend on. */
export interface Deployment {
  readonly architecture: ModelArchitecture;
  readonly gpu: Gpu;
  /** Between the cards of this machine. */
  readonly link: GpuLink;
  readonly quantization: Quantization;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly engine: Engine;
  readonly gpuMemoryUtilization: number;
  readonly maxModelLen: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly kvCacheDtype: KvCacheDtype;
  /** No CUDA graphs and no compilation. */
  readonly enforceEager: boolean;
}

/** What one replica is asked to serve; token counts are means and may be fractional. */
export interface ReplicaLoad {
  readonly arrivals:
    | { readonly kind: "closed-loop"; readonly concurrency: number }
    | { readonly kind: "open-loop"; readonly requestsPerSecond: number };
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Absent: prompts are all of the mean length. */
  readonly inputTokensP95?: number;
  /** Absent: answers are all of the mean length where it is a whole number, and vary as measured ones did where not. */
  readonly outputTokensP95?: number;
  /** Start of every prompt that prefix caching finds, part of `inputTokens`; absent: of conversations in an open loop. */
  readonly sharedPrefixTokens?: number;
}
