import { HOURS_PER_MONTH } from "./cost";
import type { Alternative, CandidateSummary } from "./serving-plan";
import type { ServingRequest } from "./serving-request";
import { usedGpus, type Solution } from "./search";

const MOST_ALTERNATIVES = 6;

/** A solution in one row, comparable with others; the price is that of the machines alone. */
export function summaryOf(request: ServingRequest, solution: Solution): CandidateSummary {
  const { replica, replicas, nodes, usdPerHour, state } = solution;
  const { offer, gpu, quantization, tensorParallel } = replica.configuration;
  const { promptTokens, outputTokens } = request.workload;
  return {
    cloud: offer.cloud,
    region: offer.region,
    purchase: offer.purchase,
    instanceType: offer.instanceType,
    gpu: gpu.name,
    quantization,
    tensorParallel,
    replicas,
    nodes,
    usdPerHour,
    usdPerMonth: usdPerHour * HOURS_PER_MONTH,
    ttftP95Ms: state.ttft.p95Ms,
    tokensPerSecondPerUser: 1000 / state.tpot.p95Ms,
    requestsAtMeanLength: replicas * Math.floor(replica.memory.kvCacheTokens / (promptTokens + outputTokens)),
  };
}

/** The next best kinds of card and weights, with by how much each loses. */
export function alternativesOf(request: ServingRequest, solutions: readonly Solution[]): Alternative[] {
  const [chosen, ...others] = solutions;
  if (chosen === undefined) return [];
  return others
    .slice(0, MOST_ALTERNATIVES)
    .map((solution) => ({ ...summaryOf(request, solution), reason: whyNot(chosen, solution) }));
}

function whyNot(chosen: Solution, other: Solution): string {
  const difference = other.usdPerHour - chosen.usdPerHour;
  if (difference > 0) {
    const share = Math.round((difference / chosen.usdPerHour) * 100);
    return `dearer by $${difference.toFixed(2)}/h (+${share} %)`;
  }
  if (usedGpus(other) > usedGpus(chosen))
    return `costs the same and uses ${usedGpus(other)} GPUs instead of ${usedGpus(chosen)}`;
  if (other.replicas > chosen.replicas)
    return `costs the same with ${other.replicas} replicas instead of ${chosen.replicas}`;
  return "costs the same; the more exact weights, then the name, decide";
}
