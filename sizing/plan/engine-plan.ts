import { knownTo } from "../engine/flag-versions";
import { answerParsers, parserFlags } from "../engine/parsers";
import type { ModelFacts } from "../search/planned-model";
import type { Replica } from "../search/replica";
import type { EnginePlan, PerformancePlan } from "../serving-plan";
import { longestAnswerSeconds, longestQueueSeconds } from "./longest-request";

/** Requests that may wait or run, as a multiple of those that run; more of them would time out anyway. */
const QUEUE_PER_SEQUENCE = 4;
/** A stream on which nothing moves, in the queue or in a long prefill, gets a comment: half of what many proxies wait. */
const KEEP_ALIVE_SECONDS = 30;

/**
 * A replica that ends first finishes what it has accepted, its queue included: the longest that may take, in whole minutes
 * within these bounds. The engine ends as soon as nothing is left.
 */
const DRAIN_SECONDS = { shortest: 120, longest: 3600 } as const;

/** The command line of `vllm serve`: every limit that was planned, and nothing that the engine detects by itself. */
export function enginePlan(
  model: ModelFacts,
  { deployment, configuration }: Replica,
  performance: PerformancePlan,
): EnginePlan {
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
    ...parserFlags(answerParsers(model.key, model.architecture.modelType, version)),
    ...knownTo(version, [
      `--shutdown-timeout=${drainSeconds(performance, maxModelLen)}`,
      `--max-num-queued-reqs=${maxNumSeqs * QUEUE_PER_SEQUENCE}`,
      `--sse-keep-alive-interval=${KEEP_ALIVE_SECONDS}`,
    ]),
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

function drainSeconds(performance: PerformancePlan, maxModelLen: number): number {
  const queueSeconds = longestQueueSeconds(performance, QUEUE_PER_SEQUENCE);
  const minutes = Math.ceil((queueSeconds + longestAnswerSeconds(performance, maxModelLen)) / 60);
  return Math.min(DRAIN_SECONDS.longest, Math.max(DRAIN_SECONDS.shortest, minutes * 60));
}
