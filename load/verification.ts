import type { Deployment } from "../sizing/deployment";
import { estimateMemory } from "../sizing/memory/memory";
import type { FeasiblePlan } from "../sizing/serving-plan";
import { tokensInFlight } from "../sizing/time/workload";
import { predictFields } from "./calibration-row";
import type { StartupFigures } from "./startup-log";

/** One figure of a started engine beside the plan's. */
export interface VerifiedFigure {
  readonly name: keyof StartupFigures | "loadTokens";
  readonly planned: number | string;
  /** Absent: not found. */
  readonly found?: number | string;
  readonly verdict: "pass" | "fail" | "not found";
  /** What was allowed. */
  readonly rule: string;
}

/** Memory may differ by as much before it is a miss: the model's own accuracy (docs/accuracy.md), doubled. */
const TOLERANCE_GIB = 0.5;
const WEIGHTS_TOLERANCE_SHARE = 0.02;

/** Every figure of the plan, found or not. */
export function verifyStartup(
  plan: FeasiblePlan,
  deployment: Deployment,
  found: StartupFigures,
): readonly VerifiedFigure[] {
  const memory = estimateMemory(deployment);
  const activationGiB = memory.activationGiB + (memory.cudaGraphsInActivation ? memory.cudaGraphGiB : 0);
  const { engine, hardware } = plan;
  return [
    equal("engineVersion", engine.version, found),
    near(
      "weightsGiB",
      memory.weightsGiB,
      found,
      Math.max(TOLERANCE_GIB / 2, memory.weightsGiB * WEIGHTS_TOLERANCE_SHARE),
    ),
    near("activationGiB", activationGiB, found, TOLERANCE_GIB),
    near("nonTorchGiB", memory.nonTorchGiB, found, TOLERANCE_GIB),
    near("cudaGraphGiB", memory.cudaGraphGiB, found, TOLERANCE_GIB),
    atLeast("kvCacheGiB", memory.kvCacheGiB, memory.kvCacheGiB - TOLERANCE_GIB, found.kvCacheGiB),
    atLeast(
      "kvCacheTokens",
      memory.kvCacheTokens,
      memory.kvCacheTokens - (TOLERANCE_GIB * 2 ** 30) / memory.kvBytesPerTokenPerGpu,
      found.kvCacheTokens,
    ),
    loadFits(plan, found.kvCacheTokens),
    equal("maxModelLen", engine.maxModelLen, found),
    equal("maxNumSeqs", engine.maxNumSeqs, found),
    equal("maxNumBatchedTokens", engine.maxNumBatchedTokens, found),
    equal("gpuMemoryUtilization", engine.gpuMemoryUtilization, found),
    equal("tensorParallel", hardware.tensorParallel, found),
    equal("pipelineParallel", hardware.pipelineParallel, found),
  ];
}

function judged(
  name: VerifiedFigure["name"],
  planned: number | string,
  found: number | string | undefined,
  rule: string,
  passes: boolean,
): VerifiedFigure {
  if (found === undefined) return { name, planned, verdict: "not found", rule };
  return { name, planned, found, verdict: passes ? "pass" : "fail", rule };
}

function equal(name: keyof StartupFigures, planned: number | string, found: StartupFigures): VerifiedFigure {
  return judged(name, planned, found[name], "the same", found[name] === planned);
}

function near(
  name: "weightsGiB" | "activationGiB" | "nonTorchGiB" | "cudaGraphGiB",
  planned: number,
  { [name]: found }: StartupFigures,
  tolerance: number,
): VerifiedFigure {
  const passes = found !== undefined && Math.abs(found - planned) <= tolerance;
  return judged(name, planned, found, `within ${tolerance.toFixed(2)}`, passes);
}

/** A pool that came out larger than planned serves the plan as well. */
function atLeast(
  name: "kvCacheGiB" | "kvCacheTokens",
  planned: number,
  bound: number,
  found: number | undefined,
): VerifiedFigure {
  const shown = name === "kvCacheGiB" ? bound.toFixed(2) : Math.floor(bound).toLocaleString("en-US");
  return judged(name, planned, found, `at least ${shown}`, found !== undefined && found >= bound);
}

/** What it is all for: the requests that a replica has to hold, at their mean length. */
function loadFits({ request, kvCache }: FeasiblePlan, found: number | undefined): VerifiedFigure {
  const needed = Math.ceil(tokensInFlight(request.workload, kvCache.requestsNeeded));
  const rule = `at least ${needed.toLocaleString("en-US")} for ${kvCache.requestsNeeded} requests`;
  return judged("loadTokens", needed, found, rule, found !== undefined && found >= needed);
}

/** A measured start-up in the format of the memory calibration; `request` is a line for `fitserve predict`. */
export function startupRow(
  plan: FeasiblePlan,
  found: StartupFigures,
  about: { readonly modelConfig: unknown; readonly source: string; readonly measuredOn: string },
): object {
  const { hardware, engine } = plan;
  const id = `verify-${plan.model.key}-${plan.quantization}-${hardware.gpu}-tp${hardware.tensorParallel}-v${found.engineVersion ?? engine.version}-${about.measuredOn}`;
  const { weightsGiB, activationGiB, nonTorchGiB, cudaGraphGiB, kvCacheGiB, kvCacheTokens, ...flags } = found;
  const { engineVersion, ...settings } = flags;
  const memory = { weightsGiB, activationGiB, nonTorchGiB, cudaGraphGiB, kvCacheGiB, kvCacheTokens };
  // What the engine says it runs with is what was measured, whatever was planned.
  const version = engineVersion === undefined ? {} : { engine: { name: "vllm", version: engineVersion } };
  return {
    id,
    request: { id, ...predictFields(plan, about.modelConfig), ...settings, ...version },
    measured: Object.fromEntries(Object.entries(memory).filter(([, value]) => value !== undefined)),
    source: about.source,
  };
}
