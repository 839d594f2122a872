import type { ModelFacts } from "./planned-model";
import { compareVersions } from "./engine-version";
import type { Replica } from "./replica";
import type { EnginePlan } from "./serving-plan";

/** Release that brought a limit on the queue; without it a burst waits without bound. */
const QUEUE_LIMIT_SINCE = "0.29.0";
/** Requests that may wait or run, as a multiple of those that run; more of them would time out anyway. */
const QUEUE_PER_SEQUENCE = 4;
const DRAIN_SECONDS = 120;

/** The command line of `vllm serve`: every limit that was planned, and nothing that the engine detects by itself. */
export function enginePlan(model: ModelFacts, { deployment, configuration }: Replica): EnginePlan {
  const { maxModelLen, maxNumSeqs, maxNumBatchedTokens, gpuMemoryUtilization, kvCacheDtype } = deployment;
  const { version } = deployment.engine;
  const checkpoint = model.checkpoints[configuration.quantization];
  const args = [
    checkpoint?.repository ?? model.key,
    ...(checkpoint?.revision === undefined ? [] : [`--revision=${checkpoint.revision}`]),
    `--served-model-name=${model.key}`,
    `--tensor-parallel-size=${configuration.tensorParallel}`,
    ...(configuration.pipelineParallel > 1 ? [`--pipeline-parallel-size=${configuration.pipelineParallel}`] : []),
    "--dtype=auto",
    `--max-model-len=${maxModelLen}`,
    `--max-num-seqs=${maxNumSeqs}`,
    `--max-num-batched-tokens=${maxNumBatchedTokens}`,
    `--gpu-memory-utilization=${gpuMemoryUtilization}`,
    `--kv-cache-dtype=${kvCacheDtype}`,
    ...parserFlags(model.architecture.modelType),
    `--shutdown-timeout=${DRAIN_SECONDS}`,
    ...(compareVersions(version, QUEUE_LIMIT_SINCE) >= 0
      ? [`--max-num-queued-reqs=${maxNumSeqs * QUEUE_PER_SEQUENCE}`]
      : []),
    "--disable-access-log-for-endpoints=/health,/metrics",
    "--enable-force-include-usage",
  ];
  return {
    name: "vllm",
    version,
    image: `vllm/vllm-openai:v${version}`,
    args,
    maxModelLen,
    maxNumSeqs,
    maxNumBatchedTokens,
    gpuMemoryUtilization,
  };
}

/** Parsers of thinking and of tool calls that vLLM's recipes name for a family; others answer plain text. */
function parserFlags(modelType: string): string[] {
  if (!/^qwen3(_moe)?$/.test(modelType)) return [];
  return ["--reasoning-parser=qwen3", "--enable-auto-tool-choice", "--tool-call-parser=hermes"];
}
