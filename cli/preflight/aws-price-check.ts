import type { AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { check, field, list, text, type Ask, type Check } from "./checks";

/** Only here does the price list answer; it knows every region. Source: AWS Price List Query API, endpoints. */
const PRICE_LIST_REGION = "us-east-1";

/** Dearer than the plan counts by more than this share is no rounding. */
const TOLERANCE = 0.02;

/** What AWS asks for the machine in its region today, against what the plan counts with. */
export function priceCheck(plan: FeasiblePlan, cluster: AwsClusterPlan, ask: Ask): Promise<Check> {
  const { purchase, instanceType } = plan.hardware;
  const planned = plan.cost.lines[0]?.usdPerHourEach ?? 0;
  return check("price in the region", async () => {
    const today =
      purchase === "spot" ? await spotPrice(instanceType, cluster, ask) : await listPrice(plan, cluster, ask);
    const sum = `${instanceType} is $${today.toFixed(4)}/h ${purchase} in ${cluster.region}, the plan counts with $${planned.toFixed(4)}`;
    return today <= planned * (1 + TOLERANCE)
      ? { status: "ok", detail: sum }
      : // What is paid for spot changes by the hour, and what a plan knows of it is old.
        {
          status: purchase === "spot" ? "warns" : "fails",
          detail: `${sum}; give yours in fitserve:serving.pricing`,
        };
  });
}

async function listPrice({ hardware }: FeasiblePlan, { region }: AwsClusterPlan, ask: Ask): Promise<number> {
  const wanted = {
    instanceType: hardware.instanceType,
    regionCode: region,
    operatingSystem: "Linux",
    preInstalledSw: "NA",
    tenancy: "Shared",
    capacitystatus: "Used",
  };
  const filters = Object.entries(wanted).map(([Field, Value]) => ({ Type: "TERM_MATCH", Field, Value }));
  const answer = await ask("pricing get-products", {
    region: PRICE_LIST_REGION,
    "service-code": "AmazonEC2",
    filters: JSON.stringify(filters),
  });
  // Each product is JSON in a text; below its terms are keys that nobody can know.
  const prices = list(answer, "PriceList").flatMap((product) => {
    const parsed: unknown = typeof product === "string" ? JSON.parse(product) : product;
    const terms = valuesOf(field(parsed, "terms", "OnDemand"));
    return terms.flatMap((term) => valuesOf(field(term, "priceDimensions"))).map(usdOf);
  });
  return cheapest(prices);
}

async function spotPrice(instanceType: string, { region }: AwsClusterPlan, ask: Ask): Promise<number> {
  const answer = await ask("ec2 describe-spot-price-history", {
    region,
    "instance-types": instanceType,
    "product-descriptions": "Linux/UNIX",
    "start-time": new Date().toISOString(),
  });
  return cheapest(list(answer, "SpotPriceHistory").map((entry) => Number(text(entry, "SpotPrice"))));
}

function usdOf(dimension: unknown): number {
  return Number(text(dimension, "pricePerUnit", "USD"));
}

function valuesOf(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

function cheapest(prices: readonly number[]): number {
  const known = prices.filter((price) => price > 0);
  if (known.length === 0) throw new Error("the answer names no price");
  return Math.min(...known);
}
