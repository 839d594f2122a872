import type { Catalog } from "./catalog";
import { withNegotiatedPrices } from "./cost/negotiated-prices";
import { gpusOf, parallelismText } from "./model/parallelism";
import { alternativesOf } from "./plan/alternatives";
import { assumptionsOf } from "./plan/assumptions";
import { cardEstimate } from "./plan/card-estimate";
import { fittedPlan } from "./plan/fitted-plan";
import { cheaperPins, notes } from "./plan/plan-notes";
import { policyReasons } from "./plan/policy-reasons";
import { priceAges } from "./plan/price-age";
import { plannedConcurrency } from "./search/cases";
import { configurations, isPriced, marketOffers } from "./search/configurations";
import { modelFacts, type ModelFacts } from "./search/planned-model";
import { nearestFailure, rejectionsOf } from "./search/rejections";
import { search, type Failure } from "./search/search";
import type { Solution } from "./search/solution";
import { workingRelaxations, type RelaxedSolution } from "./search/working-relaxations";
import type { PlannedModel, Reason, RejectedCandidate, ServingPlan } from "./serving-plan";
import type { ServingRequest } from "./serving-request";
import { perHour, plural } from "./wording";

/** The chosen one and as many alternatives as somebody reads. */
const SEARCHED_KINDS = 7;

/**
 * The machines of the market that hold the request at every limit and are best in what it optimizes (the cheapest
 * unless something else is asked for), and why the others are not chosen.
 * Pure: equal requests and catalogs, in whatever order, give equal plans.
 */
export function planServing(request: ServingRequest, listed: Catalog): ServingPlan {
  // An object of its own: what is simulated for this plan is kept as long as the plan is made.
  const catalog = { ...withNegotiatedPrices(request, listed) };
  const model = modelFacts(request, catalog);
  const { possible, rejected } = configurations(request, catalog, model);
  const { solutions, failures } = search(request, model, possible, SEARCHED_KINDS, catalog);
  const allRejected = rejectionsOf(request, catalog, rejected, failures);
  const [chosen] = solutions;
  return chosen === undefined
    ? infeasible(request, catalog, model, allRejected, failures)
    : feasible(request, catalog, model, allRejected, solutions, chosen);
}

function feasible(
  request: ServingRequest,
  catalog: Catalog,
  model: ModelFacts,
  rejected: readonly RejectedCandidate[],
  solutions: readonly Solution[],
  chosen: Solution,
): ServingPlan {
  const policy = policyReasons(request, catalog, model, chosen);
  const card = cardEstimate(request, model, chosen.replica);
  const fitted = fittedPlan(request, catalog, model, chosen);
  return {
    schemaVersion: 1,
    verdict: {
      status: policy.length > 0 ? "refused" : "accepted",
      reasons: [
        ...policy,
        ...notes(request, catalog, chosen, fitted.performance),
        ...priceAges(request.asOf, fitted.cost.lines),
      ],
    },
    request,
    model: plannedModel(model, chosen),
    ...fitted,
    ...(card === undefined ? {} : { cardEstimate: card }),
    alternatives: alternativesOf(request, solutions),
    rejected: [...(request.optimize === "cost" ? cheaperPins(request, catalog, chosen) : []), ...rejected],
    assumptions: assumptionsOf(request, model, chosen.replica),
  };
}

function plannedModel(model: ModelFacts, chosen: Solution): PlannedModel {
  const checkpoint = model.checkpoints[chosen.replica.configuration.quantization];
  const { key, parameters } = model;
  return checkpoint === undefined ? { key, parameters } : { key, parameters, checkpoint };
}

function infeasible(
  request: ServingRequest,
  catalog: Catalog,
  model: ModelFacts,
  rejected: readonly RejectedCandidate[],
  failures: readonly Failure[],
): ServingPlan {
  const fixes = workingRelaxations(request, catalog);
  return {
    schemaVersion: 1,
    verdict: {
      status: "infeasible",
      reasons: [whyNothing(request, catalog, rejected, failures, fixes), ...otherFixes(fixes)],
    },
    request,
    model: { key: model.key, parameters: model.parameters },
    alternatives: [],
    rejected,
    assumptions: [],
  };
}

function whyNothing(
  request: ServingRequest,
  catalog: Catalog,
  rejected: readonly RejectedCandidate[],
  failures: readonly Failure[],
  fixes: readonly RelaxedSolution[],
): Reason {
  const fix = fixes[0] === undefined ? {} : { fix: fixText(fixes[0]) };
  const { clouds, regions, purchase } = request.market;
  const market = `${clouds.join(", ")} (${regions.length === 0 ? "every region" : regions.join(", ")}, ${purchase})`;
  const asked = `${request.model} at ${plural(plannedConcurrency(request), "concurrent request")}`;
  if (marketOffers(request, catalog).length === 0) {
    if (!isPriced(request, catalog))
      return { code: "not-sold", message: `the catalog has no ${purchase} prices of ${clouds.join(", ")}`, ...fix };
    const card = request.gpu === undefined ? "a machine with GPUs" : `a machine with ${request.gpu}`;
    return { code: "not-sold", message: `${market} does not sell ${card}`, ...fix };
  }
  const nearest = nearestFailure(failures);
  if (nearest !== undefined) {
    const { configuration, shortfall } = nearest;
    const best = `${gpusOf(configuration)}x ${configuration.gpu.name} with ${configuration.quantization} weights`;
    const message =
      `${asked} needs ${shortfall.needed}, but ${best}, the nearest in ${market}, has ${shortfall.available}: ` +
      shortfall.explanation;
    return { code: shortfall.reason, message, ...fix };
  }
  const [first] = rejected;
  const message =
    first === undefined
      ? `${asked} fits nothing in ${market}`
      : `${asked} needs ${first.needed}, but ${first.candidate} has ${first.available}: ${first.explanation}`;
  return { code: first?.reason ?? "not-sold", message, ...fix };
}

function fixText({ change, solution }: RelaxedSolution): string {
  const { configuration } = solution.replica;
  const machine = `${solution.nodes}x ${configuration.offer.instanceType} in ${configuration.offer.region}`;
  return `${change} works: ${machine}, ${configuration.quantization}, ${parallelismText(configuration)}, ${perHour(solution.usdPerHour)}`;
}

function otherFixes(fixes: readonly RelaxedSolution[]): Reason[] {
  return fixes.slice(1, 5).map((fix) => ({ code: "also-works", message: fixText(fix) }));
}
