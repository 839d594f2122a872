import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadCatalog } from "../../../config/catalog";
import { parseServingRequest } from "../../../config/request";
import { requestOf } from "../../support/requests";

const good = { model: "qwen3-32b" };
const HOURS = [0, 0, 0, 0, 0, 0, 0, 5, 20, 40, 60, 60, 50, 60, 60, 60, 40, 30, 20, 10, 10, 5, 0, 0];

function faultsOf(input: unknown): string[] {
  const result = parseServingRequest(input, loadCatalog());
  return result.ok ? [] : result.faults.map((fault) => fault.message);
}

const withWorkload = (workload: object): object => ({ ...good, workload });
const withScenarios = (...scenarios: unknown[]): object => ({ ...good, scenarios });

describe("what is left out or means nothing leaves the request as it is", () => {
  test.each([
    { reasoningTokens: 0 },
    { turns: 1 },
    { sharedPrefixTokens: 0 },
    { promptTokensP95: 1024 },
    { outputTokensP95: 512 },
  ])("%j", (workload) => {
    expect(requestOf(withWorkload(workload))).toEqual(requestOf(good));
  });

  test("no scenarios, and confidence: expected", () => {
    expect(requestOf({ ...good, scenarios: [], confidence: "expected" })).toEqual(requestOf(good));
  });
});

describe("what is given", () => {
  test("token counts may be fractional", () => {
    const { workload } = requestOf(withWorkload({ reasoningTokens: 812.5, promptTokensP95: 2000.5 }));
    expect(workload).toMatchObject({ reasoningTokens: 812.5, promptTokensP95: 2000.5 });
  });

  test("the peak of a traffic profile takes the place of the concurrency", () => {
    const { workload } = requestOf(withWorkload({ hourlyConcurrency: HOURS }));
    expect(workload).toMatchObject({ concurrency: 60, hourlyConcurrency: HOURS });
    expect(faultsOf(withWorkload({ hourlyConcurrency: HOURS, concurrency: 60 }))).toEqual([]);
  });

  test("a scenario takes what it does not name from the request", () => {
    const { scenarios } = requestOf({
      ...good,
      workload: {
        concurrency: 20,
        promptTokens: 800,
        outputTokens: 300,
        outputTokensP95: 500,
        reasoningTokens: 100,
        turns: 3,
      },
      scenarios: [
        { name: "documents", promptTokens: 8000 },
        { name: "no thinking", concurrency: 90, reasoningTokens: 0 },
      ],
    });
    expect(scenarios).toEqual([
      {
        name: "documents",
        workload: {
          concurrency: 20,
          promptTokens: 8000,
          outputTokens: 300,
          outputTokensP95: 500,
          reasoningTokens: 100,
        },
      },
      {
        name: "no thinking",
        workload: { concurrency: 90, promptTokens: 800, outputTokens: 300, outputTokensP95: 500, turns: 3 },
      },
    ]);
  });

  test("an slo of a scenario stands in place of the request's", () => {
    const { scenarios } = requestOf(withScenarios({ name: "batch", slo: {} }));
    expect(scenarios?.[0]?.slo).toEqual({});
  });
});

test("the example of the documentation is a good request", () => {
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(readFileSync("docs/workloads.md", "utf8")) ?? [];
  const example: object = parse(yaml);
  expect(example).toHaveProperty("scenarios");
  expect(faultsOf({ ...good, ...example })).toEqual([]);
});

const TOKENS = "wanted a number of tokens from 1 to 10,485,760";
const TOKENS_OR_NONE = "wanted a number of tokens from 0 to 10,485,760";

