import { describe, expect, test } from "vitest";
import { FIRST_USE } from "../../../config/request/schema";
import type { TrafficPlan } from "../../../sizing/plan/scenario-plan";
import { planMarkdown, planTable } from "../../../sizing/report";
import { feasiblePlanOf } from "../../support/requests";

const HOURS = [0, 0, 0, 0, 0, 0, 10, 30, 80, 150, 200, 200, 150, 200, 200, 150, 80, 60, 60, 40, 30, 20, 10, 0];
const LENGTHS = { promptTokens: 1024, outputTokens: 512 };
/** Of small machines, so that the hours need different numbers of them. */
const REQUEST = { ...FIRST_USE, gpu: "L40S" };
const PLAN = feasiblePlanOf({ ...REQUEST, workload: { ...LENGTHS, hourlyConcurrency: HOURS } });

function trafficOf({ traffic } = PLAN): TrafficPlan {
  if (traffic === undefined) throw new Error("the plan has no traffic");
  return traffic;
}

describe("a traffic profile", () => {
  test("is planned for its peak hour, which is a scenario", () => {
    expect(PLAN.request.workload.concurrency).toBe(200);
    expect(PLAN.scenarios.map(({ name }) => name)).toEqual(["peak hour (10:00)"]);
    expect(trafficOf()).toMatchObject({ peakHour: 10, averageConcurrency: 1670 / 24 });
  });

  test("needs every node in the peak hour, and at least one at night", () => {
    const { hours } = trafficOf();
    expect(hours.map(({ hour }) => hour)).toEqual(HOURS.map((_, hour) => hour));
    expect(hours[10]?.nodes).toBe(PLAN.hardware.nodes);
    expect(hours[0]).toMatchObject({ concurrency: 0, outputTokensPerSecond: 0, nodes: 1 });
    expect(hours.every(({ nodes }) => nodes >= 1 && nodes <= PLAN.hardware.nodes)).toBe(true);
  });

  test("costs more per token over the day than in its peak hour", () => {
    const { usdPerMillionOutputTokens, usdPerMillionOutputTokensAtPeak, outputTokensPerDay } = trafficOf();
    expect(PLAN.cost.usdPerMillionOutputTokens).toBe(usdPerMillionOutputTokens);
    expect(usdPerMillionOutputTokens * (outputTokensPerDay / 1e6)).toBeCloseTo(PLAN.cost.expected.usdPerHour * 24, 6);
    expect(usdPerMillionOutputTokens).toBeGreaterThan(usdPerMillionOutputTokensAtPeak);
    const flat = feasiblePlanOf({ ...REQUEST, workload: { ...LENGTHS, concurrency: 200 } });
    expect(usdPerMillionOutputTokensAtPeak).toBeCloseTo(flat.cost.usdPerMillionOutputTokens, 6);
  });

  test("says what nodes that follow the hours would save, as an estimate", () => {
    const { hours, scaled } = trafficOf();
    expect(scaled.nodeHoursPerDay).toBe(hours.reduce((sum, { nodes }) => sum + nodes, 0));
    expect(scaled.savedShare).toBeGreaterThan(0.2);
    expect(scaled.usdPerMonth).toBeCloseTo(PLAN.cost.expected.usdPerMonth * (1 - scaled.savedShare), 6);
    expect(planTable(PLAN, { color: false }).replaceAll(/\s+/g, " ")).toContain("fitserve builds no autoscaling");
    expect(planMarkdown(PLAN)).toContain("### Traffic of a day");
  });

  test("that is the same all day saves nothing", () => {
    const hourlyConcurrency = HOURS.map(() => 50);
    const plan = feasiblePlanOf({ ...FIRST_USE, workload: { ...LENGTHS, hourlyConcurrency } });
    const { scaled, usdPerMillionOutputTokens, usdPerMillionOutputTokensAtPeak } = trafficOf(plan);
    expect(scaled.savedShare).toBe(0);
    expect(usdPerMillionOutputTokens).toBeCloseTo(usdPerMillionOutputTokensAtPeak, 9);
    expect(planTable(plan, { color: false }).replaceAll(/\s+/g, " ")).toContain(
      "scaling by the hour would save nothing",
    );
  });

  test("spreads the dialogues of a quiet hour over the replicas that there are", () => {
    const fixed = { ...FIRST_USE, gpu: "H100", slo: {}, replicas: 4, maxModelLen: 20_000 };
    const dialogue = { promptTokens: 4000, outputTokens: 16, turns: 2 };
    const hourlyConcurrency = HOURS.map((_, hour) => (hour === 12 ? 200 : 4));
    const { hours } = trafficOf(feasiblePlanOf({ ...fixed, workload: { ...dialogue, hourlyConcurrency } }));
    const quiet = feasiblePlanOf({ ...fixed, workload: { ...dialogue, concurrency: 4 } });
    const ratio = (hours[0]?.outputTokensPerSecond ?? 0) / quiet.performance.outputTokensPerSecond.value;
    expect(ratio).toBeCloseTo(1, 3);
  });

  test("keeps the spare nodes in every hour", () => {
    const plan = feasiblePlanOf({
      ...REQUEST,
      workload: { ...LENGTHS, hourlyConcurrency: HOURS },
      availability: { spareNodes: 1 },
    });
    expect(trafficOf(plan).hours[0]?.nodes).toBe(2);
    expect(plan.scenarios.map(({ name }) => name)).toEqual([
      "base load, every node up",
      "loss of 1 node in the peak hour (10:00)",
    ]);
  });
});
