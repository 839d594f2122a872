import type { Gpu } from "../catalog";
import type { Engine } from "../deployment";
import { compareVersions } from "./version";

export interface EngineDefaults {
  /** Share of the card's memory that the engine takes. */
  readonly gpuMemoryUtilization: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
}

/** 0.9 became 0.92 on 21 April 2026 (vllm#38284), between 0.19 and 0.20. */
const UTILIZATION_RAISED = "0.20.0";
/** The V0 engine: 256 sequences and 2048 tokens whatever the card. */
const V1_ENGINE = "0.8.0";
/** Cards of 160 GiB and more got a class of their own (vllm#51726). */
const LARGE_CARD_CLASS = "0.28.0";

const SMALL: Pick<EngineDefaults, "maxNumSeqs" | "maxNumBatchedTokens"> = {
  maxNumSeqs: 256,
  maxNumBatchedTokens: 2048,
};
const BIG = { maxNumSeqs: 1024, maxNumBatchedTokens: 8192 };
const LARGEST = { maxNumSeqs: 1024, maxNumBatchedTokens: 16_384 };

/** What `vllm serve` uses for flags that are not given (`vllm/engine/arg_utils.py`, get_batch_defaults, online use). */
export function engineDefaults(gpu: Gpu, engine: Engine): EngineDefaults {
  const since = (version: string): boolean => compareVersions(engine.version, version) >= 0;
  return { gpuMemoryUtilization: since(UTILIZATION_RAISED) ? 0.92 : 0.9, ...batchDefaults(gpu, since) };
}

function batchDefaults(gpu: Gpu, since: (version: string) => boolean): typeof SMALL {
  if (!since(V1_ENGINE)) return SMALL;
  if (gpu.usableGiB >= 160 && since(LARGE_CARD_CLASS)) return LARGEST;
  return gpu.usableGiB >= 70 && !gpu.name.toLowerCase().includes("a100") ? BIG : SMALL;
}
