import { describe, expect, test } from "vitest";
import { loadCatalog } from "../../../config/catalog";
import { parseServingRequest } from "../../../config/request";
import { knownTo, missingUntil } from "../../../sizing/engine/flag-versions";
import { answerParsers, parserFlags } from "../../../sizing/engine/parsers";
import { planServing } from "../../../sizing/plan";
import { longestAnswerSeconds, longestQueueSeconds } from "../../../sizing/plan/longest-request";
import { isFeasible, type FeasiblePlan } from "../../../sizing/serving-plan";

function planFor(workload: object, engine: object = {}): FeasiblePlan {
  const input = { model: "qwen3-32b", quantization: "int4-w4a16", workload, engine };
  const parsed = parseServingRequest(input, loadCatalog());
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  const plan = planServing(parsed.request, loadCatalog());
  if (!isFeasible(plan)) throw new Error("nothing fits");
  return plan;
}

function argumentsFor(workload: object, engine: object = {}): readonly string[] {
  return planFor(workload, engine).engine.args;
}

function drainSeconds(workload: object): number {
  const flag = argumentsFor(workload).find((word) => word.startsWith("--shutdown-timeout="));
  return Number(flag?.split("=")[1]);
}

describe("flags that only some versions know", () => {
  test("are left out before the version that brought them", () => {
    const flags = ["--shutdown-timeout=120", "--max-num-queued-reqs=256", "--dtype=auto"];
    expect(knownTo("0.33.0", flags)).toEqual(flags);
    expect(knownTo("0.28.0", flags)).toEqual(["--shutdown-timeout=120", "--dtype=auto"]);
    expect(knownTo("0.17.1", flags)).toEqual(["--dtype=auto"]);
  });

  test("are found by their dotted form too", () => {
    expect(missingUntil("--logging-config.formatter", "0.32.0")).toBe("0.33.0");
    expect(missingUntil("--logging-config.formatter", "0.33.0")).toBeUndefined();
  });

  test("a plan for an engine without a limit of its queue does not set one", () => {
    const workload = { concurrency: 8, promptTokens: 512, outputTokens: 256 };
    const flags = argumentsFor(workload, { name: "vllm", version: "0.28.0" });
    expect(flags.filter((flag) => flag.startsWith("--max-num-queued"))).toEqual([]);
  });
});

describe("parsers of answers", () => {
  test.each([
    ["qwen3-32b", "qwen3", ["--reasoning-parser=qwen3", "--enable-auto-tool-choice", "--tool-call-parser=hermes"]],
    ["qwen2.5-72b-instruct", "qwen2", ["--enable-auto-tool-choice", "--tool-call-parser=hermes"]],
    ["llama-3.3-70b-instruct", "llama", ["--enable-auto-tool-choice", "--tool-call-parser=llama3_json"]],
    ["llama-4-scout-17b-16e-instruct", "llama4", ["--enable-auto-tool-choice", "--tool-call-parser=llama4_pythonic"]],
    [
      "gpt-oss-20b",
      "gpt_oss",
      ["--reasoning-parser=openai_gptoss", "--enable-auto-tool-choice", "--tool-call-parser=openai"],
    ],
    ["llama-2-7b", "llama", []],
    ["yi-34b", "llama", []],
  ])("%s", (key, modelType, flags) => {
    expect(parserFlags(answerParsers(key, modelType, "0.33.0"))).toEqual(flags);
  });

  test("are not named to an engine in which the name was not looked up", () => {
    expect(answerParsers("gpt-oss-20b", "gpt_oss", "0.28.0")).toEqual({});
  });
});

describe("a replica that ends", () => {
  const workload = { concurrency: 8, promptTokens: 512, outputTokens: 256 };

  test.each([
    ["short answers", {}],
    ["long answers", { outputTokens: 6000 }],
    ["a long context", { promptTokens: 16_000 }],
  ])("finishes the longest answer that it may have accepted last: %s", (_, changed) => {
    const { performance, engine } = planFor({ ...workload, ...changed });
    const longest = longestAnswerSeconds(performance, engine.maxModelLen) + longestQueueSeconds(performance, 4);
    expect(drainSeconds({ ...workload, ...changed })).toBeGreaterThanOrEqual(longest);
  });

  test("is not kept for more than an hour, nor for less than two minutes", () => {
    expect(drainSeconds({ ...workload, outputTokens: 32_000 })).toBe(3600);
    expect(drainSeconds({ ...workload, promptTokens: 64, outputTokens: 16 })).toBeGreaterThanOrEqual(120);
  });
});
