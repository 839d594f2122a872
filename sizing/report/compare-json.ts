import type { Comparison } from "../compare/comparison";
import { rounded } from "./json";

/** The comparison as JSON, equal bytes for equal comparisons. */
export function comparisonJson(comparison: Comparison): string {
  const { schemaVersion, says, request, pins, plan, ...sections } = comparison;
  return `${JSON.stringify({ schemaVersion, says, request, pins, plan, ...sections }, rounded, 2)}\n`;
}
