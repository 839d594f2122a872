import type { Estimate, FeasiblePlan } from "../sizing/serving-plan";
import { generatedTokens, meanPromptTokens, sharedTokens } from "../sizing/time/workload";
import { QUANTITIES, type MeasuredLoad, type Quantity } from "./prediction";
import type { LoadSummary } from "./statistics";

/** A measured quantity beside the range that holds the truth nine times in ten. */
export interface ComparedQuantity {
  readonly quantity: Quantity;
  readonly measured: number;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  /** `better`: outside of the range, to the good side. */
  readonly verdict: "within" | "better" | "worse";
}

/** A limit of the request. */
export interface ComparedLimit {
  readonly limit: "ttftSeconds" | "tokensPerSecondPerUser" | "endToEndSeconds";
  readonly measured: number;
  readonly wanted: number;
  readonly verdict: "met" | "missed" | "not judged";
}

export interface Comparison {
  readonly quantities: readonly ComparedQuantity[];
  readonly limits: readonly ComparedLimit[];
  /** Why the limits are not judged, where they are not. */
  readonly limitsNote?: string;
  /** Nothing is worse than predicted and no limit is missed. */
  readonly isMet: boolean;
}

/** Lengths may differ from the request's by this share and still be its load. */
const SAME_LENGTH_SHARE = 0.1;

/** The measured figures beside those predicted for the same load, and beside the limits where the load is the request's. */
export function compareWithPlan(
  plan: FeasiblePlan,
  load: MeasuredLoad,
  summary: LoadSummary,
  predicted: Readonly<Record<Quantity, Estimate>>,
): Comparison {
  const measured = measuredQuantities(summary);
  const quantities = QUANTITIES.flatMap((quantity) => {
    const value = measured[quantity];
    return value === undefined ? [] : [compared(quantity, value, predicted[quantity])];
  });
  const limitsNote = whyNotJudged(plan, load);
  const limits = comparedLimits(plan, measured, limitsNote === undefined);
  return {
    quantities,
    limits,
    ...(limitsNote === undefined || limits.length === 0 ? {} : { limitsNote }),
    isMet:
      quantities.every(({ verdict }) => verdict !== "worse") && limits.every(({ verdict }) => verdict !== "missed"),
  };
}

function measuredQuantities({
  ttft,
  tpot,
  itl,
  endToEnd,
  outputTokensPerSecond,
}: LoadSummary): Readonly<Record<Quantity, number | undefined>> {
  return {
    ttftMeanMs: ttft?.meanMs,
    ttftP95Ms: ttft?.p95Ms,
    tpotMeanMs: tpot?.meanMs,
    tpotP95Ms: tpot?.p95Ms,
    itlP50Ms: itl?.p50Ms,
    endToEndMeanMs: endToEnd?.meanMs,
    endToEndP95Ms: endToEnd?.p95Ms,
    outputTokensPerSecond,
  };
}

function side(isGood: boolean): "better" | "worse" {
  return isGood ? "better" : "worse";
}

function compared(quantity: Quantity, measured: number, { value, low, high }: Estimate): ComparedQuantity {
  const isMoreBetter = quantity === "outputTokensPerSecond";
  const verdict = measured > high ? side(isMoreBetter) : measured < low ? side(!isMoreBetter) : "within";
  return { quantity, measured, predicted: value, low, high, verdict };
}

function isOther(measured: number, asked: number): boolean {
  return Math.abs(measured / asked - 1) > SAME_LENGTH_SHARE;
}

/** Limits are the 95th percentile in steady state at the request's load; of another run they say nothing. */
function whyNotJudged({ request }: FeasiblePlan, load: MeasuredLoad): string | undefined {
  const { workload } = request;
  if (load.arrivals === "burst") return "they hold in steady state, and this run began with a burst: give --stagger";
  if (load.concurrency < workload.concurrency)
    return `they hold at ${workload.concurrency} requests in flight, and this run had ${load.concurrency}`;
  if (sharedTokens(workload) > 0 || (workload.turns ?? 1) > 1)
    return "they hold for prompts with a shared prefix or a history, and those of this run share nothing";
  if (workload.promptTokensP95 !== undefined || workload.outputTokensP95 !== undefined)
    return "they hold for lengths with a tail (promptTokensP95, outputTokensP95), which this run does not have";
  const promptTokens = meanPromptTokens(workload);
  const outputTokens = generatedTokens(workload);
  if (isOther(load.promptTokens, promptTokens) || isOther(load.outputTokens, outputTokens))
    return (
      `they hold for ${Math.round(promptTokens)} + ${Math.round(outputTokens)} tokens, and this run had ` +
      `${Math.round(load.promptTokens)} + ${Math.round(load.outputTokens)}`
    );
  return undefined;
}

function comparedLimits(
  { request }: FeasiblePlan,
  measured: Readonly<Record<Quantity, number | undefined>>,
  isJudged: boolean,
): ComparedLimit[] {
  const { ttftSeconds, tokensPerSecondPerUser, endToEndSeconds } = request.slo;
  const rows = [
    { limit: "ttftSeconds", wanted: ttftSeconds, measured: seconds(measured.ttftP95Ms), isMoreBetter: false },
    {
      limit: "tokensPerSecondPerUser",
      wanted: tokensPerSecondPerUser,
      measured: measured.tpotP95Ms === undefined ? undefined : 1000 / measured.tpotP95Ms,
      isMoreBetter: true,
    },
    {
      limit: "endToEndSeconds",
      wanted: endToEndSeconds,
      measured: seconds(measured.endToEndP95Ms),
      isMoreBetter: false,
    },
  ] as const;
  return rows.flatMap(({ limit, wanted, measured: value, isMoreBetter }) => {
    if (wanted === undefined || value === undefined) return [];
    const isMet = isMoreBetter ? value >= wanted : value <= wanted;
    return [{ limit, wanted, measured: value, verdict: isJudged ? (isMet ? "met" : "missed") : "not judged" }];
  });
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
