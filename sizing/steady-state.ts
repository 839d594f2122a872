import { TIME_VALUES } from "./coefficients";
import type { Deployment } from "./deployment";
import { lengthStream, poissonGaps } from "./length-distribution";
import { ClosedLoopSource } from "./request-source";
import { Scheduler } from "./scheduler";
import { burstTtftMs, decodeStepMs } from "./simulation";
import { distribution, weightedMedian, type Distribution } from "./statistics";
import { compileStepTimer } from "./step-time";

/** What one replica is asked to hold in steady state. */
export interface SteadyLoad {
  readonly concurrency: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** What the users of one replica see when requests come and go all the time; times are milliseconds. */
export interface SteadyState {
  readonly ttft: Distribution;
  readonly tpot: Distribution;
  readonly endToEnd: Distribution;
  /** Median gap between two tokens; worked out when asked, because only the chosen plan shows it. */
  readonly medianGapMs: () => number;
  readonly outputTokensPerSecond: number;
}

const WAVES = 6;
/** Waves whose requests are not counted, because the clients have just started. */
const WARM_UP_WAVES = 2;

/** Milliseconds from sending to the first token of a request that has the replica to itself. */
export function loneTtftMs(deployment: Deployment, load: SteadyLoad): number {
  return burstTtftMs(deployment, {
    arrivals: { kind: "closed-loop", concurrency: 1 },
    inputTokens: load.promptTokens,
    outputTokens: load.outputTokens,
  });
}

/**
 * Clients that start at the irregular times of a Poisson stream over one request's duration and go on for several
 * requests each; the first ones and the drained end are left out. A benchmark that starts every client at the same
 * moment measures the burst instead, which the plan reports apart.
 */
export function simulateSteadyState(deployment: Deployment, load: SteadyLoad, kvCacheTokens: number): SteadyState {
  const { concurrency, promptTokens, outputTokens } = load;
  const contextTokens = promptTokens + outputTokens / 2;
  const durationMs = outputTokens * decodeStepMs(deployment, { batch: concurrency, contextTokens });
  const starts = startTimes(concurrency, durationMs + loneTtftMs(deployment, load));
  const { detokenizeMsPerToken, extraPromptTokens, responseMs } = TIME_VALUES;
  const wholePrompt = promptTokens + extraPromptTokens;
  const lengths = {
    prompt: lengthStream(wholePrompt, 0, 0.25),
    output: lengthStream(outputTokens, 0, 0.5),
    sharedPrefix: 0,
  };
  const source = new ClosedLoopSource(
    concurrency,
    concurrency * WAVES,
    lengths,
    (client) => starts[client] ?? 0,
    TIME_VALUES,
  );
  const { maxNumSeqs, maxNumBatchedTokens } = deployment;
  const scheduler = new Scheduler(
    { maxNumSeqs, maxNumBatchedTokens, promptTokensPerStep: wholePrompt, kvCacheTokens, detokenizeMsPerToken },
    compileStepTimer(deployment, TIME_VALUES),
    source,
  );
  scheduler.run();
  const bySent = scheduler.done.toSorted((a, b) => a.sentMs - b.sentMs);
  const counted = bySent.slice(concurrency * WARM_UP_WAVES, concurrency * (WAVES - 1));
  const firstMs = counted[0]?.sentMs ?? 0;
  const lastMs = counted.at(-1)?.sentMs ?? 0;
  const tokens = counted.reduce((sum, request) => sum + request.outputTokens, 0);
  const tpot = counted
    .filter((request) => request.outputTokens > 1)
    .map((request) => (request.finishedMs - request.firstTokenMs) / (request.outputTokens - 1));
  // An answer of one token has no gap; what the next token would take stands in for it.
  if (tpot.length === 0) tpot.push(decodeStepMs(deployment, { batch: 1, contextTokens }));
  const endToEnd = distribution(counted.map((request) => request.finishedMs + responseMs - request.sentMs));
  return {
    ttft: distribution(counted.map((request) => request.firstTokenMs + responseMs - request.sentMs)),
    tpot: distribution(tpot),
    endToEnd,
    medianGapMs: () =>
      weightedMedian(
        scheduler.spans.map((span) => ({
          value: (span.firstMs + span.lastMs) / 2,
          weight: span.sequences * span.steps,
        })),
      ),
    outputTokensPerSecond:
      lastMs > firstMs ? (tokens * 1000) / (lastMs - firstMs) : (outputTokens * concurrency * 1000) / endToEnd.meanMs,
  };
}

function startTimes(clients: number, spanMs: number): Float64Array {
  const gaps = poissonGaps(clients);
  let sum = 0;
  return gaps.map((gap) => {
    const start = (sum * spanMs) / clients;
    sum += gap;
    return start;
  });
}
