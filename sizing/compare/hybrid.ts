import type { ServingRequest, Workload } from "../serving-request";
import type { HybridComparison, HybridRow, ManagedApi, OwnPlan, PinnedOutcome, PlanOutcome } from "./comparison";
import { apiUsd, loadingPlan, monthlyLoad } from "./managed";
import { withModel, withoutPins, type PlanFinder } from "./plans";

/** Shares of the requests that are sent elsewhere where the user names none. */
export const DEFAULT_SHARES = [0, 0.25, 0.5, 0.75, 1];

/** What a product of two exact decimals may be off by. */
const ROUNDING = 1e-9;

/**
 * A share of the requests goes to another model or to an API; who sends which request where is a rule of the gateway.
 * Pins of the request were made for all of it and do not carry over to a part.
 */
export function compareHybrid(
  request: ServingRequest,
  finder: PlanFinder,
  plan: PinnedOutcome,
  others: { readonly other: string | undefined; readonly apis: readonly ManagedApi[] },
  shares: readonly number[],
): HybridComparison {
  const { other, apis } = others;
  const asked: ServingRequest = { ...withoutPins(request), optimize: "cost" };
  const second: ServingRequest | undefined =
    other === undefined ? undefined : { ...withModel(request, finder.catalog, other).request, optimize: "cost" };
  const base = loadingPlan(plan);
  const load = base === undefined ? undefined : monthlyLoad(request, base);
  const rows = shares.map((share): HybridRow => {
    const own = partOutcome(asked, finder, 1 - share);
    const elsewhere = second === undefined ? undefined : partOutcome(second, finder, share);
    const ownUsd = usdPerMonth(own);
    const together = second === undefined ? undefined : joint(own, elsewhere);
    return {
      share,
      ...(own === undefined ? {} : { asked: own }),
      ...(elsewhere === undefined ? {} : { other: elsewhere }),
      ...(together === undefined ? {} : { withOtherUsdPerMonth: together }),
      withApi: apis.map((api) => {
        if (load === undefined || ownUsd === undefined) return { api: api.name };
        const usd = apiUsd(api, load.inputTokensPerMonth * share, load.outputTokensPerMonth * share);
        return { api: api.name, usdPerMonth: ownUsd + usd };
      }),
    };
  });
  const { dayShare } = load ?? {};
  return { ...(other === undefined ? {} : { other }), ...(dayShare === undefined ? {} : { dayShare }), rows };
}

/** Plans for a part of the requests, rounded up to whole ones; undefined where the part is nothing. */
function partOutcome(request: ServingRequest, finder: PlanFinder, share: number): PlanOutcome | undefined {
  const part = (workload: Workload): Workload => {
    const concurrency = Math.ceil(workload.concurrency * share - ROUNDING);
    const hours = workload.hourlyConcurrency?.map((one) => Math.ceil(one * share - ROUNDING));
    return { ...workload, concurrency, ...(hours === undefined ? {} : { hourlyConcurrency: hours }) };
  };
  const workload = part(request.workload);
  if (workload.concurrency <= 0) return undefined;
  const { scenarios = [], ...rest } = request;
  const parts = scenarios.map((scenario) => ({ ...scenario, workload: part(scenario.workload) }));
  return finder.outcome({ ...rest, workload, ...(parts.length === 0 ? {} : { scenarios: parts }) });
}

/** Zero where there is no part; undefined where it cannot be served. */
function usdPerMonth(part: PlanOutcome | undefined): number | undefined {
  if (part === undefined) return 0;
  return part.status === "fits" ? part.plan.totalUsdPerMonth : undefined;
}

/** Two models share the cluster around their machines. */
function joint(a: PlanOutcome | undefined, b: PlanOutcome | undefined): number | undefined {
  const [first, second] = [usdPerMonth(a), usdPerMonth(b)];
  if (first === undefined || second === undefined) return undefined;
  return first + second - Math.min(clusterUsd(a), clusterUsd(b));
}

function clusterUsd(part: PlanOutcome | undefined): number {
  const plan: OwnPlan | undefined = part?.status === "fits" ? part.plan : undefined;
  return plan?.clusterUsdPerMonth ?? 0;
}
