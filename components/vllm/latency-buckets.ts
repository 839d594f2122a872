import { missingUntil } from "../../sizing/engine/flag-versions";
import type { FeasiblePlan } from "../../sizing/serving-plan";

/** Histograms of vLLM of which the 95th percentile can be promised. */
export type PromisedTime =
  "time_to_first_token_seconds" | "request_time_per_output_token_seconds" | "e2e_request_latency_seconds";

/** Histograms of one family have the same bounds. */
type Family = "time_to_first_token" | "inter_token_latency" | "request_latency";

const FLAG = "--custom-histogram-buckets";

/** Upper bounds of the engine's own buckets, in seconds. Source: vLLM 0.33.0 vllm/v1/metrics/buckets.py. */
const OWN_BOUNDS: Readonly<Record<Family, readonly number[]>> = {
  time_to_first_token: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
  ],
  inter_token_latency: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80],
  request_latency: [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680],
};

/**
 * More of them, at what is usually promised. They do not follow the promises of a plan: another promise would start the
 * engines anew.
 */
const MORE_BOUNDS: typeof OWN_BOUNDS = {
  time_to_first_token: [0.2, 0.3, 0.4, 0.6, 0.8, 1.2, 1.5, 2, 3, 4, 6, 8, 12, 15, 30, 60],
  // Of 60, 50, 30, 25, 15, 12 and 8 tokens a second; those of 40, 20, 10 and 5 are the engine's own.
  inter_token_latency: [1 / 60, 0.02, 1 / 30, 0.04, 1 / 15, 1 / 12, 0.125],
  request_latency: [3, 4, 6, 8, 12, 25, 45, 90, 180, 300, 600],
};

/** Source: vLLM 0.33.0 vllm/v1/metrics/loggers.py. */
const FAMILY_OF: Readonly<Record<PromisedTime, Family>> = {
  time_to_first_token_seconds: "time_to_first_token",
  request_time_per_output_token_seconds: "inter_token_latency",
  e2e_request_latency_seconds: "request_latency",
};

/** What a plan promises at the 95th percentile, in seconds. */
export function promisedSeconds({ request }: FeasiblePlan): Readonly<Partial<Record<PromisedTime, number>>> {
  const { ttftSeconds, tokensPerSecondPerUser, endToEndSeconds } = request.slo;
  return {
    ...(ttftSeconds === undefined ? {} : { time_to_first_token_seconds: ttftSeconds }),
    ...(tokensPerSecondPerUser === undefined
      ? {}
      : { request_time_per_output_token_seconds: 1 / tokensPerSecondPerUser }),
    ...(endToEndSeconds === undefined ? {} : { e2e_request_latency_seconds: endToEndSeconds }),
  };
}

/**
 * The least bound of the histogram that is no less than the promise. Beyond a bound a percentile is certain, within a
 * bucket it is interpolated, so that an alert at any other value may be false.
 */
export function watchedSeconds(plan: FeasiblePlan, time: PromisedTime, promised: number): number {
  const family = FAMILY_OF[time];
  const bounds = takesBounds(plan) ? boundsOf(family) : OWN_BOUNDS[family];
  return bounds.find((bound) => bound >= promised) ?? promised;
}

/** Gives the engine's histograms bounds at what is usually promised. */
export function bucketArguments(plan: FeasiblePlan): string[] {
  if (!takesBounds(plan)) return [];
  const families = Object.values(FAMILY_OF).map((family) => [family, boundsOf(family)]);
  return [`${FLAG}=${JSON.stringify(Object.fromEntries(families))}`];
}

function boundsOf(family: Family): readonly number[] {
  return [...OWN_BOUNDS[family], ...MORE_BOUNDS[family]].toSorted((one, other) => one - other);
}

/** Where nothing of ours watches, the engine keeps its own. */
function takesBounds({ request, engine }: FeasiblePlan): boolean {
  return request.target === "aws" && missingUntil(FLAG, engine.version) === undefined;
}
