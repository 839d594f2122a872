import { loadManagedApis, loadQualityNotes } from "../../config/comparison-data";
import { compareServing, type CompareOptions } from "../../sizing/compare";
import type { Comparison, OwnPlan, PlanOutcome } from "../../sizing/compare/comparison";
import { CATALOG, requestOf } from "./requests";

/** What the published lists and notes of the project make of an input. */
export function comparisonOf(input: unknown, options: Partial<CompareOptions> = {}): Comparison {
  const data = { managedApis: loadManagedApis(), qualityNotes: loadQualityNotes() };
  return compareServing(requestOf(input), CATALOG, { ...data, ...options });
}

/** The plan of an outcome that fits; another one is a fault of the test. */
export function planOfOutcome(outcome: PlanOutcome | undefined): OwnPlan {
  if (outcome?.status !== "fits") throw new Error(outcome?.why ?? "there is no outcome");
  return outcome.plan;
}
