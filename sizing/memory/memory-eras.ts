import type { Engine } from "../deployment";
import { compareVersions } from "../engine/version";
import type { ModelArchitecture } from "../model/architecture";

/**
 * What changed the memory accounting of vLLM, by release. 0.10 sampled with FlashInfer, which its images have and
 * which sorts nothing; from 0.11 on that had to be asked for. 0.17, 0.18 and 0.19: start-up logs of one model in each release; 0.21: the graph estimate is on by default (vllm#45178); 0.25: Model Runner V2 for dense models (vllm#44443), whose
 * estimate was 0; 0.29: the log subtracts an estimate again. The releases after 0.30 are taken to be as 0.30.
 */
export interface MemoryEra {
  readonly sampler: "sorting" | "fused" | "model-runner-v2";
  /** CUDA libraries take 0.13 GiB until 0.17. */
  readonly isLeanNonTorch: boolean;
  /** What NCCL and the custom all-reduce take: 0.4 GiB until 0.18, 1.8 from 0.19 on, 1.3 since 0.25. */
  readonly allReduce: "lean" | "large" | "recent";
  /** Whether graphs are subtracted from the budget: never, as estimated, or as an estimate of twice their size. */
  readonly graphs: "outside" | "estimated" | "overestimated";
  readonly hasColdCompilePeak: boolean;
}

/** The rules of a release; mixtures of experts moved to Model Runner V2 later than dense models. */
export function memoryEra(engine: Engine, architecture: ModelArchitecture): MemoryEra {
  const since = (version: string): boolean => compareVersions(engine.version, version) >= 0;
  const isMixture = architecture.layerGroups.some((group) => group.mlp.kind === "mixture");
  const isRunnerV2 = since("0.29.0") || (since("0.25.0") && !isMixture);
  const samplesFused = since("0.17.0") || (since("0.10.0") && !since("0.11.0"));
  const sampler = isRunnerV2 ? "model-runner-v2" : samplesFused ? "fused" : "sorting";
  return {
    sampler,
    isLeanNonTorch: !since("0.18.0"),
    allReduce: since("0.25.0") ? "recent" : since("0.19.0") ? "large" : "lean",
    graphs: graphAccounting(since, isRunnerV2),
    hasColdCompilePeak: since("0.25.0"),
  };
}

function graphAccounting(since: (version: string) => boolean, isRunnerV2: boolean): MemoryEra["graphs"] {
  if (since("0.29.0")) return "overestimated";
  return since("0.21.0") && !isRunnerV2 ? "estimated" : "outside";
}
