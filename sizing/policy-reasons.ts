import type { Catalog } from "./catalog";
import { modelFacts, type ModelFacts } from "./planned-model";
import { QUANTIZATIONS } from "./precision";
import { cheapest } from "./relaxations";
import { isUnquantizedAtScale, UNQUANTIZED_LIMITS } from "./rules/unquantized-at-scale";
import { compareSolutions, type Solution } from "./solution";
import type { Reason } from "./serving-plan";
import type { ServingRequest } from "./serving-request";

/** What the policies forbid of a plan that would fit, each with the nearest change that they allow. */
export function policyReasons(
  request: ServingRequest,
  catalog: Catalog,
  model: ModelFacts,
  chosen: Solution,
): Reason[] {
  const { quantization } = chosen.replica.configuration;
  const { concurrency } = request.workload;
  const { parameters } = model;
  if (!isUnquantizedAtScale({ quantization, parameters, concurrency })) return [];
  const message =
    `unquantized weights of a model with ${(parameters / 1e9).toFixed(1)} billion parameters at ${concurrency} concurrent requests ` +
    `are refused (limits: ${UNQUANTIZED_LIMITS.parameters / 1e9} billion, ${UNQUANTIZED_LIMITS.concurrency} requests). ` +
    `They fit, at $${chosen.usdPerHour.toFixed(2)}/h, but leave little room to grow and decode slower than quantized ones`;
  const fix = quantizedFix(request, catalog);
  return [{ code: "no-fp16-at-50-concurrency", message, ...(fix === undefined ? {} : { fix }) }];
}

function quantizedFix(request: ServingRequest, catalog: Catalog): string | undefined {
  const { checkpoints } = modelFacts({ ...request, quantization: "auto" }, catalog);
  const candidates = QUANTIZATIONS.filter((one) => one !== "bf16" && checkpoints[one] !== undefined);
  const [best] = candidates
    .flatMap((quantization) => cheapest({ ...request, quantization }, catalog) ?? [])
    .toSorted(compareSolutions);
  if (best === undefined) return undefined;
  const { quantization, offer } = best.replica.configuration;
  return `quantization: ${quantization} works on ${best.nodes}x ${offer.instanceType} for $${best.usdPerHour.toFixed(2)}/h`;
}
