import type { FeasiblePlan } from "../../sizing/serving-plan";
import { countOf, parseVllmArguments } from "../vllm/vllm-arguments";

/** How much the way in lets through, before it refuses. */
export interface GatewayLimits {
  /** Largest body of a request; more is answered with 413. */
  readonly bodyMiB: number;
  /** Requests that all engines together run or let wait; each proxy refuses more of them with 503. */
  readonly requestsAccepted: number;
  /** What a refused client is told to wait: the mean answer, after which every running request has made room. */
  readonly retryAfterSeconds: number;
}

const DEFAULTS = {
  /** JSON may spell a character in six bytes, and a run of blanks is one token. */
  bodyBytesPerToken: 64,
  /** A prompt that is far too long gets the engine's own answer, which says how long it may be. */
  smallestBodyMiB: 4,
  /** A proxy holds a body in memory until its model is read. */
  largestBodyMiB: 50,
  /** For an engine without a limit of its own. */
  acceptedPerSequence: 4,
} as const;

/** Requests that one engine runs or lets wait before it answers 503. */
export function acceptedPerReplica(plan: FeasiblePlan): number {
  const own = countOf(parseVllmArguments(plan.engine.args), "--max-num-queued-reqs");
  return own ?? plan.engine.maxNumSeqs * DEFAULTS.acceptedPerSequence;
}

export function gatewayLimits(plan: FeasiblePlan): GatewayLimits {
  const longestBodyMiB = Math.ceil((plan.engine.maxModelLen * DEFAULTS.bodyBytesPerToken) / 2 ** 20);
  const { replicas } = plan.hardware;
  return {
    bodyMiB: Math.min(DEFAULTS.largestBodyMiB, Math.max(DEFAULTS.smallestBodyMiB, longestBodyMiB)),
    requestsAccepted: acceptedPerReplica(plan) * replicas,
    // In steps, so that a slightly different plan is no other policy.
    retryAfterSeconds: 5 * Math.max(1, Math.ceil(plan.performance.endToEndMeanMs.value / 5000)),
  };
}
