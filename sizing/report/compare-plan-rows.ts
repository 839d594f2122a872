import type { OwnPlan, PinnedOutcome, PlanOutcome } from "../compare/comparison";
import { parallelismText } from "../model/parallelism";
import { duration, rate, usd, whole } from "./text";

/** A table of a section, the same for a terminal and for Markdown. */
export interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly ReportRow[];
  /** Columns whose cells end under each other. */
  readonly right: readonly number[];
  readonly notes: readonly string[];
}

export interface ReportRow {
  readonly cells: readonly string[];
  /** What belongs to the row but not into a column. */
  readonly notes: readonly string[];
}

/** Columns of a plan, after the one that says whose it is. */
export const PLAN_HEAD = ["machines", "engine", "per hour", "per month", "speed", "TTFT", "figures"];
/** Name of the row of a plan that the pins of the request do not bind. */
export const UNPINNED = "  unpinned";
/** Columns of a plan that hold numbers, counted from its first. */
export const PLAN_RIGHT = [2, 3, 4, 5];

/** A plan, and whose it is. */
export interface NamedOutcome {
  readonly name: string;
  readonly outcome: PinnedOutcome;
  readonly notes: readonly string[];
}

/** Plans below each other. */
export function planTable(title: string, subject: string, rows: readonly NamedOutcome[]): ReportTable {
  return {
    title,
    head: [subject, ...PLAN_HEAD],
    right: PLAN_RIGHT.map((column) => column + 1),
    rows: rows.flatMap(({ name, outcome, notes }) => outcomeRows(name, outcome, notes)),
    notes: [],
  };
}

/** One row as asked, and a second one without the pins where that is cheaper. */
function outcomeRows(name: string, { asAsked, withoutPins }: PinnedOutcome, notes: readonly string[]): ReportRow[] {
  if (withoutPins === undefined) return [planRow(name, asAsked, notes)];
  return [planRow(name, asAsked, []), planRow(UNPINNED, withoutPins, notes)];
}

/** One plan, or why there is none. */
export function planRow(name: string, outcome: PlanOutcome, notes: readonly string[]): ReportRow {
  if (outcome.status === "none") return { cells: [name, "none"], notes: [outcome.why, ...notes] };
  const { plan } = outcome;
  const refused = plan.refusedByPolicy ? ["refused by policy: unquantized weights at this concurrency"] : [];
  return { cells: [name, ...planCells(plan)], notes: [...notes, ...refused, ...plan.caveats] };
}

function planCells(plan: OwnPlan): string[] {
  return [
    `${plan.nodes}x ${plan.instanceType}`,
    `${plan.replicas}x ${parallelismText(plan)}`,
    usd(plan.usdPerHour),
    usdWhole(plan.totalUsdPerMonth),
    rate(plan.tokensPerSecondPerUser),
    duration(plan.ttftP95Ms),
    plan.basis.speed,
  ];
}

/** Dollars without cents. */
export function usdWhole(value: number): string {
  return `$${whole(value)}`;
}
