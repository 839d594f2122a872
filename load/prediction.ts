import type { Deployment } from "../sizing/deployment";
import { estimateMemory } from "../sizing/memory/memory";
import { estimate } from "../sizing/plan/ranges";
import type { Estimate } from "../sizing/serving-plan";
import { timeBasis, timeErrorBands } from "../sizing/time/error-band";
import { simulateServing, type Distribution } from "../sizing/time/simulation";
import { simulateSteadyState } from "../sizing/time/steady-state";

/** `burst`: all clients start at once, as a benchmark does; `staggered`: the steady state that plans are made for. */
export type Arrivals = "burst" | "staggered";

/** Load on all replicas together, as it was measured. */
export interface MeasuredLoad {
  readonly arrivals: Arrivals;
  readonly concurrency: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** Quantities that a bench measures and a plan predicts; milliseconds but for the last. */
export const QUANTITIES = [
  "ttftMeanMs",
  "ttftP95Ms",
  "tpotMeanMs",
  "tpotP95Ms",
  "itlP50Ms",
  "endToEndMeanMs",
  "endToEndP95Ms",
  "outputTokensPerSecond",
] as const;
export type Quantity = (typeof QUANTITIES)[number];

/**
 * What the sizing model says of exactly the load that was measured, so that a run with other lengths or fewer clients
 * than the plan is for is compared too. The load is shared evenly by the replicas.
 */
export function predictLoad(
  deployment: Deployment,
  replicas: number,
  load: MeasuredLoad,
): Readonly<Record<Quantity, Estimate>> {
  const { kvCacheTokens } = estimateMemory(deployment);
  const concurrency = Math.ceil(load.concurrency / replicas);
  const lengths = { promptTokens: Math.round(load.promptTokens), outputTokens: Math.round(load.outputTokens) };
  const state =
    load.arrivals === "staggered"
      ? simulateSteadyState(deployment, { concurrency, ...lengths }, kvCacheTokens)
      : burst(deployment, concurrency, lengths, kvCacheTokens);
  const bands = timeErrorBands(deployment);
  const basis = timeBasis(deployment);
  const { ttft, tpot, endToEnd } = state;
  return {
    ttftMeanMs: estimate(ttft.meanMs, bands.ttft, basis),
    ttftP95Ms: estimate(ttft.p95Ms, bands.ttft, basis),
    tpotMeanMs: estimate(tpot.meanMs, bands.tpot, basis),
    tpotP95Ms: estimate(tpot.p95Ms, bands.tpot, basis),
    itlP50Ms: estimate(state.medianGapMs(), bands.itl, basis),
    endToEndMeanMs: estimate(endToEnd.meanMs, bands.endToEnd, basis),
    endToEndP95Ms: estimate(endToEnd.p95Ms, bands.endToEnd, basis),
    // The last replica may hold fewer requests than the others.
    outputTokensPerSecond: estimate(
      state.outputTokensPerSecond * (load.concurrency / concurrency),
      bands.throughput,
      basis,
    ),
  };
}

interface Simulated {
  readonly ttft: Distribution;
  readonly tpot: Distribution;
  readonly endToEnd: Distribution;
  readonly outputTokensPerSecond: number;
  readonly medianGapMs: () => number;
}

function burst(
  deployment: Deployment,
  concurrency: number,
  { promptTokens, outputTokens }: { readonly promptTokens: number; readonly outputTokens: number },
  kvCacheTokens: number,
): Simulated {
  const load = {
    arrivals: { kind: "closed-loop", concurrency },
    inputTokens: promptTokens,
    outputTokens,
  } as const;
  const { itlP50Ms, ...result } = simulateServing(deployment, load, kvCacheTokens);
  return { ...result, medianGapMs: () => itlP50Ms };
}
