import { expect, test } from "vitest";
import { FIRST_USE } from "../../../config/request/schema";
import { planTable } from "../../../sizing/report";
import { feasiblePlanOf } from "../../support/requests";

const REQUEST = { ...FIRST_USE, workload: { concurrency: 200, promptTokens: 1024, outputTokens: 512 } };

test.each([1, 2])("the loss of any %d nodes leaves replicas for the whole load", (spareNodes) => {
  const { hardware, kvCache } = feasiblePlanOf({ ...REQUEST, availability: { spareNodes } });
  const left = hardware.replicas - spareNodes * hardware.replicasPerNode;
  expect(left * kvCache.requestsNeeded).toBeGreaterThanOrEqual(200);
  expect(hardware.nodes * hardware.replicasPerNode).toBeGreaterThanOrEqual(hardware.replicas);
});

test("spare nodes are paid for, and the report says that they are there", () => {
  const plan = feasiblePlanOf({ ...FIRST_USE, availability: { spareNodes: 1 } });
  const machines = plan.cost.lines[0];
  expect(machines?.quantity).toBe(plan.hardware.nodes);
  expect(plan.hardware.nodes).toBeGreaterThan(1);
  const without = feasiblePlanOf(FIRST_USE).cost.lines[0];
  expect(machines?.usdPerHour).toBeGreaterThan(without?.usdPerHour ?? Infinity);
  expect(planTable(plan, { color: false })).toMatch(/1 node of \d+ can fail: at least \d+ replicas? of \d+ stays?/);
});

test("with a spare node, many small machines can win over one large one: it is searched, not added afterwards", () => {
  const open = { ...REQUEST, tensorParallel: "auto" };
  const { hardware, cost } = feasiblePlanOf(open);
  const added = (hardware.nodes + 1) * (cost.lines[0]?.usdPerHourEach ?? 0);
  const searched = feasiblePlanOf({ ...open, availability: { spareNodes: 1 } });
  expect(searched.cost.lines[0]?.usdPerHour).toBeLessThanOrEqual(added);
});

test("no spare node is the plan as it is without the field", () => {
  expect(feasiblePlanOf({ ...FIRST_USE, availability: { spareNodes: 0 } })).toEqual(feasiblePlanOf(FIRST_USE));
});
