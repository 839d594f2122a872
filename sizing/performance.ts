import { timeBasis, timeErrorBands } from "./error-band";
import { loadOf } from "./replica";
import { estimate, inverse } from "./ranges";
import type { Solution } from "./solution";
import type { PerformancePlan } from "./serving-plan";
import type { ServingRequest } from "./serving-request";
import { burstTtftMs } from "./simulation";

/** What users of the planned replicas will see, each figure with the range that holds the truth nine times in ten. */
export function performancePlan(
  request: ServingRequest,
  { replica, replicas, spareReplicas, state }: Solution,
): PerformancePlan {
  const basis = timeBasis(replica.deployment);
  const bands = timeErrorBands(replica.deployment);
  const { promptTokens, outputTokens, concurrency } = loadOf(request, replica.concurrency);
  const burst = burstTtftMs(
    replica.deployment,
    { arrivals: { kind: "closed-loop", concurrency }, inputTokens: promptTokens, outputTokens },
    replica.memory.kvCacheTokens,
  );
  const tpotP95Ms = estimate(state.tpot.p95Ms, bands.tpot, basis);
  // The last replica may hold fewer requests than the others.
  const served = request.workload.concurrency / replica.concurrency;
  return {
    ttftMeanMs: estimate(state.ttft.meanMs, bands.ttft, basis),
    ttftP95Ms: estimate(state.ttft.p95Ms, bands.ttft, basis),
    tpotMeanMs: estimate(state.tpot.meanMs, bands.tpot, basis),
    tpotP95Ms,
    itlP50Ms: estimate(state.medianGapMs(), bands.itl, basis),
    endToEndMeanMs: estimate(state.endToEnd.meanMs, bands.endToEnd, basis),
    endToEndP95Ms: estimate(state.endToEnd.p95Ms, bands.endToEnd, basis),
    outputTokensPerSecond: estimate(
      state.outputTokensPerSecond * Math.min(replicas - spareReplicas, served),
      bands.throughput,
      basis,
    ),
    tokensPerSecondPerUser: inverse(tpotP95Ms),
    burstTtftMs: estimate(burst, bands.ttft, basis),
  };
}
