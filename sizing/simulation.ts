import { TIME_VALUES, type TimeValues } from "./coefficients";
import type { Deployment, ReplicaLoad } from "./deployment";
import type { EngineRequest } from "./engine-request";
import { lengthStream } from "./length-distribution";
import type { Basis } from "./precision";
import { ClosedLoopSource, OpenLoopSource, type RequestLengths } from "./request-source";
import { Scheduler, type RequestSource, type StepSpan } from "./scheduler";
import { distribution, weightedMedian, type Distribution } from "./statistics";
import { compileStepTimer } from "./step-time";

export type { Distribution } from "./statistics";

/** What clients of one replica see. */
export interface LoadResult {
  readonly ttft: Distribution;
  /** Per request: (end to end − TTFT) / (output tokens − 1). */
  readonly tpot: Distribution;
  /** Median gap between two tokens. */
  readonly itlP50Ms: number;
  readonly endToEnd: Distribution;
  readonly outputTokensPerSecond: number;
  readonly basis: Basis;
  /** More is asked than the replica can do: in an open loop the queue grows without end. */
  readonly saturated: boolean;
}

const WAVES = 10;
const OPEN_LOOP_REQUESTS = 1200;
/** A mean that is no whole number can only come from answers of different length; benchmarks set whole ones. */
function spreadOf(tokens: number, v: TimeValues): number {
  return Number.isInteger(tokens) ? 0 : v.varyingLengthSpread;
}

function lengthsOf(load: ReplicaLoad, v: TimeValues): RequestLengths {
  return {
    prompt: lengthStream(load.inputTokens, 0, 0.25),
    output: lengthStream(load.outputTokens, spreadOf(load.outputTokens, v), 0.5),
    sharedPrefix: load.arrivals.kind === "open-loop" ? v.openLoopSharedPrefix : 0,
  };
}

function runScheduler(
  deployment: Deployment,
  load: ReplicaLoad,
  kvCacheTokens: number,
  source: RequestSource,
  v: TimeValues,
): Scheduler {
  const scheduler = new Scheduler(
    {
      maxNumSeqs: deployment.maxNumSeqs,
      maxNumBatchedTokens: deployment.maxNumBatchedTokens,
      promptTokensPerStep: load.inputTokens + v.extraPromptTokens,
      // One request is always let through, so that a pool that is too small gives a slow answer and not none.
      kvCacheTokens: Math.max(kvCacheTokens, load.inputTokens + load.outputTokens),
      detokenizeMsPerToken: v.detokenizeMsPerToken,
    },
    compileStepTimer(deployment, v),
    source,
  );
  scheduler.run();
  return scheduler;
}

/** The simulation with given constants; `simulateServing` uses the calibrated ones. */
export function simulateWith(
  deployment: Deployment,
  load: ReplicaLoad,
  kvCacheTokens: number,
  v: TimeValues,
): LoadResult {
  const lengths = lengthsOf(load, v);
  const { arrivals } = load;
  const source: RequestSource =
    arrivals.kind === "closed-loop"
      ? new ClosedLoopSource(clientsOf(load), clientsOf(load) * WAVES, lengths, () => 0, v)
      : new OpenLoopSource(arrivals.requestsPerSecond, OPEN_LOOP_REQUESTS, lengths, v);
  const scheduler = runScheduler(deployment, load, kvCacheTokens, source, v);
  return summarize(scheduler.done, scheduler.spans, v);
}

function clientsOf(load: ReplicaLoad): number {
  return load.arrivals.kind === "closed-loop" ? Math.max(1, Math.round(load.arrivals.concurrency)) : 1;
}

function summarize(done: readonly EngineRequest[], spans: readonly StepSpan[], v: TimeValues): LoadResult {
  const ttft = done.map((r) => r.firstTokenMs + v.responseMs - r.sentMs);
  const endToEnd = done.map((r) => r.finishedMs + v.responseMs - r.sentMs);
  const tpot = done
    .filter((r) => r.outputTokens > 1)
    .map((r) => (r.finishedMs - r.firstTokenMs) / (r.outputTokens - 1));
  let tokens = 0;
  let lastSentMs = 0;
  for (const request of done) lastSentMs = Math.max(lastSentMs, request.sentMs);
  let endMs = 0;
  for (const request of done) {
    endMs = Math.max(endMs, request.finishedMs);
    tokens += request.outputTokens;
  }
  // Tokens that came while every client was busy: the tail of a run says nothing about the engine.
  let inWindow = 0;
  for (const r of done) {
    if (r.finishedMs <= lastSentMs) inWindow += r.outputTokens;
    else if (r.firstTokenMs < lastSentMs) {
      inWindow += (r.outputTokens * (lastSentMs - r.firstTokenMs)) / Math.max(1e-9, r.finishedMs - r.firstTokenMs);
    }
  }
  const window = lastSentMs > 0 ? (inWindow * 1000) / lastSentMs : (tokens * 1000) / endMs;
  return {
    ttft: distribution(ttft),
    tpot: distribution(tpot),
    itlP50Ms: weightedMedian(
      spans.flatMap((s) =>
        s.steps > 1
          ? [0.125, 0.375, 0.625, 0.875].map((x) => ({
              value: s.firstMs + (s.lastMs - s.firstMs) * x,
              weight: (s.sequences * s.steps) / 4,
            }))
          : [{ value: s.firstMs, weight: s.sequences }],
      ),
    ),
    endToEnd: distribution(endToEnd),
    outputTokensPerSecond: window,
    basis: "predicted",
    saturated: false,
  };
}

export function simulateServing(deployment: Deployment, load: ReplicaLoad, kvCacheTokens: number): LoadResult {
  return simulateWith(deployment, load, kvCacheTokens, TIME_VALUES);
}

/** All requests in flight sent at the same moment: when the last of them has its first token. */
export function burstTtftMs(deployment: Deployment, load: ReplicaLoad, kvCacheTokens = Infinity): number {
  const clients = clientsOf(load);
  const source = new ClosedLoopSource(clients, clients, lengthsOf(load, TIME_VALUES), () => 0, TIME_VALUES);
  const { done } = runScheduler(deployment, load, kvCacheTokens, source, TIME_VALUES);
  return Math.max(...done.map((request) => request.firstTokenMs)) + TIME_VALUES.responseMs;
}

/** One decode step in closed form: `batch` sequences of the same context. */
export function decodeStepMs(
  deployment: Deployment,
  load: { readonly batch: number; readonly contextTokens: number },
): number {
  return compileStepTimer(deployment, TIME_VALUES).stepMs({
    prefillTokens: 0,
    prefillTokenPairs: 0,
    prefillRequests: 0,
    prefillSamples: 0,
    decodeSequences: load.batch,
    decodeContextTokens: load.batch * load.contextTokens,
  });
}
