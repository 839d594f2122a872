import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIRST_USE } from "../../../config/request/schema";
import { searchedKvCacheDtypes } from "../../../sizing/memory/kv-cache-choice";
import { isFeasible } from "../../../sizing/serving-plan";
import { CATALOG, feasiblePlanOf, inputs, isValid, planOf } from "../../support/requests";

const ENGINE = { name: "vllm", version: "0.33.0" } as const;

function searched(card: string, model: string, version: string = ENGINE.version): readonly string[] {
  const gpu = CATALOG.gpus.find(({ name }) => name === card);
  const architecture = CATALOG.models.find(({ key }) => key === model)?.architecture;
  if (gpu === undefined || architecture === undefined) throw new Error(`no ${card} or ${model}`);
  return searchedKvCacheDtypes({ kvCacheDtype: "any", engine: { ...ENGINE, version } }, architecture, gpu);
}

describe("precisions of the KV cache that are searched", () => {
  test.each([
    ["L40S", "qwen3-32b", ["auto", "fp8"]],
    ["H100-SXM5-80GB", "qwen3-32b", ["auto", "fp8"]],
    ["A100-SXM4-80GB", "qwen3-32b", ["auto"]],
    ["A10G", "qwen3-32b", ["auto"]],
    ["H100-SXM5-80GB", "deepseek-v2-lite", ["auto", "fp8"]],
    ["L40S", "deepseek-v2-lite", ["auto"]],
    ["RTX-PRO-6000-Blackwell-Server", "deepseek-v2-lite", ["auto"]],
  ])("%s with %s: %j", (card, model, wanted) => {
    expect(searched(card, model)).toEqual(wanted);
  });

  test("an engine from before it keeps 16 bit", () => {
    expect(searched("L40S", "qwen3-32b", "0.9.2")).toEqual(["auto"]);
  });
});

describe("plans that may use FP8", () => {
  /** So much context that 16 bit needs more cards. */
  const long = {
    model: "qwen3-32b",
    quantization: "int4-w4a16",
    gpu: "L40S",
    workload: { concurrency: 60, promptTokens: 6000, outputTokens: 500 },
    slo: {},
  };

  test("FP8 is taken where it is cheaper, and the plan says so with the source of its quality", () => {
    const [exact, any] = [feasiblePlanOf(long), feasiblePlanOf({ ...long, kvCacheDtype: "any" })];
    expect(any.cost.expected.usdPerHour).toBeLessThan(exact.cost.expected.usdPerHour);
    expect(any.kvCache.dtype).toBe("fp8");
    expect(any.engine.args).toContain("--kv-cache-dtype=fp8");
    const note = any.verdict.reasons.find(({ code }) => code === "fp8-kv-cache");
    expect(note?.message).toContain("https://vllm.ai/blog/fp8-kvcache");
    expect(note?.fix).toBe("kvCacheDtype: auto keeps 16 bit");
  });

  test("16 bit stays the default, and the plan names what FP8 would save", () => {
    const plan = feasiblePlanOf(long);
    expect(plan.kvCache.dtype).toBe("auto");
    const row = plan.rejected.find(({ needed }) => needed === "kvCacheDtype: any");
    expect(row?.explanation).toBe("cheaper with an FP8 KV cache, which kvCacheDtype: auto (16 bit) rules out");
    const any = feasiblePlanOf({ ...long, kvCacheDtype: "any" });
    expect(row?.available).toContain(`$${any.cost.lines[0]?.usdPerHour.toFixed(2)}/h instead of`);
  });

  test("at equal cost 16 bit is kept", () => {
    const plan = feasiblePlanOf({ ...FIRST_USE, kvCacheDtype: "any" });
    expect(plan.kvCache.dtype).toBe("auto");
    expect(plan.hardware).toEqual(feasiblePlanOf(FIRST_USE).hardware);
  });

  test("leaving the choice open never costs more", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const [auto, any] = ["auto", "any"].map((kvCacheDtype) => ({ ...input, kvCacheDtype }));
        fc.pre(isValid(auto) && isValid(any));
        const exact = planOf(auto);
        if (!isFeasible(exact)) return;
        expect(feasiblePlanOf(any).cost.lines[0]?.usdPerHour).toBeLessThanOrEqual(
          exact.cost.lines[0]?.usdPerHour ?? Infinity,
        );
      }),
      { numRuns: 10 },
    );
  });
});
