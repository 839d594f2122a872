import type {
  HybridComparison,
  ManagedComparison,
  ModelComparison,
  MonthlyLoad,
  PlanOutcome,
} from "../compare/comparison";
import { shareOfWhat } from "../compare/managed";
import { PRECISION_NAMES } from "../compare/verdict";
import { PLAN_HEAD, PLAN_RIGHT, planRow, usdWhole, type ReportTable } from "./compare-plan-rows";
import { usd, whole } from "./text";

/** The requested model beside another one. */
export function modelTable({ other, rows, notComputed }: ModelComparison): ReportTable {
  const note = {
    asked: "any machine",
    other: "any machine, distilled or LoRA-tuned",
    "other-on-one-h100": "on one H100",
  };
  return {
    title: "Models (any number of GPUs)",
    head: ["model", ...PLAN_HEAD],
    right: PLAN_RIGHT.map((column) => column + 1),
    rows: rows.map(({ model, role, outcome }) => {
      const weights =
        outcome.status === "fits" ? [`${note[role]}, ${PRECISION_NAMES[outcome.plan.quantization]}`] : [note[role]];
      return planRow(model, outcome, weights);
    }),
    notes:
      other === undefined
        ? ["the catalog has no smaller model of this kind; --model-b names one"]
        : notComputed.map((text) => `not computed: ${text}`),
  };
}

/** Somebody else's machines at list price, and how busy one's own have to be. */
export function managedTable({ load, rows }: ManagedComparison, pinned: string): ReportTable {
  const loaded =
    load === undefined
      ? ["nothing of one's own fits, so no load and no break-even follow"]
      : [
          `the load: ${requestRate(load)}, ${whole(load.inputTokensPerMonth / 1e6)} million ` +
            `input and ${whole(load.outputTokensPerMonth / 1e6)} million output tokens a month, ${loadedWhen(load)}`,
        ];
  return {
    title: "Managed API (list price)",
    head: ["model", "input/M", "output/M", "1,000 requests", "this load, month", "own cost less from", "basis"],
    right: [1, 2, 3, 4],
    rows: rows.map(({ api, usdPerThousandRequests, usdPerMonth, breakEvens }) => ({
      cells: [
        api.name,
        usd(api.usdPerMillionInputTokens),
        usd(api.usdPerMillionOutputTokens),
        usd(usdPerThousandRequests),
        usdPerMonth === undefined ? "unknown" : usdWhole(usdPerMonth),
        breakEvens.map(({ share }) => breakEvenText(share)).join(", ") || "unknown",
        api.basis,
      ],
      notes: [
        ...breakEvens.map(
          ({ plan, ownUsdPerMonth, share }) =>
            `own machines ${plan === "asked" ? "as asked" : `without ${pinned}`}: ${usdWhole(ownUsdPerMonth)} a month; ` +
            (share > 1
              ? `dearer even ${load?.dayShare === undefined ? "at this load day and night" : "with all of this traffic"} (${Math.round(share * 100)} %)`
              : `cheaper from ${Math.ceil(share * 100)} % ${shareOfWhat(load)}`),
        ),
        `${api.note}; ${api.source}, ${api.date}`,
      ],
    })),
    notes: loaded,
  };
}

function loadedWhen({ dayShare }: MonthlyLoad): string {
  return dayShare === undefined
    ? "with the concurrency there all the time"
    : `of a traffic profile that puts out ${Math.round(dayShare * 100)} % of what its peak hour would day and night`;
}

function requestRate({ requestsPerSecond: { value, low, high, basis } }: MonthlyLoad): string {
  return `${value.toFixed(2)} requests/s (${low.toFixed(2)} - ${high.toFixed(2)}, ${basis})`;
}

function breakEvenText(share: number): string {
  return share > 1 ? "never" : `${Math.ceil(share * 100)} %`;
}

/** Requests shared between the requested model and another one or an API. */
export function hybridTable({ other, dayShare, rows }: HybridComparison, asked: string): ReportTable {
  const apis = rows[0]?.withApi.map(({ api }) => api) ?? [];
  return {
    title: `Hybrid: a share of the requests elsewhere (a month, cluster included, any number of GPUs)`,
    head: ["share", asked, ...(other === undefined ? [] : [other, "both"]), ...apis.map((api) => `with ${api}`)],
    right: [0, ...(other === undefined ? [] : [3]), ...apis.map((_, i) => i + (other === undefined ? 2 : 4))],
    rows: rows.map((row) => ({
      cells: [
        `${Math.round(row.share * 1000) / 10} %`,
        machines(row.asked),
        ...(other === undefined ? [] : [machines(row.other), dollars(row.withOtherUsdPerMonth)]),
        ...row.withApi.map(({ usdPerMonth }) => dollars(usdPerMonth)),
      ],
      notes: [],
    })),
    notes: [
      `predicted machines at published prices; the API's part is for ${dayShare === undefined ? "this load day and night" : "the traffic profile"}`,
    ],
  };
}

function dollars(value: number | undefined): string {
  return value === undefined ? "none" : usdWhole(value);
}

function machines(outcome: PlanOutcome | undefined): string {
  if (outcome === undefined) return "-";
  return outcome.status === "none" ? "none" : `${outcome.plan.nodes}x ${outcome.plan.instanceType}`;
}
