import type { ServingPlan } from "../serving-plan";

/** Digits that are worth printing; more of them only make differences between machines visible. */
const SIGNIFICANT_DIGITS = 8;

/** The plan as JSON, equal bytes for equal plans; keys stand in the order of the contract. */
export function planJson(plan: ServingPlan): string {
  const { schemaVersion, verdict, model, ...rest } = plan;
  return `${JSON.stringify({ schemaVersion, verdict, model, ...rest }, rounded, 2)}\n`;
}

/** Replacer for `JSON.stringify`. */
export function rounded(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