describe("bad values", () => {
  test.each([
    [withWorkload({ reasoningTokens: -1 }), `workload.reasoningTokens: got -1; ${TOKENS_OR_NONE}`],
    [withWorkload({ reasoningTokens: Number.NaN }), `workload.reasoningTokens: got no number; ${TOKENS_OR_NONE}`],
    [withWorkload({ reasoningTokens: 1e12 }), `workload.reasoningTokens: got 1000000000000; ${TOKENS_OR_NONE}`],
    [withWorkload({ reasoningTokens: "many" }), `workload.reasoningTokens: got "many"; ${TOKENS_OR_NONE}`],
    [withWorkload({ promptTokensP95: Infinity }), `workload.promptTokensP95: got an endless number; ${TOKENS}`],
    [withWorkload({ turns: 2.5 }), "workload.turns: got 2.5; wanted a whole number from 1 to 1,000"],
    [withWorkload({ turns: 0 }), "workload.turns: got 0; wanted a whole number from 1 to 1,000"],
    [
      withWorkload({ promptTokensP95: 900 }),
      "workload.promptTokensP95: got 900; wanted at least workload.promptTokens, 1,024, and at most 3.8 times as much, 3,891 (longer ones are a scenario of their own)",
    ],
    [
      withWorkload({ outputTokensP95: 5000 }),
      "workload.outputTokensP95: got 5000; wanted at least workload.outputTokens, 512, and at most 3.8 times as much, 1,945 (longer ones are a scenario of their own)",
    ],
    [
      withWorkload({ sharedPrefixTokens: 1024 }),
      "workload.sharedPrefixTokens: got 1024; wanted less than workload.promptTokens, 1,024, of which it is a part",
    ],
    [
      withWorkload({ hourlyConcurrency: HOURS.slice(1) }),
      "workload.hourlyConcurrency: got a list of 23 [0,0,0,0,0,0,5,20,40,60,60,50,60,60,60,40,30...; wanted a list of 24 whole numbers, the requests in flight in each hour from midnight on",
    ],
    [
      withWorkload({ hourlyConcurrency: HOURS.with(3, 0.5) }),
      "workload.hourlyConcurrency[3]: got 0.5; wanted a whole number from 0 to 100,000",
    ],
    [
      withWorkload({ hourlyConcurrency: HOURS.map(() => 0) }),
      "workload.hourlyConcurrency: got a list [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]; wanted at least one hour with a request in flight",
    ],
    [
      withWorkload({ hourlyConcurrency: HOURS, concurrency: 50 }),
      "workload.concurrency: got 50; wanted nothing, or the 60 of the peak hour of workload.hourlyConcurrency, which takes its place",
    ],
    [{ ...good, confidence: "sure" }, 'confidence: got "sure"; wanted one of expected, range'],
    [
      { ...good, slo: { firstAnswerTokenSeconds: 0 } },
      "slo.firstAnswerTokenSeconds: got 0; wanted a number of seconds above 0, up to 86,400",
    ],
    [
      withScenarios({ concurrency: 5 }),
      "scenarios[0].name: got nothing; wanted a name of 1 to 60 characters, without spaces at its ends",
    ],
    [
      withScenarios({ name: "a\u001b[31mb" }),
      'scenarios[0].name: got "a [31mb"; wanted a name of 1 to 60 characters, without spaces at its ends',
    ],
    [
      withScenarios({ name: "night" }, { name: "Night" }),
      'scenarios[1].name: got "Night"; wanted a name that no other scenario has',
    ],
    [
      withScenarios({ name: "base load" }),
      'scenarios[0].name: got "base load"; wanted another name than those of the plan\'s own scenarios',
    ],
    [
      withScenarios({ name: "night", slo: { ttftSeconds: -1 } }),
      "scenarios[0].slo.ttftSeconds: got -1; wanted a number of seconds above 0, up to 86,400",
    ],
    [
      withScenarios({ name: "long", promptTokens: 60_000 }),
      "scenarios[0]: got 60,000 prompt + 512 answer = 60,512 tokens; wanted at most the 40,960 tokens of qwen3-32b's context",
    ],
    [
      { ...good, maxModelLen: 4096, scenarios: [{ name: "long", promptTokens: 6000 }] },
      "maxModelLen: got 4096; wanted at least the mean request of scenarios[0] of 6,000 prompt + 512 answer = 6,512 tokens",
    ],
    [
      { ...withWorkload({ sharedPrefixTokens: 500 }), scenarios: [{ name: "short", promptTokens: 400 }] },
      "scenarios[0].promptTokens: got 400; wanted more than workload.sharedPrefixTokens, 500, with which every prompt starts",
    ],
    [
      withWorkload({ reasoningTokens: 50_000 }),
      "workload: got 1,024 prompt + 50,000 reasoning + 512 answer = 51,536 tokens; wanted at most the 40,960 tokens of qwen3-32b's context",
    ],
    [
      withWorkload({ turns: 40 }),
      "workload: got 1,024 prompt + 59,904 history + 512 answer = 61,440 tokens; wanted at most the 40,960 tokens of qwen3-32b's context",
    ],
    [
      withWorkload({ promptTokens: 20_000, promptTokensP95: 50_000 }),
      "workload: got 50,000 prompt + 512 answer = 50,512 tokens; wanted at most the 40,960 tokens of qwen3-32b's context",
    ],
    [
      { ...withWorkload({ promptTokensP95: 3000 }), maxModelLen: 2048 },
      "maxModelLen: got 2048; wanted at least the p95 request of 3,000 prompt + 512 answer = 3,512 tokens",
    ],
  ])("%j", (input, message) => {
    expect(faultsOf(input)).toEqual([message]);
  });

  test("of a prompt with a shared start only the rest varies", () => {
    expect(faultsOf(withWorkload({ promptTokensP95: 1200, sharedPrefixTokens: 1000 }))).toEqual([
      "workload.promptTokensP95: got 1200; wanted at least workload.promptTokens, 1,024, and at most 3.8 times the part that is not shared, 1,091 (longer ones are a scenario of their own)",
    ]);
  });

  test("every fault is told at once", () => {
    const faults = faultsOf({
      ...good,
      workload: { promptTokensP95: 10, sharedPrefixTokens: 5000 },
      scenarios: [{ name: "x", promptTokens: 99_999 }],
    });
    expect(faults.map((message) => message.split(":")[0])).toEqual([
      "workload.promptTokensP95",
      "workload.sharedPrefixTokens",
      "scenarios[0]",
    ]);
  });

  test("a mistyped key of a scenario names the one that was meant", () => {
    expect(faultsOf(withScenarios({ name: "x", promptTokes: 5 }))[0]).toMatch(
      /^scenarios\[0\]\.promptTokes: unknown key; wanted one of the keys name, .*did you mean scenarios\[0\]\.promptTokens\?/,
    );
  });
});
