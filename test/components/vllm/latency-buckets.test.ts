import { describe, expect, test } from "vitest";
import { alertGroups } from "../../../components/aws/monitoring/monitoring-rules.manifest";
import { servingOptions } from "../../../components/serving-options";
import { deployedArguments } from "../../../components/vllm/deployed-arguments";
import { bucketArguments, watchedSeconds } from "../../../components/vllm/latency-buckets";
import type { FeasiblePlan } from "../../../sizing/serving-plan";
import { awsPlan } from "../../support/aws-settings";

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

describe("the histograms of an engine that alerts watch", () => {
  const plan = promising({ ttftSeconds: 1.5, tokensPerSecondPerUser: 30, endToEndSeconds: 25 });

  test("have bounds at what is usually promised, each once and in order", () => {
    const [argument = ""] = bucketArguments(plan);
    const bounds: Record<string, number[]> = JSON.parse(argument.replace("--custom-histogram-buckets=", ""));
    expect(Object.keys(bounds)).toEqual(["time_to_first_token", "inter_token_latency", "request_latency"]);
    for (const family of Object.values(bounds)) {
      expect(family).toEqual([...new Set(family)].toSorted((one, other) => one - other));
    }
    expect(bounds["time_to_first_token"]).toEqual(expect.arrayContaining([0.2, 0.5, 1, 1.5, 2, 2.5, 3, 2560]));
    expect(deployedArguments(plan, servingOptions(plan))).toContain(argument);
  });

  test("make the alert exact where the promise is one of the bounds", () => {
    expect(limitOf(plan, "FirstTokenLate")).toBe("1.5");
    expect(limitOf(plan, "TokensSlow")).toBe(String(1 / 30));
    expect(limitOf(plan, "AnswersLate")).toBe("25");
  });

  test("are watched at the next bound where it is none: rather late than false", () => {
    expect(limitOf(promising({ ttftSeconds: 1.7 }), "FirstTokenLate")).toBe("2");
    expect(watchedSeconds(plan, "e2e_request_latency_seconds", 9000)).toBe(9000);
  });

  test("keep their own bounds where the engine takes none", () => {
    const older = promising({ ttftSeconds: 1.5, endToEndSeconds: 25 }, "0.32.0");
    expect(bucketArguments(older)).toEqual([]);
    expect(limitOf(older, "FirstTokenLate")).toBe("2.5");
    expect(limitOf(older, "AnswersLate")).toBe("30");
  });

  test("are the same whatever is promised: another promise starts no engine anew", () => {
    expect(bucketArguments(promising({}))).toEqual(bucketArguments(plan));
  });
});

test("nothing is changed where no alert of ours watches", () => {
  const plan = promising({ ttftSeconds: 1.5 });
  expect(bucketArguments({ ...plan, request: { ...plan.request, target: "existing" } })).toEqual([]);
});
