import * as fc from "fast-check";
import { loadCatalog } from "../../config/catalog";
import { parseServingRequest } from "../../config/request";
import { planServing } from "../../sizing/plan";
import { isFeasible, type FeasiblePlan, type ServingPlan } from "../../sizing/serving-plan";
import type { ServingRequest } from "../../sizing/serving-request";

export const CATALOG = loadCatalog();

/** The request that an input means; a faulty input is a fault of the test. */
export function requestOf(input: unknown): ServingRequest {
  const result = parseServingRequest(input, CATALOG);
  if (!result.ok) throw new Error(result.faults.map((fault) => fault.message).join("\n"));
  return result.request;
}

export function planOf(input: unknown): ServingPlan {
  return planServing(requestOf(input), CATALOG);
}

export function feasiblePlanOf(input: unknown): FeasiblePlan {
  const plan = planOf(input);
  if (!isFeasible(plan)) throw new Error(plan.verdict.reasons.map((reason) => reason.message).join("\n"));
  return plan;
}

export function isValid(input: unknown): boolean {
  return parseServingRequest(input, CATALOG).ok;
}

/** Requests of every kind that are valid, small enough to be planned many times. */
export const inputs = fc
  .record({
    model: fc.constantFrom("qwen3-32b", "qwen3-14b", "qwen3-8b", "qwen3-30b-a3b", "llama-3.1-8b-instruct"),
    quantization: fc.constantFrom("auto", "fp8", "int4-w4a16", "bf16"),
    kvCacheDtype: fc.constantFrom("auto", "fp8", "any"),
    workload: fc.record({
      concurrency: fc.integer({ min: 1, max: 60 }),
      promptTokens: fc.integer({ min: 1, max: 3000 }),
      outputTokens: fc.integer({ min: 1, max: 800 }),
    }),
    slo: fc.constantFrom(
      {},
      { ttftSeconds: 2 },
      { tokensPerSecondPerUser: 15 },
      { endToEndSeconds: 60 },
      { ttftSeconds: 1, tokensPerSecondPerUser: 30 },
      { ttftSeconds: 0.001 },
    ),
    tensorParallel: fc.constantFrom("auto", 1, 2, 4),
    pipelineParallel: fc.constantFrom("auto", "auto", "auto", 1, 2, 4),
    replicas: fc.constantFrom("auto", "auto", 1, 3),
    market: fc.constantFrom(
      { clouds: ["aws"], regions: ["us-east-1"] },
      { clouds: ["gcp"], regions: ["us-central1"] },
      { clouds: ["azure"], regions: ["eastus"] },
      { clouds: ["aws", "gcp"], regions: [], purchase: "spot" },
    ),
  })
  .filter(isValid);
