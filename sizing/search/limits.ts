import type { Deployment } from "../deployment";
import type { RejectedCandidate } from "../serving-plan";
import type { Confidence, ServiceLevel } from "../serving-request";
import { firstAnswerBand, timeErrorBands } from "../time/error-band";
import type { SteadyState } from "../time/steady-state";
import { seconds, tokensPerSecond } from "../wording";

export type Shortfall = Pick<RejectedCandidate, "reason" | "explanation" | "needed" | "available">;

/** What limits are compared with. */
export interface JudgedTimes {
  readonly ttftMs: number;
  /** To the first token behind what is thought; without thinking the first token itself. */
  readonly firstAnswerMs: number;
  /** For each token after the first. */
  readonly stepMs: number;
  readonly endToEndMs: number;
}

/** Times at the 95th percentile; where the whole range has to do, its slow end. */
export function judgedTimes(
  { ttft, firstAnswer = ttft, tpot, endToEnd }: Omit<SteadyState, "medianGapMs">,
  deployment: Deployment,
  confidence: Confidence = "expected",
): JudgedTimes {
  const times = {
    ttftMs: ttft.p95Ms,
    firstAnswerMs: firstAnswer.p95Ms,
    stepMs: tpot.p95Ms,
    endToEndMs: endToEnd.p95Ms,
  };
  if (confidence === "expected") return times;
  const bands = timeErrorBands(deployment);
  return {
    ttftMs: times.ttftMs * bands.ttft.high,
    firstAnswerMs: times.firstAnswerMs * firstAnswerBand(bands, ttft.meanMs / firstAnswer.meanMs).high,
    stepMs: times.stepMs * bands.tpot.high,
    endToEndMs: times.endToEndMs * bands.endToEnd.high,
  };
}

/** Times that no schedule can beat, made comparable with judged ones. */
export function judgedBounds(
  times: JudgedTimes,
  deployment: Deployment,
  confidence: Confidence = "expected",
): JudgedTimes {
  if (confidence === "expected") return times;
  const bands = timeErrorBands(deployment);
  return {
    ttftMs: times.ttftMs * bands.ttft.high,
    // How much of it is the first token is not known of a bound, so that the lesser factor counts.
    firstAnswerMs: times.firstAnswerMs * Math.min(bands.ttft.high, bands.tpot.high),
    stepMs: times.stepMs * bands.tpot.high,
    endToEndMs: times.endToEndMs * bands.endToEnd.high,
  };
}

/** The first limit that is missed, or undefined; `when` says of which kind the times are. */
export function tooSlow(slo: ServiceLevel, times: JudgedTimes, when: string): Shortfall | undefined {
  const { ttftSeconds, firstAnswerTokenSeconds, tokensPerSecondPerUser, endToEndSeconds } = slo;
  if (ttftSeconds !== undefined && times.ttftMs > ttftSeconds * 1000) {
    return {
      reason: "ttft",
      explanation: `the first token takes longer than slo.ttftSeconds`,
      needed: `at most ${ttftSeconds} s to the first token`,
      available: `${seconds(times.ttftMs)} ${when}`,
    };
  }
  if (tokensPerSecondPerUser !== undefined && times.stepMs * tokensPerSecondPerUser > 1000) {
    return {
      reason: "speed",
      explanation: `a user gets fewer tokens a second than slo.tokensPerSecondPerUser`,
      needed: `${tokensPerSecondPerUser} tokens/s per user`,
      available: `${tokensPerSecond(times.stepMs)} ${when}`,
    };
  }
  if (firstAnswerTokenSeconds !== undefined && times.firstAnswerMs > firstAnswerTokenSeconds * 1000) {
    return {
      reason: "first-answer",
      explanation: `the first token of the answer, behind the reasoning, takes longer than slo.firstAnswerTokenSeconds`,
      needed: `at most ${firstAnswerTokenSeconds} s to the first token of the answer`,
      available: `${seconds(times.firstAnswerMs)} ${when}`,
    };
  }
  if (endToEndSeconds !== undefined && times.endToEndMs > endToEndSeconds * 1000) {
    return {
      reason: "end-to-end",
      explanation: `a whole answer takes longer than slo.endToEndSeconds`,
      needed: `at most ${endToEndSeconds} s for an answer`,
      available: `${seconds(times.endToEndMs)} ${when}`,
    };
  }
  return undefined;
}

/** At p95, and of what. */
export function whenOf(kind: "at best" | "at p95", confidence: Confidence = "expected"): string {
  return confidence === "range" ? `${kind}, at the slow end of the range` : kind;
}
