import { describe, expect, test } from "vitest";
import type { Answer, Outcome } from "../../load/outcome";
import { summarizeLoad } from "../../load/statistics";

const answered = (
  answer: Partial<Answer> & Pick<Answer, "firstTokenMs" | "lastTokenMs" | "outputTokens">,
): Outcome => ({
  ok: true,
  answer: { sentMs: 0, gapsMs: [], countedBy: "usage", promptTokens: 10, ...answer },
});

const failed = (kind: string, detail = ""): Outcome => ({ ok: false, sentMs: 0, failure: { kind, detail } });

describe("a summary", () => {
  test("has the definitions of vllm bench serve", () => {
    const summary = summarizeLoad(
      [
        answered({ firstTokenMs: 100, lastTokenMs: 500, outputTokens: 5, gapsMs: [100, 100, 100, 100] }),
        answered({ sentMs: 50, firstTokenMs: 350, lastTokenMs: 950, outputTokens: 11, gapsMs: [60, 540] }),
      ],
      2000,
    );
    expect(summary.ttft).toMatchObject({ meanMs: 200, p50Ms: 200 });
    // (500 - 100) / 4 and (950 - 350) / 10: by tokens, not by chunks.
    expect(summary.tpot).toMatchObject({ meanMs: 80 });
    expect(summary.itl).toMatchObject({ p50Ms: 100, meanMs: 1000 / 6 });
    expect(summary.endToEnd).toMatchObject({ meanMs: 700 });
    expect(summary).toMatchObject({ outputTokensPerSecond: 8, requestsPerSecond: 1, meanOutputTokens: 8 });
  });

  test("interpolates percentiles as numpy does", () => {
    const outcomes = [10, 20, 30, 40].map((ms) => answered({ firstTokenMs: ms, lastTokenMs: ms, outputTokens: 1 }));
    const { ttft } = summarizeLoad(outcomes, 1000);
    // numpy.percentile([10, 20, 30, 40], [50, 95, 99]) = 25, 38.5, 39.7
    expect(ttft?.p50Ms).toBeCloseTo(25, 9);
    expect(ttft?.p95Ms).toBeCloseTo(38.5, 9);
    expect(ttft?.p99Ms).toBeCloseTo(39.7, 9);
  });

  test("has no time per output token of answers of one token", () => {
    const summary = summarizeLoad([answered({ firstTokenMs: 10, lastTokenMs: 10, outputTokens: 1 })], 1000);
    expect(summary).not.toHaveProperty("tpot");
    expect(summary).not.toHaveProperty("itl");
    expect(summary.ttft?.meanMs).toBe(10);
  });

  test("leaves failed requests out of times and tokens, and counts them by cause", () => {
    const summary = summarizeLoad(
      [
        failed("HTTP 429", "queue full"),
        answered({ firstTokenMs: 10, lastTokenMs: 10, outputTokens: 4 }),
        failed("timeout"),
        failed("HTTP 429", "other words"),
      ],
      1000,
    );
    expect(summary).toMatchObject({ completed: 1, failed: 3, outputTokensPerSecond: 4, requestsPerSecond: 1 });
    expect(summary.failures).toEqual([
      { kind: "HTTP 429", count: 2, example: "queue full" },
      { kind: "timeout", count: 1, example: "" },
    ]);
  });

  test("of nothing has no times", () => {
    expect(summarizeLoad([], 0)).toEqual({
      completed: 0,
      failed: 0,
      failures: [],
      outputTokensPerSecond: 0,
      requestsPerSecond: 0,
      countedByChunks: 0,
    });
  });
});
