import { describe, expect, test } from "vitest";
import { answerLine } from "../../cli/predict";
import { PREDICT_HELP } from "../../cli/predict-help";
import { PREDICT_KEYS } from "../../config/predict-fields";
import { QWEN3_32B_CONFIG } from "../config/model-configs";

interface Times {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

interface Performance {
  readonly ttftMs: number;
  readonly tpotMs: number;
  readonly itlP50Ms: number;
  readonly e2eMs: number;
  readonly outputTokensPerSecond: number;
  readonly percentiles: Readonly<Record<"ttft" | "tpot" | "itl" | "e2e", Times>>;
  readonly ranges: Readonly<Record<string, { readonly low: number; readonly high: number }>>;
  readonly saturation: { readonly concurrency: number; readonly outputTokensPerSecond: number; readonly limit: string };
  readonly saturated: boolean;
}

interface Answer {
  readonly performance?: Performance;
  readonly error?: { readonly message: string; readonly fields?: readonly string[] };
}

const REQUEST = {
  id: "a",
  modelConfig: QWEN3_32B_CONFIG,
  gpu: "H100",
  tensorParallel: 2,
  load: { concurrency: 16 },
  inputTokens: 1024,
  outputTokens: 256,
};

function answer(change: Readonly<Record<string, unknown>>): Answer {
  return JSON.parse(JSON.stringify(answerLine(JSON.stringify({ ...REQUEST, ...change }), 1)));
}

function performance(change: Readonly<Record<string, unknown>> = {}): Performance {
  const { performance: found, error } = answer(change);
  if (found === undefined) throw new Error(error?.message);
  return found;
}

const spread = ({ percentiles }: Performance): number => percentiles.e2e.p95Ms / percentiles.e2e.p50Ms;

describe("lengths", () => {
  test("prompts that vary spread the time to the first token, their mean stays", () => {
    const even = performance();
    const varied = performance({ inputTokensP95: 3000 });
    expect(varied.percentiles.ttft.p95Ms).toBeGreaterThan(even.percentiles.ttft.p95Ms);
    expect(varied.outputTokensPerSecond / even.outputTokensPerSecond).toBeGreaterThan(0.85);
  });

  test("answers that vary spread the end", () => {
    expect(spread(performance({ outputTokensP95: 700 }))).toBeGreaterThan(1.5 * spread(performance()));
  });

  test("a prefix that the cache holds is not computed again, and 0 says that nothing is shared", () => {
    expect(performance({ sharedPrefixTokens: 900 }).ttftMs).toBeLessThan(0.7 * performance().ttftMs);
    expect(performance({ sharedPrefixTokens: 0 })).toEqual(performance());
    const openLoop = { load: { requestRate: 2 } };
    expect(performance({ ...openLoop, sharedPrefixTokens: 0 }).ttftMs).toBeGreaterThan(performance(openLoop).ttftMs);
  });

  test.each([
    ["inputTokensP95", 1000],
    ["inputTokensP95", 5000],
    ["outputTokensP95", 255],
    ["outputTokensP95", "many"],
    ["sharedPrefixTokens", 1025],
    ["sharedPrefixTokens", -1],
  ])("%s %s is refused by name", (field, value) => {
    const { error } = answer({ [field]: value });
    expect(error?.fields).toEqual([field]);
    expect(error?.message).toContain(field);
  });

  test("a 95th percentile beyond the context is refused by name", () => {
    expect(answer({ maxModelLen: 2048, inputTokensP95: 2500 }).error?.fields).toEqual(["inputTokensP95"]);
  });
});

describe("what comes back", () => {
  test("percentiles rise, and ranges hold the mean", () => {
    const { percentiles, ranges, ...means } = performance({ load: { concurrency: 64 }, outputTokens: 256.5 });
    for (const { p50Ms, p95Ms, p99Ms } of Object.values(percentiles)) {
      expect(p50Ms).toBeLessThanOrEqual(p95Ms);
      expect(p95Ms).toBeLessThanOrEqual(p99Ms);
    }
    expect(percentiles.itl.p50Ms).toBe(means.itlP50Ms);
    for (const name of ["ttftMs", "tpotMs", "itlP50Ms", "e2eMs", "outputTokensPerSecond"] as const) {
      expect(ranges[name]?.low).toBeLessThan(means[name]);
      expect(ranges[name]?.high).toBeGreaterThan(means[name]);
    }
  });

  test.each([
    ["the KV cache", {}, "kv-cache"],
    ["max-num-seqs", { maxNumSeqs: 64 }, "max-num-seqs"],
    ["a small card", { gpu: "L40S", quantization: "fp8", maxModelLen: 8192 }, "kv-cache"],
  ])("%s: from the saturation point on more clients bring nothing", (_, change, limit) => {
    const { saturation } = performance(change);
    expect(saturation.limit).toBe(limit);
    const full = performance({ ...change, load: { concurrency: saturation.concurrency } });
    const crowded = performance({ ...change, load: { concurrency: Math.ceil(saturation.concurrency * 1.5) } });
    expect(full.outputTokensPerSecond / saturation.outputTokensPerSecond).toBeGreaterThan(0.85);
    expect(full.outputTokensPerSecond / saturation.outputTokensPerSecond).toBeLessThan(1.15);
    expect(crowded.outputTokensPerSecond).toBeLessThan(1.05 * full.outputTokensPerSecond);
    expect(crowded.saturated).toBe(true);
  });
});

test("the help names every field", () => {
  expect(PREDICT_KEYS.filter((key) => !PREDICT_HELP.includes(key))).toEqual([]);
});
