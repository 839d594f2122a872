/** What a Pulumi program of your own imports from "fitserve": plan first, then build from the plan. */
export * from "./components";
export { loadCatalog } from "./config/catalog";
export { parseServingRequest, type Fault } from "./config/request";
export { planServing } from "./sizing/plan";
export { planJson, planMarkdown, planTable } from "./sizing/report";
export { isFeasible, type FeasiblePlan, type InfeasiblePlan, type ServingPlan } from "./sizing/serving-plan";
export type { ServingRequest } from "./sizing/serving-request";
