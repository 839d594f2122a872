import type { Deployment } from "../deployment";
import { holding, loadOf } from "../search/replica";
import type { Solution } from "../search/solution";
import type { PerformancePlan } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { firstAnswerBand, timeBasis, timeErrorBands } from "../time/error-band";
import { burstTtftMs } from "../time/simulation";
import type { SteadyState } from "../time/steady-state";
import { generatedTokens } from "../time/workload";
import { estimate, inverse } from "./ranges";

/** Output tokens a second of all replicas with the load of the request; what is thought counts too. */
export function outputRateOf(request: ServingRequest, { replica, replicas, spareReplicas, state }: Solution): number {
  // The last replica may hold fewer requests than the others.
  const served = request.workload.concurrency / holding(request, request, replica).concurrency;
  return state.outputTokensPerSecond * Math.min(replicas - spareReplicas, served);
}

/** What users of the planned replicas will see, each figure with the range that holds the truth nine times in ten. */
export function performancePlan(request: ServingRequest, solution: Solution): PerformancePlan {
  const { replica, state } = solution;
  const basis = timeBasis(replica.deployment);
  const bands = timeErrorBands(replica.deployment);
  const load = loadOf(request, holding(request, request, replica).concurrency);
  const burst = burstTtftMs(
    replica.deployment,
    {
      arrivals: { kind: "closed-loop", concurrency: load.concurrency },
      inputTokens: load.promptTokens,
      outputTokens: generatedTokens(load),
    },
    replica.memory.kvCacheTokens,
  );
  const tpotP95Ms = estimate(state.tpot.p95Ms, bands.tpot, basis);
  return {
    ttftMeanMs: estimate(state.ttft.meanMs, bands.ttft, basis),
    ttftP95Ms: estimate(state.ttft.p95Ms, bands.ttft, basis),
    ...firstAnswer(state, replica.deployment),
    tpotMeanMs: estimate(state.tpot.meanMs, bands.tpot, basis),
    tpotP95Ms,
    itlP50Ms: estimate(state.medianGapMs(), bands.itl, basis),
    endToEndMeanMs: estimate(state.endToEnd.meanMs, bands.endToEnd, basis),
    endToEndP95Ms: estimate(state.endToEnd.p95Ms, bands.endToEnd, basis),
    outputTokensPerSecond: estimate(outputRateOf(request, solution), bands.throughput, basis),
    tokensPerSecondPerUser: inverse(tpotP95Ms),
    burstTtftMs: estimate(burst, bands.ttft, basis),
  };
}

/** Until the answer begins behind what is thought; nothing where nothing is thought. */
export function firstAnswer(
  { ttft, firstAnswer: seen }: SteadyState,
  deployment: Deployment,
): Pick<PerformancePlan, "firstAnswerTokenMeanMs" | "firstAnswerTokenP95Ms"> {
  if (seen === undefined) return {};
  const basis = timeBasis(deployment);
  const band = firstAnswerBand(timeErrorBands(deployment), ttft.meanMs / seen.meanMs);
  return {
    firstAnswerTokenMeanMs: estimate(seen.meanMs, band, basis),
    firstAnswerTokenP95Ms: estimate(seen.p95Ms, band, basis),
  };
}
