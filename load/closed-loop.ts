import { setTimeout as delay } from "node:timers/promises";
import { sentMsOf, type Outcome } from "./outcome";
import { INTERRUPTED } from "./stream-request";

export interface ClosedLoop {
  readonly requests: number;
  readonly clients: number;
  /** When each client begins, milliseconds from the start. */
  readonly startsMs: readonly number[];
  readonly send: (index: number) => Promise<Outcome>;
  readonly signal: AbortSignal;
  /** Called for each outcome as it comes. */
  readonly onOutcome: (outcome: Outcome) => void;
}

/**
 * Clients that each send their next request when the last one is answered, until `requests` have been sent. A request
 * that fails is an answer too: its client goes on. Those that were under way when the run was ended are left out.
 */
export async function runClosedLoop(loop: ClosedLoop): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const client = async (startMs: number): Promise<void> => {
    if (startMs > 0) await delay(startMs, undefined, { signal: loop.signal }).catch(() => undefined);
    while (next < loop.requests && !loop.signal.aborted) {
      const index = next;
      next += 1;
      const outcome = await loop.send(index);
      if (!outcome.ok && outcome.failure.kind === INTERRUPTED) return;
      outcomes.push(outcome);
      loop.onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: loop.clients }, (_, index) => client(loop.startsMs[index] ?? 0)));
  return outcomes;
}

/** Waves of requests that only fill the engine, and the last one, while which clients run out of work. */
const WARM_UP_WAVES = 2;
const DRAINED_WAVES = 1;
/** Waves with which one is left to be counted. */
export const LEAST_STAGGERED_WAVES = WARM_UP_WAVES + DRAINED_WAVES + 1;

export interface Window {
  readonly outcomes: readonly Outcome[];
  readonly durationMs: number;
}

/**
 * The steady part of a staggered run, cut as the plan cuts its own: the first waves and the last one left out, and the
 * rate that of the requests sent between the first and the last counted one. Undefined where too little was sent.
 */
export function steadyWindow(outcomes: readonly Outcome[], clients: number): Window | undefined {
  const bySent = outcomes.toSorted((a, b) => sentMsOf(a) - sentMsOf(b));
  const counted = bySent.slice(clients * WARM_UP_WAVES, bySent.length - clients * DRAINED_WAVES);
  const [first] = counted;
  const last = counted.at(-1);
  if (first === undefined || last === undefined || counted.length < 2) return undefined;
  // The last one ends the window, and so it adds a request but no time: its share of the time is that of the others.
  const spanMs = sentMsOf(last) - sentMsOf(first);
  return { outcomes: counted, durationMs: (spanMs * counted.length) / (counted.length - 1) };
}
