import { describe, expect, test } from "vitest";
import { costTogether } from "../../../sizing/cost/cost-together";
import type { CostPlan } from "../../../sizing/serving-plan";
import { feasiblePlanOf } from "../../support/requests";

const MODEL = { model: "qwen3-32b", quantization: "int4-w4a16", workload: { concurrency: 50 } };

describe("the cost of several plans on one cluster", () => {
  test("of one plan is that plan's", () => {
    const { floor, expected, worst } = onAws();
    expect(costTogether([onAws()])).toMatchObject({ floor, expected, worst });
  });

  test("counts control plane, system nodes with their disks, NAT, its address and the key once, and all else for each", () => {
    const one = onAws();
    const { shared, added, expected, floor, worst } = costTogether([one, one]);
    const ofOne = one.expected.usdPerHour - shared.usdPerHour;
    const systemDisks = (100 * 0.08) / 730;
    expect(shared.usdPerHour).toBeCloseTo(0.1 + 2 * 0.096 + 0.045 + 0.005 + 1 / 730 + systemDisks, 6);
    expect(expected.usdPerHour).toBeCloseTo(2 * one.expected.usdPerHour - shared.usdPerHour, 9);
    expect(floor.usdPerHour).toBeCloseTo(2 * one.floor.usdPerHour - shared.usdPerHour, 9);
    expect(worst.usdPerHour).toBeCloseTo(2 * one.worst.usdPerHour - shared.usdPerHour, 9);
    expect(added.map(({ usdPerHour }) => usdPerHour)).toEqual([ofOne, ofOne]);
    expect(expected.usdPerMonth).toBeCloseTo(expected.usdPerHour * 730, 6);
  });

  test("of plans for a cluster that is not counted is their sum", () => {
    const elsewhere = feasiblePlanOf({ ...MODEL, target: "existing" }).cost;
    const { expected, shared } = costTogether([elsewhere, elsewhere]);
    expect(shared.usdPerHour).toBe(0);
    expect(expected.usdPerHour).toBeCloseTo(2 * elsewhere.expected.usdPerHour, 9);
  });
});

function onAws(): CostPlan {
  return feasiblePlanOf({ ...MODEL, target: "aws", market: { clouds: ["aws"], regions: ["us-east-1"] } }).cost;
}
