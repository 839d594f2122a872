import { HOURS_PER_MONTH } from "../cost/cost-line";
import { requestsThatFit, spareRequestsPerDollar, usedGpus, type Solution } from "../search/solution";
import type { Alternative, CandidateSummary } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { perHour } from "../wording";

const MOST_ALTERNATIVES = 6;

/** A solution in one row, comparable with others; the price is that of the machines alone. */
export function summaryOf(request: ServingRequest, solution: Solution): CandidateSummary {
  const { replica, replicas, nodes, usdPerHour, state } = solution;
  const { offer, gpu, quantization, kvCacheDtype, tensorParallel, pipelineParallel } = replica.configuration;
  return {
    cloud: offer.cloud,
    region: offer.region,
    purchase: offer.purchase,
    instanceType: offer.instanceType,
    gpu: gpu.name,
    quantization,
    kvCacheDtype,
    tensorParallel,
    pipelineParallel,
    replicas,
    nodes,
    usdPerHour,
    usdPerMonth: usdPerHour * HOURS_PER_MONTH,
    ttftP95Ms: state.ttft.p95Ms,
    tokensPerSecondPerUser: 1000 / state.tpot.p95Ms,
    requestsAtMeanLength: requestsThatFit(request, solution),
  };
}

/** The next best kinds of card and weights, with by how much each loses. */
export function alternativesOf(request: ServingRequest, solutions: readonly Solution[]): Alternative[] {
  const [chosen, ...others] = solutions;
  if (chosen === undefined) return [];
  return others
    .slice(0, MOST_ALTERNATIVES)
    .map((solution) => ({ ...summaryOf(request, solution), reason: whyNot(request, chosen, solution) }));
}

function whyNot(request: ServingRequest, chosen: Solution, other: Solution): string {
  if (request.optimize === "latency") {
    const slower = other.state.ttft.p95Ms - chosen.state.ttft.p95Ms;
    if (slower > 0) return `first token later by ${slower.toFixed(0)} ms at p95; ${priceBeside(chosen, other)}`;
    if (other.state.tpot.p95Ms > chosen.state.tpot.p95Ms)
      return `as quick to the first token, slower after it; ${priceBeside(chosen, other)}`;
  }
  if (request.optimize === "headroom") {
    const [spare, most] = [spareRequestsPerDollar(request, other), spareRequestsPerDollar(request, chosen)];
    if (spare < most)
      return `${spare.toFixed(1)} spare requests per dollar instead of ${most.toFixed(1)}; ${priceBeside(chosen, other)}`;
  }
  return dearer(chosen, other);
}

function priceBeside(chosen: Solution, other: Solution): string {
  const difference = other.usdPerHour - chosen.usdPerHour;
  if (difference === 0) return "costs the same";
  return `${difference > 0 ? "dearer" : "cheaper"} by ${perHour(Math.abs(difference))}`;
}

function dearer(chosen: Solution, other: Solution): string {
  const difference = other.usdPerHour - chosen.usdPerHour;
  if (difference > 0) {
    const share = Math.round((difference / chosen.usdPerHour) * 100);
    return `dearer by ${perHour(difference)} (+${share} %)`;
  }
  if (usedGpus(other) > usedGpus(chosen))
    return `costs the same and uses ${usedGpus(other)} GPUs instead of ${usedGpus(chosen)}`;
  if (other.replicas > chosen.replicas)
    return `costs the same with ${other.replicas} replicas instead of ${chosen.replicas}`;
  return "costs the same; the more exact weights, then the name, decide";
}
