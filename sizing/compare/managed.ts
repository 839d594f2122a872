import { HOURS_PER_MONTH } from "../cost/cost-line";
import type { ServingRequest } from "../serving-request";
import { generatedTokens, meanPromptTokens } from "../time/workload";
import type {
  BreakEven,
  ManagedApi,
  ManagedComparison,
  ManagedRow,
  MonthlyLoad,
  OwnPlan,
  PinnedOutcome,
} from "./comparison";
import { bestPlan } from "./plans";

const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600;

/** The plan whose speed decides how many requests the concurrency comes to: as asked where that fits. */
export function loadingPlan(plan: PinnedOutcome): OwnPlan | undefined {
  return plan.asAsked.status === "fits" ? plan.asAsked.plan : bestPlan(plan);
}

/** `of the time at this load`, or of a traffic profile `of this traffic`: what a break-even is a share of. */
export function shareOfWhat(load: MonthlyLoad | undefined): string {
  return load?.dayShare === undefined ? "of the time at this load" : "of this traffic";
}

/** Clients that are in flight all the time send the next request when the last is answered: speed makes the load. */
export function monthlyLoad({ workload }: ServingRequest, plan: OwnPlan): MonthlyLoad {
  const { value, low, high, basis } = plan.outputTokensPerSecond;
  const requests = (tokens: number): number => tokens / generatedTokens(workload);
  const { dayShare } = plan;
  const secondsPerMonth = SECONDS_PER_MONTH * (dayShare ?? 1);
  return {
    ...(dayShare === undefined ? {} : { dayShare }),
    requestsPerSecond: { value: requests(value), low: requests(low), high: requests(high), basis },
    inputTokensPerMonth: requests(value) * meanPromptTokens(workload) * secondsPerMonth,
    outputTokensPerMonth: value * secondsPerMonth,
  };
}

/** Dollars for a number of tokens at the API's list price. */
export function apiUsd(api: ManagedApi, inputTokens: number, outputTokens: number): number {
  return (inputTokens * api.usdPerMillionInputTokens + outputTokens * api.usdPerMillionOutputTokens) / 1e6;
}

/** What others' machines cost for the same tokens, and how busy one's own have to be to cost less. */
export function compareManaged(
  request: ServingRequest,
  plan: PinnedOutcome,
  apis: readonly ManagedApi[],
): ManagedComparison {
  const base = loadingPlan(plan);
  const load = base === undefined ? undefined : monthlyLoad(request, base);
  return { ...(load === undefined ? {} : { load }), rows: apis.map((api) => managedRow(request, plan, load, api)) };
}

function managedRow(
  { workload }: ServingRequest,
  plan: PinnedOutcome,
  load: MonthlyLoad | undefined,
  api: ManagedApi,
): ManagedRow {
  const usdPerThousandRequests = apiUsd(api, meanPromptTokens(workload) * 1000, generatedTokens(workload) * 1000);
  if (load === undefined) return { api, usdPerThousandRequests, breakEvens: [] };
  const usdPerMonth = apiUsd(api, load.inputTokensPerMonth, load.outputTokensPerMonth);
  const { asAsked, withoutPins } = plan;
  const breakEven = (name: BreakEven["plan"], own: OwnPlan): BreakEven => ({
    plan: name,
    ownUsdPerMonth: own.totalUsdPerMonth,
    share: own.totalUsdPerMonth / usdPerMonth,
  });
  return {
    api,
    usdPerThousandRequests,
    usdPerMonth,
    breakEvens: [
      ...(asAsked.status === "fits" ? [breakEven("asked", asAsked.plan)] : []),
      ...(withoutPins?.status === "fits" ? [breakEven("without-pins", withoutPins.plan)] : []),
    ],
  };
}
