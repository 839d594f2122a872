import { describe, expect, test } from "vitest";
import { deployedArguments } from "../../components/deployed-arguments";
import { bucketArguments, watchedSeconds } from "../../components/latency-buckets";
import { alertGroups } from "../../components/monitoring-rules.manifest";
import { servingOptions } from "../../components/serving-options";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { awsPlan } from "../support/aws-settings";

function promising(slo: FeasiblePlan["request"]["slo"], version = awsPlan().engine.version): FeasiblePlan {
  const plan = awsPlan();
  return { ...plan, request: { ...plan.request, slo }, engine: { ...plan.engine, version } };
}

function limitOf(plan: FeasiblePlan, alert: string): string | undefined {
  const rules = alertGroups([{ plan, options: servingOptions(plan) }]).flatMap(({ rules: all }) => all);
  return rules
    .find((one) => one.alert === alert)
    ?.expr.split(" > ")
    .at(-1);
}

describe("a promise between the bounds of the engine's histogram", () => {
  const plan = promising({ ttftSeconds: 1.5, tokensPerSecondPerUser: 30, endToEndSeconds: 25 });

  test("becomes a bound of it, beside those that it has, in order", () => {
    const [argument = ""] = bucketArguments(plan);
    const bounds: Record<string, number[]> = JSON.parse(argument.replace("--custom-histogram-buckets=", ""));
    expect(bounds["time_to_first_token"]?.slice(10, 15)).toEqual([0.75, 1, 1.5, 2.5, 5]);
    expect(bounds["inter_token_latency"]?.slice(0, 4)).toEqual([0.01, 0.025, 1 / 30, 0.05]);
    expect(bounds["request_latency"]).toContain(25);
    expect(Object.values(bounds).map((family) => family.length)).toEqual([23, 20, 22]);
    expect(deployedArguments(plan, servingOptions(plan))).toContain(argument);
  });

  test("is what the alert compares with", () => {
    expect(limitOf(plan, "FirstTokenLate")).toBe("1.5");
    expect(limitOf(plan, "AnswersLate")).toBe("25");
  });

  test("is watched at the next bound where the engine takes none: rather late than false", () => {
    const older = promising({ ttftSeconds: 1.5, endToEndSeconds: 25 }, "0.32.0");
    expect(bucketArguments(older)).toEqual([]);
    expect(limitOf(older, "FirstTokenLate")).toBe("2.5");
    expect(limitOf(older, "AnswersLate")).toBe("30");
    expect(watchedSeconds(older, "e2e_request_latency_seconds", 9000)).toBe(9000);
  });
});

test("a promise at a bound, or none, leaves the engine's histograms as they are", () => {
  expect(bucketArguments(promising({ ttftSeconds: 2.5, tokensPerSecondPerUser: 20 }))).toEqual([]);
  expect(bucketArguments(promising({}))).toEqual([]);
});

test("nothing is changed where no alert of ours watches", () => {
  const plan = promising({ ttftSeconds: 1.5 });
  expect(bucketArguments({ ...plan, request: { ...plan.request, target: "existing" } })).toEqual([]);
});
