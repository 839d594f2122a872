import type { CloudRow, OwnPlan, PlanOutcome } from "../compare/comparison";
import { CLOUD_NAMES } from "../compare/verdict";
import { parallelismText } from "../model/parallelism";
import type { ServingRequest } from "../serving-request";
import { UNPINNED, usdWhole, type ReportRow, type ReportTable } from "./compare-plan-rows";
import { usd } from "./text";

/** The cheapest machines of each cloud, with the page and the day of their prices. */
export function cloudTable(clouds: readonly CloudRow[], { target }: ServingRequest): ReportTable {
  const bought = clouds.flatMap(({ outcome }) => plansOf(outcome.asAsked, outcome.withoutPins));
  return {
    title: "Clouds (the cheapest machines that hold the request, on demand unless it says spot)",
    head: ["cloud", "machines", "engine", "per hour", "per month", "region"],
    right: [3, 4],
    rows: clouds.flatMap(cloudRows),
    notes: [
      ...new Set([...clouds.flatMap(searchedNote), ...bought.map(priceNote)]),
      ...(bought.some(({ cloud }) => cloud !== "aws")
        ? ["of Google and Azure the cluster around the machines is not priced: per month is the machines alone"]
        : []),
      ...(bought.some(({ purchase }) => purchase === "spot")
        ? ["a spot price is that of its day, and the machine can be taken back at short notice: plan more than one"]
        : []),
      ...(target === "aws" ? ["target: aws builds on AWS alone; the other clouds are there for their prices"] : []),
    ],
  };
}

function plansOf(...outcomes: readonly (PlanOutcome | undefined)[]): OwnPlan[] {
  return outcomes.flatMap((outcome) => (outcome?.status === "fits" ? [outcome.plan] : []));
}

function cloudRows({ cloud, purchase, outcome: { asAsked, withoutPins } }: CloudRow): ReportRow[] {
  const row = cloudPlan(`${CLOUD_NAMES[cloud]}${purchase === "spot" ? " spot" : ""}`, asAsked);
  return withoutPins === undefined ? [row] : [row, cloudPlan(UNPINNED, withoutPins)];
}

function searchedNote({ cloud, regions }: CloudRow): string[] {
  return regions.length === 0
    ? []
    : [`${CLOUD_NAMES[cloud]} is searched in ${regions.join(", ")} alone, as the request has it`];
}

function cloudPlan(name: string, outcome: PlanOutcome): ReportRow {
  if (outcome.status === "none") return { cells: [name, "none"], notes: [outcome.why] };
  const { plan } = outcome;
  const cells = [
    name,
    `${plan.nodes}x ${plan.instanceType}`,
    `${plan.replicas}x ${parallelismText(plan)}`,
    usd(plan.usdPerHour),
    usdWhole(plan.totalUsdPerMonth),
    plan.region,
  ];
  const refused = plan.refusedByPolicy ? ["refused by policy: unquantized weights at this concurrency"] : [];
  return { cells, notes: [...refused, ...plan.caveats] };
}

function priceNote({ cloud, purchase, price, basis }: OwnPlan): string {
  return `price of ${CLOUD_NAMES[cloud]} ${purchase} (${basis.price}): ${price.source}, ${price.date}`;
}
