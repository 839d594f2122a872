import { loadOf } from "./replica";
import { estimate, inverse, timeBasis } from "./ranges";
import type { Solution } from "./search";
import type { PerformancePlan } from "./serving-plan";
import type { ServingRequest } from "./serving-request";
import { burstTtftMs } from "./simulation";

/** What users of the planned replicas will see, each figure with the range that holds the truth nine times in ten. */
export function performancePlan(request: ServingRequest, { replica, replicas, state }: Solution): PerformancePlan {
  const basis = timeBasis(replica.deployment);
  const { promptTokens, outputTokens, concurrency } = loadOf(request, replica.concurrency);
  const burst = burstTtftMs(
    replica.deployment,
    { arrivals: { kind: "closed-loop", concurrency }, inputTokens: promptTokens, outputTokens },
    replica.memory.kvCacheTokens,
  );
  const tpotP95Ms = estimate(state.tpot.p95Ms, "tokenTime", basis);
  // The last replica may hold fewer requests than the others.
  const served = request.workload.concurrency / replica.concurrency;
  return {
    ttftMeanMs: estimate(state.ttft.meanMs, "ttft", basis),
    ttftP95Ms: estimate(state.ttft.p95Ms, "ttft", basis),
    tpotMeanMs: estimate(state.tpot.meanMs, "tokenTime", basis),
    tpotP95Ms,
    itlP50Ms: estimate(state.medianGapMs(), "tokenTime", basis),
    endToEndMeanMs: estimate(state.endToEnd.meanMs, "endToEnd", basis),
    endToEndP95Ms: estimate(state.endToEnd.p95Ms, "endToEnd", basis),
    outputTokensPerSecond: estimate(state.outputTokensPerSecond * Math.min(replicas, served), "throughput", basis),
    tokensPerSecondPerUser: inverse(tpotP95Ms),
    burstTtftMs: estimate(burst, "ttft", basis),
  };
}
