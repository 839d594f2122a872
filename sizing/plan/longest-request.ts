import type { PerformancePlan } from "../serving-plan";

/** Longest that an answer may take by the plan, in seconds: time to first token, then every token up to the context's end. */
export function longestAnswerSeconds(
  { ttftP95Ms, tpotP95Ms, endToEndP95Ms }: Pick<PerformancePlan, "ttftP95Ms" | "tpotP95Ms" | "endToEndP95Ms">,
  maxModelLen: number,
): number {
  const fullContextMs = ttftP95Ms.high + maxModelLen * tpotP95Ms.high;
  return Math.max(fullContextMs, endToEndP95Ms.high) / 1000;
}

/**
 * Until the last of a full queue is started, in seconds: as many generations of requests as wait for each place in the
 * batch. `acceptedPerSequence`: requests that run or wait, as a multiple of those that run.
 */
export function longestQueueSeconds(
  { endToEndP95Ms }: Pick<PerformancePlan, "endToEndP95Ms">,
  acceptedPerSequence: number,
): number {
  return (Math.max(0, acceptedPerSequence - 1) * endToEndP95Ms.high) / 1000;
}
