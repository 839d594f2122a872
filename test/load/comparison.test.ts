import { describe, expect, test } from "vitest";
import { answerLine } from "../../cli/predict";
import { loadCatalog } from "../../config/catalog";
import { FIRST_USE } from "../../config/request/schema";
import { calibrationRow } from "../../load/calibration-row";
import { compareWithPlan } from "../../load/comparison";
import { plannedDeployment } from "../../load/planned-deployment";
import { predictLoad, QUANTITIES, type MeasuredLoad } from "../../load/prediction";
import type { LoadSummary } from "../../load/statistics";
import type { Distribution } from "../../sizing/time/statistics";
import { feasiblePlanOf } from "../support/requests";

const plan = feasiblePlanOf(FIRST_USE);
const catalog = loadCatalog();

function deployment(): NonNullable<ReturnType<typeof plannedDeployment>> {
  const found = plannedDeployment(plan, catalog);
  if (found === undefined) throw new Error("the plan's card is not in the catalog");
  return found;
}

const asPlanned: MeasuredLoad = {
  arrivals: "staggered",
  concurrency: plan.request.workload.concurrency,
  promptTokens: plan.request.workload.promptTokens,
  outputTokens: plan.request.workload.outputTokens,
};

const all = (ms: number): Distribution => ({ meanMs: ms, p50Ms: ms, p95Ms: ms, p99Ms: ms });

/** A run that measured these times for every request. */
function summary(ttftMs: number, tpotMs: number, tokensPerSecond: number): LoadSummary {
  return {
    completed: 100,
    failed: 0,
    failures: [],
    ttft: all(ttftMs),
    tpot: all(tpotMs),
    itl: all(tpotMs),
    endToEnd: all(ttftMs + 511 * tpotMs),
    meanPromptTokens: 1024,
    meanOutputTokens: 512,
    outputTokensPerSecond: tokensPerSecond,
    requestsPerSecond: tokensPerSecond / 512,
    countedByChunks: 0,
  };
}

describe("the prediction for a measured load", () => {
  test("of the planned load in steady state is the plan's own", () => {
    const predicted = predictLoad(deployment(), plan.hardware.replicas, asPlanned);
    for (const quantity of QUANTITIES) {
      expect(predicted[quantity].value).toBeCloseTo(plan.performance[quantity].value, 6);
      expect(predicted[quantity].high).toBeCloseTo(plan.performance[quantity].high, 6);
    }
  });

  test("of a burst has a longer time to the first token", () => {
    const { replicas } = plan.hardware;
    const steady = predictLoad(deployment(), replicas, asPlanned);
    const burst = predictLoad(deployment(), replicas, { ...asPlanned, arrivals: "burst" });
    expect(burst.ttftP95Ms.value).toBeGreaterThan(steady.ttftP95Ms.value);
  });

  test("is that of each replica's share, and the rates add up", () => {
    const one = predictLoad(deployment(), 1, { ...asPlanned, concurrency: 16 });
    const two = predictLoad(deployment(), 2, { ...asPlanned, concurrency: 32 });
    expect(two.tpotMeanMs.value).toBe(one.tpotMeanMs.value);
    expect(two.outputTokensPerSecond.value).toBeCloseTo(2 * one.outputTokensPerSecond.value, 9);
  });
});

describe("the comparison with the plan", () => {
  const predicted = predictLoad(deployment(), plan.hardware.replicas, asPlanned);
  const good = {
    ...summary(predicted.ttftMeanMs.value, predicted.tpotMeanMs.value, predicted.outputTokensPerSecond.value),
    itl: all(predicted.itlP50Ms.value),
  };

  test("passes what is within the range, and meets the limits", () => {
    const { quantities, limits, isMet } = compareWithPlan(plan, asPlanned, good, predicted);
    expect(quantities.find(({ quantity }) => quantity === "tpotMeanMs")?.verdict).toBe("within");
    expect(limits.map(({ limit, verdict }) => [limit, verdict])).toEqual([
      ["ttftSeconds", "met"],
      ["tokensPerSecondPerUser", "met"],
    ]);
    expect(isMet).toBe(true);
  });

  test("fails what is slower than the range, and a missed limit", () => {
    const slow = summary(2000, 60, 300);
    const { quantities, limits, isMet } = compareWithPlan(plan, asPlanned, slow, predicted);
    expect(quantities.map(({ verdict }) => verdict)).toEqual(Array(8).fill("worse"));
    expect(limits.map(({ measured, verdict }) => [measured, verdict])).toEqual([
      [2, "missed"],
      [1000 / 60, "missed"],
    ]);
    expect(isMet).toBe(false);
  });

  test("does not fail what is faster than the range, but says so", () => {
    const { quantities, isMet } = compareWithPlan(plan, asPlanned, summary(1, 1, 50_000), predicted);
    expect(quantities.map(({ verdict }) => verdict)).toEqual(Array(8).fill("better"));
    expect(isMet).toBe(true);
  });

  test.each([
    ["a burst", { arrivals: "burst" }, /began with a burst: give --stagger/],
    ["fewer clients", { concurrency: 8 }, /hold at 50 requests in flight, and this run had 8/],
    ["other lengths", { outputTokens: 100 }, /hold for 1024 \+ 512 tokens, and this run had 1024 \+ 100/],
  ] as const)("judges no limit by %s", (_, other, note) => {
    const compared = compareWithPlan(plan, { ...asPlanned, ...other }, summary(9000, 10, 3000), predicted);
    expect(compared.limits.map(({ verdict }) => verdict)).toEqual(["not judged", "not judged"]);
    expect(compared.limitsNote).toMatch(note);
  });

  test.each([
    [{ turns: 4 }, /share nothing/],
    [{ sharedPrefixTokens: 512 }, /share nothing/],
    [{ outputTokensP95: 900 }, /lengths with a tail/],
  ])("judges no limit of a request with %j, which a bench does not send", (more, note) => {
    const other = { ...plan, request: { ...plan.request, workload: { ...plan.request.workload, ...more } } };
    expect(compareWithPlan(other, asPlanned, good, predicted).limitsNote).toMatch(note);
  });

  test("takes what is thought before an answer as part of its length", () => {
    const thinking = {
      ...plan,
      request: { ...plan.request, workload: { ...plan.request.workload, reasoningTokens: 500 } },
    };
    const { limitsNote } = compareWithPlan(thinking, { ...asPlanned, outputTokens: 1012 }, good, predicted);
    expect(limitsNote).toBeUndefined();
  });
});

describe("the calibration row", () => {
  const about = { modelConfig: undefined, source: "fitserve bench", measuredOn: "2026-11-24" };
  const burst: MeasuredLoad = { ...asPlanned, arrivals: "burst" };

  test("holds what was measured of one replica, in the fields of the calibration cases", () => {
    const row = calibrationRow(plan, burst, summary(700, 20, 2400), about);
    expect(row).toMatchObject({
      regime: "closed_loop",
      request: { load: { concurrency: 50 / plan.hardware.replicas }, inputTokens: 1024, outputTokens: 512 },
      measured: {
        ttftMs: 700,
        tpotMs: 20,
        itlP50Ms: 20,
        e2eMs: 10_920,
        outputTokensPerSecond: 2400 / plan.hardware.replicas,
      },
    });
  });

  test("has a request that predict answers", () => {
    const row = calibrationRow(plan, burst, summary(700, 20, 2400), about);
    const answer = answerLine(JSON.stringify(row.request), 1);
    expect(answer).toMatchObject({ id: row.id, performance: { saturated: false } });
    expect(answer).not.toHaveProperty("notes");
  });
});
