import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import { poissonStarts } from "../sizing/time/length-distribution";
import { clientLimit, watchClient, type ClientLoad } from "./client-load";
import { runClosedLoop, steadyWindow, type Window } from "./closed-loop";
import type { Endpoint } from "./endpoint";
import type { Outcome, RequestFailure } from "./outcome";
import type { Arrivals } from "./prediction";
import { measureScale, type PromptScale } from "./prompt-sizing";
import { summarizeLoad, type LoadSummary } from "./statistics";
import { streamRequest } from "./stream-request";
import { API_PATHS, requestBody, workloadRequest, type Workload } from "./workload";

export interface BenchOptions extends Workload {
  readonly arrivals: Arrivals;
  readonly concurrency: number;
  /** Requests sent before the run, which are not counted. */
  readonly warmUp: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: "probing" | "warming up" | "running") => void;
  readonly onOutcome: (outcome: Outcome) => void;
}

export interface BenchResult {
  /** Of what is counted: the whole run, or its steady part. */
  readonly summary: LoadSummary;
  /** Requests that were answered or failed, counted or not. */
  readonly sent: number;
  readonly durationMs: number;
  /** Ended by the user before all was sent. */
  readonly isInterrupted: boolean;
  readonly isScaleMeasured: boolean;
  /** A staggered run that had no steady part is counted whole. */
  readonly isWindowMissing: boolean;
  readonly client: ClientLoad & { readonly limit?: string };
}

/** The endpoint does not answer a single request as it should: there is nothing to measure. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";

  constructor(readonly failure: RequestFailure) {
    super(`${failure.kind}: ${failure.detail}`);
  }
}

/** Probes the endpoint, warms it up, and loads it. Throws ProbeError where the probe fails. */
export async function runBench(endpoint: Endpoint, options: BenchOptions): Promise<BenchResult> {
  const send = (body: object): Promise<Outcome> =>
    streamRequest(endpoint, {
      path: API_PATHS[options.api],
      body,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
      now: () => performance.now(),
    });
  // Every request in flight listens; Node suspects a leak above ten.
  setMaxListeners(0, options.signal);
  options.onPhase("probing");
  const probed = await measureScale(options.inputTokens, options.seed, (prompt) =>
    send(requestBody(options, prompt, 1)),
  );
  if ("failed" in probed) throw new ProbeError(probed.failed.failure);
  const { scale } = probed;
  const startsMs = options.arrivals === "staggered" ? await measuredStarts(options, scale, send) : [];
  await warmUp(options, scale, send);
  options.onPhase("running");
  const stopWatching = watchClient();
  const startMs = performance.now();
  const outcomes = await runClosedLoop({
    requests: options.prompts,
    clients: Math.min(options.concurrency, options.prompts),
    startsMs,
    send: (index) => send(workloadRequest(options, scale, index)),
    signal: options.signal,
    onOutcome: options.onOutcome,
  });
  return resultOf(options, scale, outcomes, performance.now() - startMs, stopWatching());
}

type Send = (body: object) => Promise<Outcome>;

/** Clients start over the time that one request takes, at the moments of the plan's steady state; it is measured, for it is known only of a planned endpoint. */
async function measuredStarts(options: BenchOptions, scale: PromptScale, send: Send): Promise<readonly number[]> {
  const sentMs = performance.now();
  const outcome = await send(workloadRequest(options, scale, options.prompts));
  if (!outcome.ok) throw new ProbeError(outcome.failure);
  return poissonStarts(options.concurrency, performance.now() - sentMs);
}

async function warmUp(options: BenchOptions, scale: PromptScale, send: Send): Promise<void> {
  if (options.warmUp === 0) return;
  options.onPhase("warming up");
  await runClosedLoop({
    requests: options.warmUp,
    clients: Math.min(options.concurrency, options.warmUp),
    startsMs: [],
    send: (index) => send(workloadRequest(options, scale, options.prompts + 1 + index)),
    signal: options.signal,
    onOutcome: () => undefined,
  });
}

function resultOf(
  options: BenchOptions,
  scale: PromptScale,
  outcomes: readonly Outcome[],
  durationMs: number,
  client: ClientLoad,
): BenchResult {
  const steady = options.arrivals === "staggered" ? steadyWindow(outcomes, options.concurrency) : undefined;
  const window: Window = steady ?? { outcomes, durationMs };
  const summary = summarizeLoad(window.outcomes, window.durationMs);
  const limit = clientLimit(client, summary.itl?.p50Ms);
  return {
    summary,
    sent: outcomes.length,
    durationMs,
    isInterrupted: options.signal.aborted,
    isScaleMeasured: scale.isMeasured,
    isWindowMissing: options.arrivals === "staggered" && steady === undefined,
    client: { ...client, ...(limit === undefined ? {} : { limit }) },
  };
}
