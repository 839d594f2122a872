import { missingUntil } from "../sizing/engine/flag-versions";
import type { FeasiblePlan } from "../sizing/serving-plan";
import type { ServingOptions } from "./serving-options";
import { countOf, parseVllmArguments, servedModelName, type VllmArguments } from "./vllm/vllm-arguments";
import { removedFlag } from "./vllm/vllm-flags";

/** A plan that cannot be put onto a cluster as it is; the message lists every fault and is meant for the user. */
export class NotDeployableError extends Error {
  override readonly name = "NotDeployableError";

  constructor(readonly faults: readonly string[]) {
    super(faults.join("\n"));
  }
}

type Deployed = Partial<Pick<ServingOptions, "loraAdapters" | "engineImage">>;

export function assertDeployable(plan: FeasiblePlan, options: Deployed = {}): void {
  const faults = deployabilityFaults(plan, options);
  if (faults.length > 0) throw new NotDeployableError(faults);
}

/** Why the engine would not start with this plan, or would serve something else than what was planned; one line each. */
export function deployabilityFaults(plan: FeasiblePlan, options: Deployed = {}): readonly string[] {
  const { checkpoint } = plan.model;
  if (checkpoint === undefined) {
    return [
      `${plan.model.key} can be sized as ${plan.quantization}, but the catalog knows no weights of that kind to deploy. ` +
        `Give them: fitserve:serving.checkpoint {repository, revision}.`,
    ];
  }
  const parsed = parseVllmArguments(plan.engine.args);
  return [
    ...adapterFaults(parsed, options),
    ...imageFaults(plan, options),
    ...modelFaults(parsed, checkpoint),
    ...countFaults(plan, parsed),
    ...flagFaults(plan, parsed),
    ...(plan.kvCache.requestsAtWorstLength >= 1
      ? []
      : [
          `the KV cache holds ${plan.kvCache.tokens} tokens, fewer than the ${plan.engine.maxModelLen} of one request ` +
            `of full length; the engine would not start. Lower maxModelLen.`,
        ]),
  ];
}

/** Arguments and memory are those of a version; a digest alone says none. */
function imageFaults({ engine }: FeasiblePlan, { engineImage = "" }: Deployed): string[] {
  const version = /:v?(\d+\.\d+\.\d+)/.exec(engineImage)?.[1];
  return version === undefined || version === engine.version
    ? []
    : [
        `the image ${engineImage} is of vLLM ${version}, the plan of ${engine.version}; plan for engine.version ${version}`,
      ];
}

/** Each is a match of the route's one rule. Source: Gateway API, HTTPRouteRule.matches, 64 at most. */
const MOST_ADAPTERS = 63;

/** Requests for the model's own name would reach either. */
function adapterFaults(parsed: VllmArguments, { loraAdapters = [] }: Deployed): string[] {
  const own = servedModelName(parsed);
  return [
    ...(loraAdapters.some(({ name }) => name === own)
      ? [`an adapter is called ${own}, as the model itself is; give it another name`]
      : []),
    ...(loraAdapters.length > MOST_ADAPTERS
      ? [`there are ${loraAdapters.length} adapters; one route takes the model and ${MOST_ADAPTERS} of them`]
      : []),
  ];
}

function modelFaults(parsed: VllmArguments, checkpoint: { repository: string; revision?: string }): string[] {
  const faults: string[] = [];
  if (parsed.model !== checkpoint.repository) {
    faults.push(`the engine is given ${parsed.model ?? "no model"}, the plan is for ${checkpoint.repository}`);
  }
  if (checkpoint.revision !== undefined && parsed.values.get("--revision") !== checkpoint.revision) {
    faults.push(
      `--revision is ${parsed.values.get("--revision") ?? "missing"}, the plan is for revision ${checkpoint.revision}`,
    );
  }
  return faults;
}

/** Flags that repeat what the plan says; an absent one means vLLM's default for its card, which the plan did not mean. */
function countFaults(plan: FeasiblePlan, parsed: VllmArguments): string[] {
  const { engine, hardware } = plan;
  const wanted: readonly (readonly [flag: string, planned: number, engineDefault?: number])[] = [
    ["--tensor-parallel-size", hardware.tensorParallel, 1],
    ["--pipeline-parallel-size", hardware.pipelineParallel, 1],
    ["--max-model-len", engine.maxModelLen],
    ["--max-num-seqs", engine.maxNumSeqs],
    ["--max-num-batched-tokens", engine.maxNumBatchedTokens],
    ["--gpu-memory-utilization", engine.gpuMemoryUtilization],
  ];
  const faults = wanted.flatMap(([flag, planned, engineDefault]) => {
    const given = numberOf(parsed, flag) ?? engineDefault;
    return given === planned ? [] : [`${flag} is ${given ?? "missing"}, the plan says ${planned}`];
  });
  if (engine.maxNumBatchedTokens < engine.maxNumSeqs) {
    faults.push(
      `--max-num-batched-tokens is ${engine.maxNumBatchedTokens}; the engine wants at least --max-num-seqs, ${engine.maxNumSeqs}`,
    );
  }
  return faults;
}

function numberOf(parsed: VllmArguments, flag: string): number | undefined {
  if (flag !== "--gpu-memory-utilization") return countOf(parsed, flag);
  const value = parsed.values.get(flag);
  return value === undefined ? undefined : Number(value);
}

function flagFaults(plan: FeasiblePlan, parsed: VllmArguments): string[] {
  const { version } = plan.engine;
  return [...parsed.values.keys()].flatMap((flag) => {
    const removed = removedFlag(flag, version);
    if (removed !== undefined) return [`vLLM ${version} has no ${flag}; instead: ${removed}`];
    const since = missingUntil(flag, version);
    return since === undefined ? [] : [`vLLM ${version} has no ${flag}; it came with ${since.replace(/\.0$/, "")}`];
  });
}
