import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Workload } from "../../../sizing/serving-request";
import {
  fewestComputedTokens,
  generatedTokens,
  historyCaching,
  historyTokens,
  keptTokens,
  meanPromptTokens,
  promptTokensOfTurn,
  requestsHeld,
  tokensInFlight,
  tokensPerRequest,
} from "../../../sizing/time/workload";

const PLAIN: Workload = { concurrency: 50, promptTokens: 1000, outputTokens: 500 };
const DIALOGUE: Workload = { ...PLAIN, turns: 3, sharedPrefixTokens: 200 };

const workloads = fc
  .record(
    {
      concurrency: fc.integer({ min: 1, max: 200 }),
      promptTokens: fc.double({ min: 2, max: 5000, noNaN: true }),
      outputTokens: fc.double({ min: 1, max: 2000, noNaN: true }),
      reasoningTokens: fc.integer({ min: 1, max: 4000 }),
      turns: fc.integer({ min: 2, max: 12 }),
      share: fc.double({ min: 0, max: 0.9, noNaN: true }),
    },
    { requiredKeys: ["concurrency", "promptTokens", "outputTokens"] },
  )
  .map(({ share, ...rest }): Workload => {
    if (share === undefined) return rest;
    return { ...rest, sharedPrefixTokens: Math.min(share * rest.promptTokens, rest.promptTokens - 1) };
  });

describe("a workload of means alone", () => {
  test("holds prompt and answer", () => {
    expect(generatedTokens(PLAIN)).toBe(500);
    expect(meanPromptTokens(PLAIN)).toBe(1000);
    expect(tokensPerRequest(PLAIN)).toBe(1500);
    expect(tokensInFlight(PLAIN, 50)).toBe(75_000);
    expect(requestsHeld(PLAIN, 74_999)).toBe(49);
  });

  test("shares nothing", () => {
    expect(keptTokens(PLAIN, 1)).toBe(0);
    expect(fewestComputedTokens(PLAIN)).toBe(1000);
    expect(historyCaching(PLAIN, 50, 1e9, 1)).toBeUndefined();
  });
});

describe("a dialogue", () => {
  test("carries what was said and answered, and the shared start once", () => {
    // 200 shared + 800 said; then 500 answered + 800 said a turn.
    expect([1, 2, 3].map((turn) => promptTokensOfTurn(DIALOGUE, turn))).toEqual([1000, 2300, 3600]);
    expect(meanPromptTokens(DIALOGUE)).toBe(2300);
  });

  test("leaves out what was thought in earlier turns", () => {
    expect(historyTokens({ ...DIALOGUE, reasoningTokens: 4000 }, 3)).toBe(historyTokens(DIALOGUE, 3));
  });

  test("finds the whole request before, in whole blocks; behind a reasoning part its prompt alone", () => {
    expect(keptTokens(DIALOGUE, 2)).toBe(Math.floor(1500 / 16) * 16);
    expect(keptTokens({ ...DIALOGUE, reasoningTokens: 300 }, 2)).toBe(Math.floor(1000 / 16) * 16);
  });

  test("finds less where the cache has less room, and one in so many where replicas share the turns", () => {
    const full = historyCaching(DIALOGUE, 50, 1e9, 1);
    const tight = historyCaching(DIALOGUE, 50, tokensInFlight(DIALOGUE, 50) + 1000, 1);
    const none = historyCaching(DIALOGUE, 50, tokensInFlight(DIALOGUE, 50), 1);
    expect(full).toMatchObject({ keptShare: 1, hitShare: 1 });
    expect(tight?.keptShare).toBeGreaterThan(0);
    expect(tight?.keptShare).toBeLessThan(0.05);
    expect(none?.hitShare).toBe(0);
    expect(historyCaching(DIALOGUE, 50, 1e9, 4)).toMatchObject({ keptShare: 1, hitShare: 0.25 });
  });
});

describe("laws", () => {
  test("what is kept is a part of the prompt, and something is left to compute", () => {
    fc.assert(
      fc.property(workloads, fc.integer({ min: 1, max: 12 }), (workload, turn) => {
        expect(keptTokens(workload, turn)).toBeLessThanOrEqual(promptTokensOfTurn(workload, turn));
        expect(fewestComputedTokens(workload)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  test("the mean prompt is the mean over the turns", () => {
    fc.assert(
      fc.property(workloads, (workload) => {
        const turns = Array.from({ length: workload.turns ?? 1 }, (_, i) => promptTokensOfTurn(workload, i + 1));
        const mean = turns.reduce((sum, one) => sum + one, 0) / turns.length;
        expect(meanPromptTokens(workload)).toBeCloseTo(mean, 6);
      }),
    );
  });

  test("as many requests as are held fit, and one more does not", () => {
    fc.assert(
      fc.property(workloads, fc.integer({ min: 1, max: 1_000_000 }), (workload, kvCacheTokens) => {
        const held = requestsHeld(workload, kvCacheTokens);
        fc.pre(held > 0);
        expect(tokensInFlight(workload, held)).toBeLessThanOrEqual(kvCacheTokens * (1 + 1e-9));
        expect(tokensInFlight(workload, held + 1)).toBeGreaterThan(kvCacheTokens * (1 - 1e-9));
      }),
    );
  });

  test("a larger cache never finds less, and more reasoning never holds less", () => {
    fc.assert(
      fc.property(
        workloads,
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e6 }),
        (workload, tokens, more) => {
          const [small, large] = [tokens, tokens + more].map((size) => historyCaching(workload, 10, size, 2));
          expect(large?.hitShare ?? 0).toBeGreaterThanOrEqual(small?.hitShare ?? 0);
          const thinking = { ...workload, reasoningTokens: (workload.reasoningTokens ?? 0) + more };
          expect(tokensInFlight(thinking, 10)).toBeGreaterThan(tokensInFlight(workload, 10));
        },
      ),
    );
  });
});
