import { describe, expect, test } from "vitest";
import { FIRST_USE } from "../../../config/request/schema";
import { planTable } from "../../../sizing/report";
import { CATALOG, feasiblePlanOf } from "../../support/requests";

const listPrice = (instanceType: string): number =>
  CATALOG.offers.find(
    (offer) => offer.instanceType === instanceType && offer.region === "us-east-1" && offer.purchase === "on-demand",
  )?.usdPerHour ?? NaN;

const withPrices = (...negotiated: object[]): object => ({ ...FIRST_USE, pricing: { negotiated } });

describe("a negotiated price", () => {
  const plan = feasiblePlanOf(withPrices({ instanceType: "p5.48xlarge", usdPerHour: 5 }));

  test("decides which machine is the cheapest", () => {
    expect(feasiblePlanOf(FIRST_USE).hardware.instanceType).not.toBe("p5.48xlarge");
    expect(plan.hardware.instanceType).toBe("p5.48xlarge");
  });

  test("is the price of the cost line, which says where it comes from and what the list price is", () => {
    expect(plan.cost.lines[0]).toMatchObject({ usdPerHourEach: 5, date: "undated" });
    expect(plan.cost.lines[0]?.source).toMatch(/^negotiated, given in the request \(list \$55\.04\/h, aws\/karpenter/);
    expect(plan.cost.notIncluded.join()).not.toContain("negotiated");
    const table = planTable(plan, { color: false });
    expect(table).toContain("negotiated, given in the request");
    expect(table).toContain("negotiated price with one node more");
    expect(table.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test("is an assumption of the plan", () => {
    expect(plan.assumptions.find(({ text }) => text.startsWith("the price of p5.48xlarge"))?.basis).toBe("assumed");
  });

  test("can be a discount off the list price, of the day of that price", () => {
    const list = listPrice("g6e.12xlarge");
    const { cost } = feasiblePlanOf(withPrices({ instanceType: "g6e.12xlarge", discountPercent: 25 }));
    expect(cost.lines[0]?.usdPerHourEach).toBeCloseTo(list * 0.75, 12);
    expect(cost.lines[0]).toMatchObject({ date: "2026-07-20" });
    expect(cost.lines[0]?.source).toContain("25 % off list $10.49/h");
  });

  test("of a region is stronger than one of every region, whatever their order", () => {
    const everywhere = { instanceType: "g6e.12xlarge", usdPerHour: 8 };
    const here = { instanceType: "g6e.12xlarge", usdPerHour: 7, region: "us-east-1" };
    for (const prices of [
      [everywhere, here],
      [here, everywhere],
    ])
      expect(feasiblePlanOf(withPrices(...prices)).cost.lines[0]?.usdPerHourEach).toBe(7);
  });

  test("of another region changes nothing here", () => {
    const there = { instanceType: "g6e.12xlarge", usdPerHour: 1, region: "us-west-2" };
    expect(feasiblePlanOf(withPrices(there)).cost.lines).toEqual(feasiblePlanOf(FIRST_USE).cost.lines);
  });
});
