import type { Catalog } from "../catalog";
import { QUANTIZATIONS, type Quantization } from "../model/precision";
import { isUnquantizedAtScale, UNQUANTIZED_LIMITS } from "../rules/unquantized-at-scale";
import { plannedConcurrency } from "../search/cases";
import { MAKEABLE, modelFacts, type ModelFacts } from "../search/planned-model";
import { cheapest } from "../search/relaxations";
import { compareSolutions, type Solution } from "../search/solution";
import type { Reason } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { perHour } from "../wording";

/** What the policies forbid of a plan that would fit, each with the nearest change that they allow. */
export function policyReasons(
  request: ServingRequest,
  catalog: Catalog,
  model: ModelFacts,
  chosen: Solution,
): Reason[] {
  const { quantization } = chosen.replica.configuration;
  const concurrency = plannedConcurrency(request);
  const { parameters } = model;
  if (!isUnquantizedAtScale({ quantization, parameters, concurrency })) return [];
  const message =
    `unquantized weights of a model with ${(parameters / 1e9).toFixed(1)} billion parameters at ${concurrency} concurrent requests ` +
    `are refused (limits: ${UNQUANTIZED_LIMITS.parameters / 1e9} billion, ${UNQUANTIZED_LIMITS.concurrency} requests). ` +
    `They fit, at ${perHour(chosen.usdPerHour)}, but leave little room to grow and decode slower than quantized ones`;
  return [{ code: "no-fp16-at-50-concurrency", message, fix: fixOf(request, catalog) }];
}

/** Published weights if they do, else some of the user's own; the rule itself says how many requests it lets pass. */
function fixOf(request: ServingRequest, catalog: Catalog): string {
  const { checkpoints } = modelFacts({ ...request, quantization: "auto" }, catalog);
  const published = quantizedFix(
    request,
    catalog,
    QUANTIZATIONS.filter((one) => one !== "bf16" && checkpoints[one] !== undefined),
  );
  if (published !== undefined) return published;
  const own = quantizedFix(request, catalog, MAKEABLE);
  if (own !== undefined) return `${own}; the catalog knows no such weights: name yours as checkpoint`;
  return `fewer than ${UNQUANTIZED_LIMITS.concurrency} requests at the same time are not refused`;
}

function quantizedFix(
  request: ServingRequest,
  catalog: Catalog,
  candidates: readonly Quantization[],
): string | undefined {
  const [best] = candidates
    .flatMap((quantization) => cheapest({ ...request, quantization }, catalog) ?? [])
    .toSorted(compareSolutions);
  if (best === undefined) return undefined;
  const { quantization, offer } = best.replica.configuration;
  return `quantization: ${quantization} works on ${best.nodes}x ${offer.instanceType} for ${perHour(best.usdPerHour)}`;
}
