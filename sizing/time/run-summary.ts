import type { EngineRequest } from "./engine-request";
import type { StepSpan } from "./scheduler";
import { distribution, weightedDistribution, type Distribution } from "./statistics";

/** Times of requests as their clients saw them. */
export interface RequestTimes {
  readonly ttft: Distribution;
  /** (end to end − TTFT) / (output tokens − 1), of answers of two tokens and more; zeros where there are none. */
  readonly tpot: Distribution;
  readonly endToEnd: Distribution;
}

/** What clients saw in a simulated run. */
export interface RunSummary extends RequestTimes {
  readonly itlP50Ms: number;
  readonly itl: Distribution;
}

/** Means and quantiles over requests; `responseMs` is the way of a token back to the client. */
export function requestTimes(requests: readonly EngineRequest[], responseMs: number): RequestTimes {
  return {
    ttft: distribution(requests.map((request) => request.firstTokenMs + responseMs - request.sentMs)),
    tpot: distribution(
      requests
        .filter((request) => request.outputTokens > 1)
        .map((request) => (request.finishedMs - request.firstTokenMs) / (request.outputTokens - 1)),
    ),
    endToEnd: distribution(requests.map((request) => request.finishedMs + responseMs - request.sentMs)),
  };
}

/** Times of the requests, and the gaps between tokens of all steps. */
export function summarize(
  requests: readonly EngineRequest[],
  spans: readonly StepSpan[],
  responseMs: number,
): RunSummary {
  const itl = weightedDistribution(spans.flatMap(gaps));
  return {
    ...requestTimes(requests, responseMs),
    itlP50Ms: itl.p50Ms,
    itl,
  };
}

/** Steps of a span grow evenly with the context; four values stand for them. */
const SPAN_QUARTERS = [0.125, 0.375, 0.625, 0.875];

function gaps(span: StepSpan): { readonly value: number; readonly weight: number }[] {
  const weight = span.sequences * span.steps;
  if (span.steps === 1) return [{ value: span.firstMs, weight }];
  return SPAN_QUARTERS.map((share) => ({
    value: span.firstMs + (span.lastMs - span.firstMs) * share,
    weight: weight / SPAN_QUARTERS.length,
  }));
}

/** Answer tokens that came out between two moments, as if evenly between first and last token; tokens a second. */
export function outputRate(requests: readonly EngineRequest[], fromMs: number, toMs: number): number {
  let tokens = 0;
  for (const request of requests) {
    const { firstTokenMs, finishedMs, outputTokens } = request;
    const lengthMs = finishedMs - firstTokenMs;
    if (lengthMs <= 0) {
      if (finishedMs > fromMs && finishedMs <= toMs) tokens += outputTokens;
      continue;
    }
    const insideMs = Math.min(finishedMs, toMs) - Math.max(firstTokenMs, fromMs);
    tokens += (outputTokens * Math.max(0, insideMs)) / lengthMs;
  }
  return toMs > fromMs ? (tokens * 1000) / (toMs - fromMs) : 0;
}
