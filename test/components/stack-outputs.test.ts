import { expect, test } from "vitest";
import { clusterOutput, costOutput, sizingOutput, verdictOutput } from "../../components/stack-outputs";
import { awsCluster } from "../support/aws-settings";
import { feasiblePlan } from "../support/feasible-plan";

const plan = feasiblePlan();

test("the size is flat and rounded, with the addends of the memory and their sum", () => {
  const sizing = sizingOutput(plan);
  expect(sizing).toMatchObject({ quantization: "int4-w4a16", gpusPerReplica: 2, instanceType: "g6e.12xlarge" });
  const { total = 0, ...addends } = sizing.memoryPerGpuGiB;
  expect(Object.values(addends).reduce((sum, gib) => sum + gib, 0)).toBeCloseTo(total, 6);
  expect(sizing.ttftP95Ms).toBe("900 (810 to 1080)");
});

test("the cost is in dollars an hour and a month of 730 hours", () => {
  expect(costOutput(plan)).toEqual({
    usdPerHour: 10.49,
    usdPerMonth: 7658,
    usdPerMonthFloor: 3066,
    usdPerMonthWorst: 7658,
    usdPerMillionOutputTokens: 1.71,
  });
});

test("the system nodes are shown with what they have and what runs on them asks for", () => {
  const startUp = { parts: [], coldSeconds: 0, warmSeconds: 0 };
  const firstUp = { parts: [], seconds: 0 };
  const shown = (monitoring: boolean): string =>
    clusterOutput(awsCluster({ monitoring }), startUp, firstUp).systemNodes;
  expect(shown(true)).toBe("2 x m6i.large; pods ask for 1.5 vCPUs and 3.8 GiB of 3.8 vCPUs and 14.2 GiB");
  expect(shown(false)).toMatch(/pods ask for 1\.2 vCPUs and 2\.5 GiB of/);
});

test("the verdict is its status and the words of its reasons", () => {
  const reasons = [{ code: "x", message: "too near the limit", fix: "more" }];
  expect(verdictOutput({ ...plan, verdict: { status: "refused", reasons } })).toEqual({
    status: "refused",
    reasons: ["too near the limit"],
  });
});
