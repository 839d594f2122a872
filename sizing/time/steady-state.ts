import { TIME_VALUES } from "../coefficients";
import type { Deployment } from "../deployment";
import type { Workload } from "../serving-request";
import type { EngineRequest } from "./engine-request";
import { poissonStarts } from "./length-distribution";
import { ClosedLoopSource } from "./request-source";
import { requestStream, type Probe, type RequestStream } from "./request-stream";
import { requestTimes } from "./run-summary";
import { Scheduler } from "./scheduler";
import { burstTtftMs, decodeStepMs, promptTokensOfStep } from "./simulation";
import { distribution, weightedMedian, type Distribution } from "./statistics";
import { compileStepTimer } from "./step-time";
import { fewestComputedTokens, generatedTokens, historyCaching, meanPromptTokens, sharedTokens } from "./workload";

/** What one replica is asked to hold in steady state: the workload with the requests of this replica alone. */
export interface SteadyLoad extends Workload {
  /** Replicas to which a turn of a dialogue may be sent; absent: this one. */
  readonly replicas?: number;
}

/** What the users of one replica see when requests come and go all the time; times are milliseconds. */
export interface SteadyState {
  readonly ttft: Distribution;
  /** To the first token behind the reasoning part; absent where there is none. */
  readonly firstAnswer?: Distribution;
  readonly tpot: Distribution;
  readonly endToEnd: Distribution;
  /** Median gap between two tokens; worked out when asked, because only the chosen plan shows it. */
  readonly medianGapMs: () => number;
  /** What is thought counts as much as what is answered. */
  readonly outputTokensPerSecond: number;
}

/** Requests of each client in a run of equal ones. */
const WAVES = 6;
/** Waves whose requests are not counted, because the clients have just started. */
const WARM_UP_WAVES = 2;
/** Requests that a run of different ones has at least, so that its 95th percentile is not one of them. */
const FEWEST_VARIED_REQUESTS = 240;

/** Milliseconds from sending to the first token of a request that has the replica to itself; prefix caching may help. */
export function loneTtftMs(deployment: Deployment, load: SteadyLoad): number {
  return burstTtftMs(deployment, {
    arrivals: { kind: "closed-loop", concurrency: 1 },
    inputTokens: fewestComputedTokens(load),
    outputTokens: generatedTokens(load),
  });
}

/** Mean tokens that a request holds while it is answered. */
export function meanContextTokens(load: SteadyLoad): number {
  return meanPromptTokens(load) + generatedTokens(load) / 2;
}

/**
 * Clients that start at the irregular times of a Poisson stream over one request's duration and go on for several
 * requests each; the first ones and the drained end are left out. A benchmark that starts every client at the same
 * moment measures the burst instead, which the plan reports apart. With a probe the times are those of its requests.
 */
export function simulateSteadyState(
  deployment: Deployment,
  load: SteadyLoad,
  kvCacheTokens: number,
  probe?: Probe,
): SteadyState {
  const { concurrency } = load;
  const generated = generatedTokens(load);
  const contextTokens = meanContextTokens(load);
  const durationMs = generated * decodeStepMs(deployment, { batch: concurrency, contextTokens });
  const starts = poissonStarts(concurrency, durationMs + loneTtftMs(deployment, load));
  const stream = requestStream(load, {
    historyHitShare: historyCaching(load, concurrency, kvCacheTokens, load.replicas ?? 1)?.hitShare ?? 0,
    maxModelLen: deployment.maxModelLen,
    ...(probe === undefined ? {} : { probe }),
  });
  const waves = stream.varies ? Math.max(WAVES, Math.ceil(FEWEST_VARIED_REQUESTS / concurrency)) : WAVES;
  const source = new ClosedLoopSource(
    concurrency,
    concurrency * waves,
    stream.lengths,
    (client) => starts[client] ?? 0,
    TIME_VALUES,
  );
  const { maxNumSeqs, maxNumBatchedTokens } = deployment;
  const { detokenizeMsPerToken, extraPromptTokens } = TIME_VALUES;
  const computedTokens = meanPromptTokens(load) - sharedTokens(load);
  const promptTokensPerStep = promptTokensOfStep(
    { computedTokens, outputTokens: generated, running: concurrency },
    extraPromptTokens,
  );
  const scheduler = new Scheduler(
    { maxNumSeqs, maxNumBatchedTokens, promptTokensPerStep, kvCacheTokens, detokenizeMsPerToken },
    compileStepTimer(deployment, TIME_VALUES),
    source,
  );
  scheduler.run();
  const counted = countedRequests(scheduler.done, stream, concurrency, waves);
  return { ...seenBy(deployment, load, counted), medianGapMs: () => medianGap(scheduler) };
}

/** In the order of sending; without the waves that fill and drain the engine. */
function countedRequests(
  done: readonly EngineRequest[],
  { isProbe }: RequestStream,
  concurrency: number,
  waves: number,
): { readonly all: readonly EngineRequest[]; readonly looked: readonly EngineRequest[] } {
  const bySent = done.toSorted((a, b) => a.sentMs - b.sentMs);
  const all = bySent.slice(concurrency * WARM_UP_WAVES, concurrency * (waves - 1));
  // Requests are numbered in the order of sending.
  const probes = all.filter((_, i) => isProbe(i + concurrency * WARM_UP_WAVES));
  return { all, looked: probes.length > 0 ? probes : all };
}

function seenBy(
  deployment: Deployment,
  load: SteadyLoad,
  { all, looked }: ReturnType<typeof countedRequests>,
): Omit<SteadyState, "medianGapMs"> {
  const { responseMs } = TIME_VALUES;
  const { concurrency, reasoningTokens = 0 } = load;
  const generated = generatedTokens(load);
  const firstMs = all[0]?.sentMs ?? 0;
  const lastMs = all.at(-1)?.sentMs ?? 0;
  const tokens = all.reduce((sum, request) => sum + request.outputTokens, 0);
  const { ttft, tpot, endToEnd } = requestTimes(looked, responseMs);
  // An answer of one token has no gap; what the next token would take stands in for it.
  const nextTokenMs = (): number => decodeStepMs(deployment, { batch: 1, contextTokens: meanContextTokens(load) });
  const hasGaps = looked.some((request) => request.outputTokens > 1);
  const toAnswer = (request: EngineRequest): number =>
    firstAnswerMs(request, reasoningTokens / generated) + responseMs - request.sentMs;
  return {
    ttft,
    ...(reasoningTokens > 0 ? { firstAnswer: distribution(looked.map(toAnswer)) } : {}),
    tpot: hasGaps ? tpot : distribution([nextTokenMs()]),
    endToEnd,
    outputTokensPerSecond:
      lastMs > firstMs ? (tokens * 1000) / (lastMs - firstMs) : (generated * concurrency * 1000) / endToEnd.meanMs,
  };
}

/** When the token behind the reasoning part came out, as if tokens came evenly; at the latest it is the last one. */
function firstAnswerMs({ firstTokenMs, finishedMs, outputTokens }: EngineRequest, reasoningShare: number): number {
  if (outputTokens <= 1) return finishedMs;
  const gaps = outputTokens - 1;
  const before = Math.min(gaps, outputTokens * reasoningShare);
  return firstTokenMs + ((finishedMs - firstTokenMs) * before) / gaps;
}

function medianGap({ spans }: Scheduler): number {
  return weightedMedian(
    spans.map((span) => ({ value: (span.firstMs + span.lastMs) / 2, weight: span.sequences * span.steps })),
  );
}
