import type { Deployment } from "../../sizing/deployment";
import { estimateMemory, type MemoryEstimate } from "../../sizing/memory/memory";
import { tensorParallelFault } from "../../sizing/model/tensor-parallel";
import { findWeights, gpuOfNode, quantizedRepository, type KnownWeights } from "../known/lookup";
import { concurrencyOf, tokensPerRequestOf } from "../reading/concurrency";
import { deploymentOf } from "../reading/deployment";
import { UNKNOWN } from "../reading/known-values";
import type { VllmServer } from "../reading/server";
import { complies, violates, type Judgement, type Rule } from "../rule";

export const weightsAndKvCacheFit: Rule = {
  name: "weights-and-kv-cache-fit",
  description:
    "An engine whose weights or whose longest request do not fit its cards never starts, after a download of many " +
    "minutes; one whose cache is too small for its load evicts requests and starts them again.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Use more cards (--tensor-parallel-size and the GPU limit together), larger cards, quantized weights, " +
    "a shorter --max-model-len or --kv-cache-dtype=fp8.",
  judge,
};

/** Flags that move weights or fix the cache, so that the sum of this rule is not the engine's. */
const OTHER_SUMS = ["--cpu-offload-gb", "--kv-cache-memory-bytes"];

function judge(server: VllmServer): Judgement {
  const { model, hasUnknownWords, values } = server.command;
  if (model === undefined) {
    if (hasUnknownWords) return { kind: "unknown", what: "the model" };
    return { kind: "not-applicable", reason: "the command line names no model" };
  }
  const weights = findWeights(model);
  if (weights === undefined) return { kind: "not-applicable", reason: `the architecture of ${model} is not known` };
  const gpu = gpuOfNode(server.nodeLabels);
  if (gpu === undefined) return { kind: "not-applicable", reason: "the pod's node selector names no known card" };
  const other = OTHER_SUMS.find((flag) => values.has(flag));
  if (other !== undefined) return { kind: "not-applicable", reason: `${other} changes what lies on the card` };
  const deployment = deploymentOf(server, weights, gpu);
  const { tensorParallel, pipelineParallel } = deployment;
  if (tensorParallelFault(deployment.architecture, deployment.quantization, tensorParallel, pipelineParallel)) {
    return { kind: "not-applicable", reason: "the model cannot be split like this; another rule says so" };
  }
  const finding = memoryFinding(server, weights, deployment, estimateMemory(deployment));
  return finding === undefined ? complies : violates(finding);
}

function memoryFinding(
  server: VllmServer,
  weights: KnownWeights,
  deployment: Deployment,
  memory: MemoryEstimate,
): string | undefined {
  const where = `${weights.repository} with --tensor-parallel-size ${deployment.tensorParallel} on ${deployment.gpu.name}`;
  const card =
    `--gpu-memory-utilization ${deployment.gpuMemoryUtilization} × ${gib(deployment.gpu.usableGiB)} = ` +
    `${gib(memory.budgetGiB)} GiB of each card`;
  const needed = tokensInFlight(server);
  const fix = nearestFit(deployment, weights, Math.max(deployment.maxModelLen, needed?.tokens ?? 0));
  if (memory.kvCacheGiB <= 0) {
    return `${where} needs ${sumBeforeCache(memory)} GiB before any KV cache, but has ${card}. ${fix}`;
  }
  const cache = `${gib(memory.kvCacheGiB)} GiB of KV cache, ${memory.kvCacheTokens} tokens (${card}, less ${sumBeforeCache(memory)} GiB)`;
  if (memory.kvCacheTokens < deployment.maxModelLen) {
    return (
      `${where} has ${cache}, but one request of --max-model-len needs ${deployment.maxModelLen} tokens; the engine ` +
      `would not start. Lower --max-model-len to ${memory.kvCacheTokens} or less, or: ${fix}`
    );
  }
  if (needed === undefined || needed.tokens <= memory.kvCacheTokens) return undefined;
  return `${where} has ${cache}, but ${needed.sum}. ${fix}`;
}

/** Tokens that one replica holds at the planned load; undefined when the deployment does not say its load. */
function tokensInFlight(server: VllmServer): { tokens: number; sum: string } | undefined {
  const each = tokensPerRequestOf(server);
  const concurrency = concurrencyOf(server);
  const { replicas } = server.workload;
  if (each === undefined || concurrency.kind !== "known" || replicas === UNKNOWN || replicas < 1) return undefined;
  const requests = Math.ceil(concurrency.requests / replicas);
  const tokens = requests * each;
  return {
    tokens,
    sum: `${requests} requests of ${each} tokens a replica need ${tokens} tokens (${concurrency.from})`,
  };
}

function sumBeforeCache(memory: MemoryEstimate): string {
  const addends: (readonly [name: string, gib: number])[] = [
    ["weights", memory.weightsGiB],
    ["activation", memory.activationGiB],
    ["outside of torch", memory.nonTorchGiB],
    ...(memory.cudaGraphsInBudget ? [["CUDA graphs", memory.cudaGraphGiB] as const] : []),
  ];
  const total = addends.reduce((sum, [, size]) => sum + size, 0);
  return `${addends.map(([name, size]) => `${name} ${gib(size)}`).join(" + ")} = ${gib(total)}`;
}

/** The least change of cards or weights after which the tokens fit. */
function nearestFit(deployment: Deployment, weights: KnownWeights, tokens: number): string {
  for (const tensorParallel of [2, 4, 8].filter((cards) => cards > deployment.tensorParallel)) {
    const wider = { ...deployment, tensorParallel };
    const { architecture, quantization, pipelineParallel } = deployment;
    if (tensorParallelFault(architecture, quantization, tensorParallel, pipelineParallel) !== undefined) continue;
    if (estimateMemory(wider).kvCacheTokens >= tokens) {
      return `Nearest change that works: --tensor-parallel-size ${tensorParallel} on as many cards.`;
    }
  }
  const repository = weights.quantization === "bf16" ? quantizedRepository(weights.model) : undefined;
  return repository === undefined ? "It needs a larger card." : `It needs a larger card, or ${repository}.`;
}

function gib(value: number): string {
  return value.toFixed(1);
}
