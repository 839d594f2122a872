import { estimateMemory } from "../../sizing/memory/memory";
import { UNQUANTIZED_LIMITS } from "../../sizing/rules/unquantized-at-scale";
import { findWeights, gpuOfNode, quantizedRepository, type KnownWeights } from "../known/lookup";
import { concurrencyOf } from "../reading/concurrency";
import { deploymentOf, loadedPrecision, parallelism } from "../reading/deployment";
import type { VllmServer } from "../reading/server";
import { complies, violates, type Judgement, type Rule } from "../rule";

export interface UnquantizedConfig {
  /** Requests in flight from which on the rule holds. */
  readonly minConcurrency: number;
  /** Parameters, in billions, from which on the rule holds. */
  readonly minParametersBillions: number;
}

const BILLION = 1e9;

const UNQUANTIZED_DEFAULTS: UnquantizedConfig = {
  minConcurrency: UNQUANTIZED_LIMITS.concurrency,
  minParametersBillions: UNQUANTIZED_LIMITS.parameters / BILLION,
};

export const noFp16At50Concurrency: Rule<UnquantizedConfig> = {
  name: "no-fp16-at-50-concurrency",
  description:
    "Large models at high concurrency are served with quantized weights. 16-bit weights may fit by exact arithmetic, " +
    "but leave little room for longer requests or more of them, and decode slower on the same cards.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps:
    "Deploy quantized weights of the same model (AWQ, GPTQ, FP8), or raise minConcurrency or minParametersBillions " +
    "in the policy's configuration if this deployment is meant to be an exception.",
  configSchema: {
    properties: {
      minConcurrency: { type: "integer", minimum: 1, default: UNQUANTIZED_DEFAULTS.minConcurrency },
      minParametersBillions: { type: "number", minimum: 0, default: UNQUANTIZED_DEFAULTS.minParametersBillions },
    },
  },
  judge,
};

function judge(server: VllmServer, given: Partial<UnquantizedConfig>): Judgement {
  const config = { ...UNQUANTIZED_DEFAULTS, ...given };
  const { model, hasUnknownWords } = server.command;
  if (model === undefined) {
    if (hasUnknownWords) return { kind: "unknown", what: "the model" };
    return { kind: "not-applicable", reason: "the command line names no model" };
  }
  const weights = findWeights(model);
  if (weights === undefined) return { kind: "not-applicable", reason: `the precision of ${model} is not known` };
  if (loadedPrecision(server, weights) !== "bf16") return complies;
  if (weights.model.parameters < config.minParametersBillions * BILLION) return complies;
  const concurrency = concurrencyOf(server);
  if (concurrency.kind === "unknown") return { kind: "unknown", what: "the concurrency" };
  if (concurrency.kind === "malformed") return violates(concurrency.finding);
  if (concurrency.requests < config.minConcurrency) return complies;
  const billions = (weights.model.parameters / BILLION).toFixed(1);
  return violates(
    `${weights.repository} are 16-bit weights of ${billions} billion parameters for ${concurrency.requests} ` +
      `concurrent requests (${concurrency.from}); unquantized weights are refused from ` +
      `${config.minParametersBillions} billion parameters at ${config.minConcurrency} requests on. ` +
      `${memorySum(server, weights)} ${advice(weights)}`,
  );
}

function advice({ model }: KnownWeights): string {
  const repository = quantizedRepository(model);
  return repository === undefined
    ? "Deploy weights that are quantized to 8 or 4 bits."
    : `Nearest change that works: deploy ${repository}.`;
}

/** The honest part: what exact arithmetic says of these weights on these cards. */
function memorySum(server: VllmServer, weights: KnownWeights): string {
  const gpu = gpuOfNode(server.nodeLabels);
  const gigabytes = ((weights.model.parameters * 2) / BILLION).toFixed(1);
  if (gpu === undefined) return `The weights alone take ${gigabytes} GB.`;
  const memory = estimateMemory(deploymentOf(server, weights, gpu));
  const { tensorParallel, pipelineParallel } = parallelism(server);
  const cards = tensorParallel * pipelineParallel;
  const sum =
    `weights ${gib(memory.weightsGiB)} of the ${gib(memory.budgetGiB)} GiB that the engine may use on each of ` +
    `${cards} ${gpu.name} leave ${gib(Math.max(0, memory.kvCacheGiB))} GiB for the KV cache (${memory.kvCacheTokens} tokens)`;
  return memory.kvCacheGiB > 0
    ? `By exact arithmetic they may fit (${sum}); this is a decision of policy, not of arithmetic.`
    : `They do not fit either: ${sum}.`;
}

function gib(value: number): string {
  return value.toFixed(1);
}
