import type { Gpu } from "../catalog";
import type { ServingRequest, Workload } from "../serving-request";
import { p99OfLengths } from "../time/length-spread";
import { generatedTokens, historyTokens } from "../time/workload";
import { casesOf } from "./cases";

/** The engine's limits, chosen from the target instead of left at defaults that fit nobody. */
export interface EngineFlags {
  readonly maxModelLen: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly gpuMemoryUtilization: number;
}

/** Sequences that one replica can be told to run at once; more of them would share too little. */
export const MAX_SEQUENCES_PER_REPLICA = 1024;

const SHORTEST_MODEL_LEN = 4096;
const SMALL_CARD_GIB = 30;

/**
 * - max-num-seqs: the requests in flight that were planned, so that one more waits and does not slow down all others.
 * - max-num-batched-tokens: about four prompts a step, so that a first token seldom waits for a second step and a decode
 *   step is never stalled by more than that.
 * - max-model-len: twice the mean request, because lengths vary; where their 95th percentile is known, the prompt and the
 *   answer that one in a hundred exceeds. The history of the last turn comes on top. Never more than the model's context.
 * - gpu-memory-utilization: 0.92, the engine's own since 0.20; 0.90 on cards of 24 GB, where 8 % is too little for
 *   what lies outside of the budget (context, NCCL, allocator).
 */
export function engineFlags(
  request: ServingRequest,
  contextTokens: number,
  gpu: Gpu,
  concurrency: number,
): EngineFlags {
  const workloads = casesOf(request).map((one) => one.request.workload);
  const longestPrompt = Math.max(...workloads.map(({ promptTokens }) => promptTokens));
  const maxNumSeqs = Math.min(concurrency, MAX_SEQUENCES_PER_REPLICA);
  const fourPrompts = 2 ** Math.ceil(Math.log2(4 * longestPrompt));
  const longest = Math.ceil(Math.max(...workloads.map(longestExpected)) / 1024) * 1024;
  return {
    maxModelLen:
      request.maxModelLen === "auto"
        ? Math.min(contextTokens, Math.max(SHORTEST_MODEL_LEN, longest))
        : request.maxModelLen,
    maxNumSeqs,
    maxNumBatchedTokens: Math.max(maxNumSeqs, Math.min(8192, Math.max(2048, fourPrompts))),
    gpuMemoryUtilization:
      request.gpuMemoryUtilization === "auto"
        ? gpu.usableGiB < SMALL_CARD_GIB
          ? 0.9
          : 0.92
        : request.gpuMemoryUtilization,
  };
}

/** Tokens of a request of the last turn that is longer than nearly all others. */
function longestExpected(workload: Workload): number {
  const { promptTokens, promptTokensP95, outputTokens, outputTokensP95, turns = 1 } = workload;
  const generated = generatedTokens(workload);
  const prompt = promptTokensP95 === undefined ? 2 * promptTokens : p99OfLengths(promptTokens, promptTokensP95);
  const answer =
    outputTokensP95 === undefined
      ? 2 * generated
      : (p99OfLengths(outputTokens, outputTokensP95) * generated) / outputTokens;
  return historyTokens(workload, turns) + prompt + answer;
}
