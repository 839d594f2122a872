import type { Catalog } from "../catalog";
import { costPlan } from "../cost/cost";
import { HOURS_PER_MONTH } from "../cost/cost-line";
import { priceBasis } from "../cost/negotiated-prices";
import { summaryOf } from "../plan/alternatives";
import { outputRateOf } from "../plan/performance";
import { reservationOnly } from "../plan/plan-notes";
import { estimate } from "../plan/ranges";
import { trafficPlan } from "../plan/traffic";
import { isUnquantizedAtScale } from "../rules/unquantized-at-scale";
import { plannedConcurrency } from "../search/cases";
import { configurations, isPriced, marketOffers } from "../search/configurations";
import { modelFacts, type ModelFacts } from "../search/planned-model";
import { compareRejected, nearestFailure } from "../search/rejections";
import { search } from "../search/search";
import { usedGpus, type Solution } from "../search/solution";
import type { ServingRequest } from "../serving-request";
import { timeBasis, timeErrorBands } from "../time/error-band";
import type { Comparison, OwnPlan, PinnedOutcome, PlanOutcome } from "./comparison";

const SECONDS_PER_DAY = 86_400;

/** How many GPUs and replicas the request asks for by number; a comparison is also made without them. */
export function pinsOf({ tensorParallel, pipelineParallel, replicas }: ServingRequest): string[] {
  return [
    ...(tensorParallel === "auto" ? [] : [`tensorParallel: ${tensorParallel}`]),
    ...(pipelineParallel === "auto" ? [] : [`pipelineParallel: ${pipelineParallel}`]),
    ...(replicas === "auto" ? [] : [`replicas: ${replicas}`]),
  ];
}

export function withoutPins(request: ServingRequest): ServingRequest {
  return { ...request, tensorParallel: "auto", pipelineParallel: "auto", replicas: "auto" };
}

/** The request with another model, which inherits neither the weights nor the pins of the first one. */
export function withModel(
  request: ServingRequest,
  catalog: Catalog,
  key: string,
): { readonly request: ServingRequest; readonly model: ModelFacts } {
  const { architecture: _architecture, checkpoint: _checkpoint, ...rest } = withoutPins(request);
  const base: ServingRequest = { ...rest, model: key };
  const known = catalog.models.find((model) => model.key === key);
  const { quantization, maxModelLen } = request;
  const isPublished = quantization !== "auto" && known?.checkpoints[quantization] !== undefined;
  const isTooLong = maxModelLen !== "auto" && maxModelLen > (known?.architecture.maxPositionEmbeddings ?? 0);
  const other: ServingRequest = {
    ...base,
    quantization: isPublished ? quantization : "auto",
    maxModelLen: isTooLong ? "auto" : maxModelLen,
  };
  return { request: other, model: modelFacts(other, catalog) };
}

/** Finds plans in one catalog; a request that several tables ask for is searched once. */
export class PlanFinder {
  private readonly found = new Map<string, PlanOutcome>();

  constructor(readonly catalog: Catalog) {}

  /** What a search finds for the request, as it optimizes, or why it finds nothing. */
  outcome(request: ServingRequest): PlanOutcome {
    const key = JSON.stringify(request);
    const known = this.found.get(key) ?? outcomeOf(request, this.catalog);
    this.found.set(key, known);
    return known;
  }

  /** With the pins of the request; and without them where there are any and that is cheaper or fits at all. */
  pinned(request: ServingRequest): PinnedOutcome {
    const asAsked = this.outcome(request);
    if (pinsOf(request).length === 0) return { asAsked };
    const free = this.outcome({ ...withoutPins(request), optimize: "cost" });
    if (free.status === "none") return { asAsked };
    const isBetter = asAsked.status === "none" || free.plan.usdPerHour < asAsked.plan.usdPerHour;
    return isBetter ? { asAsked, withoutPins: free } : { asAsked };
  }
}

function outcomeOf(request: ServingRequest, catalog: Catalog): PlanOutcome {
  const model = modelFacts(request, catalog);
  const { possible, rejected } = configurations(request, catalog, model);
  const { solutions, failures } = search(request, model, possible, 1, catalog);
  const [solution] = solutions;
  if (solution !== undefined) return { status: "fits", plan: ownPlan(request, catalog, model, solution) };
  if (marketOffers(request, catalog).length === 0) {
    return { status: "none", why: notSold(request, catalog) };
  }
  const nearest = nearestFailure(failures)?.shortfall ?? rejected.toSorted(compareRejected)[0];
  const why =
    nearest === undefined
      ? "nothing of the market fits"
      : `${nearest.explanation}: needs ${nearest.needed}, has ${nearest.available}`;
  return { status: "none", why };
}

/** Nothing may be for sale, or nobody may have written the prices down. */
function notSold(request: ServingRequest, catalog: Catalog): string {
  const { clouds, regions, purchase } = request.market;
  if (!isPriced(request, catalog)) return `the catalog has no ${purchase} prices of ${clouds.join(", ")}`;
  return `not sold in ${regions.length > 0 ? regions.join(", ") : clouds.join(", ")} (${purchase})`;
}

/** The cheaper of both, or undefined. */
export function bestPlan({ asAsked, withoutPins: free }: PinnedOutcome): OwnPlan | undefined {
  if (free?.status === "fits") return free.plan;
  return asAsked.status === "fits" ? asAsked.plan : undefined;
}

function ownPlan(request: ServingRequest, catalog: Catalog, model: ModelFacts, solution: Solution): OwnPlan {
  const { replica, nodes, usdPerHour } = solution;
  const { offer, quantization } = replica.configuration;
  const concurrency = plannedConcurrency(request);
  const outputTokensPerSecond = outputRateOf(request, solution);
  const basis = timeBasis(replica.deployment);
  const day = trafficPlan(request, solution, 0);
  const { expected } = costPlan(request, catalog, solution, outputTokensPerSecond);
  return {
    ...summaryOf(request, solution),
    idleGpus: nodes * offer.gpuCount - usedGpus(solution),
    outputTokensPerSecond: estimate(outputTokensPerSecond, timeErrorBands(replica.deployment).throughput, basis),
    ...(day === undefined ? {} : { dayShare: day.outputTokensPerDay / (outputTokensPerSecond * SECONDS_PER_DAY) }),
    totalUsdPerMonth: expected.usdPerMonth,
    clusterUsdPerMonth: expected.usdPerMonth - usdPerHour * HOURS_PER_MONTH,
    price: { source: offer.source, date: offer.date },
    refusedByPolicy: isUnquantizedAtScale({ quantization, parameters: model.parameters, concurrency }),
    caveats: reservationOnly(solution).map(({ message }) => message),
    basis: {
      memory: replica.memory.basis,
      speed: basis,
      price: priceBasis(offer),
    },
  };
}

/** Whether anything of one's own holds the request: as asked, or with other weights or cards. */
export function hasOwnPlan({ plan, precision, gpus }: Comparison): boolean {
  const rows = [...(precision?.rows ?? []), ...(gpus ?? [])];
  return [plan, ...rows.map(({ outcome }) => outcome)].some((outcome) => bestPlan(outcome) !== undefined);
}
