import { describe, expect, test } from "vitest";
import { FIRST_USE } from "../../config/request/schema";
import { planJson, planMarkdown, planTable } from "../../sizing/report";
import { columns, duration, usd, wrap } from "../../sizing/report/text";
import { planOf } from "../support/requests";

/** Everything that a request can say of its load. */
const MANY_SCENARIOS = {
  model: "qwen3-32b",
  quantization: "int4-w4a16",
  workload: {
    promptTokens: 1024,
    promptTokensP95: 2200,
    outputTokens: 512,
    outputTokensP95: 900,
    reasoningTokens: 600,
    turns: 5,
    sharedPrefixTokens: 400,
    hourlyConcurrency: [0, 0, 0, 0, 0, 0, 5, 10, 20, 60, 80, 80, 60, 60, 80, 100, 80, 60, 40, 20, 20, 10, 10, 5],
  },
  slo: { ttftSeconds: 1.5, tokensPerSecondPerUser: 20, firstAnswerTokenSeconds: 40 },
  scenarios: [
    { name: "documents", concurrency: 8, promptTokens: 16_000, slo: { ttftSeconds: 10 } },
    { name: "batch at night", concurrency: 200, reasoningTokens: 0, slo: {} },
  ],
  availability: { spareNodes: 1 },
  asOf: "2026-11-24",
} as const;

const PLANS = [
  ["first-use", FIRST_USE],
  ["fp16-refused", { ...FIRST_USE, quantization: "bf16" }],
  ["scenarios", MANY_SCENARIOS],
  ["nothing-fast-enough", { ...FIRST_USE, slo: { ttftSeconds: 0.01 } }],
] as const;

describe.each(PLANS)("%s", (name, input) => {
  const plan = planOf(input);

  test("reads as the golden table", async () => {
    await expect(planTable(plan, { color: false })).toMatchFileSnapshot(`../golden/plan-${name}.txt`);
  });

  test("says the verdict first", () => {
    expect(planTable(plan, { color: false })).toMatch(
      new RegExp(`^${plan.verdict.status.toUpperCase()} {2}qwen3-32b\n`),
    );
  });

  test("keeps its text when it is coloured", () => {
    // oxlint-disable-next-line no-control-regex -- the escapes are what is being removed
    const plain = planTable(plan, { color: true }).replaceAll(/\u001b\[\d+m/g, "");
    expect(plain).toBe(planTable(plan, { color: false }));
  });
});

describe("the table of the first use", () => {
  const text = planTable(planOf(FIRST_USE), { color: false });

  test("draws the card as a bar of 60 cells", () => {
    expect(/^ {2}([█▓▒▚░·]+)$/m.exec(text)?.[1]).toHaveLength(60);
  });

  test("shows every limit beside the figure that has to meet it", () => {
    expect(text).toMatch(/time to first token, p95 .*<= 1\.5 s/);
    expect(text).toMatch(/tokens\/s per user, at p95 .*>= 20/);
  });

  test("shows what a burst would do, for information", () => {
    expect(text).toMatch(/first token if all come at once .*for information/);
  });
});

function cells(line: string): number {
  return line.replaceAll("\\|", "").split("|").length;
}

test("Markdown keeps its tables together: every row has the cells of its head", () => {
  const lines = planMarkdown(planOf(FIRST_USE)).split("\n");
  const broken = lines.filter(
    (line, i) => line.startsWith("|") && lines[i - 1]?.startsWith("|") && cells(line) !== cells(lines[i - 1] ?? ""),
  );
  expect(broken).toEqual([]);
});

test("JSON has the keys of the contract", () => {
  const plan: object = JSON.parse(planJson(planOf(FIRST_USE)));
  expect(Object.keys(plan)).toEqual([
    "schemaVersion",
    "verdict",
    "model",
    "request",
    "quantization",
    "engine",
    "memoryPerGpu",
    "kvCache",
    "hardware",
    "performance",
    "scenarios",
    "binding",
    "cost",
    "cardEstimate",
    "alternatives",
    "rejected",
    "assumptions",
  ]);
});

describe("text", () => {
  test("a word wider than the page is broken and stays within it", () => {
    const lines = wrap(`see https://example.com/${"x".repeat(150)}`, "  - ", "    ");
    expect(lines.every((line) => line.length <= 100)).toBe(true);
    expect(lines.join("").replaceAll(/\s|- /g, "")).toContain("x".repeat(150));
  });

  test("numbers end under each other", () => {
    expect(
      columns(
        [
          ["a", "1.0"],
          ["bb", "22.0"],
        ],
        [1],
      ),
    ).toEqual(["a    1.0", "bb  22.0"]);
  });

  test.each([
    [7.25, "7.3 ms"],
    [221, "221 ms"],
    [1520, "1.52 s"],
    [14_800, "14.8 s"],
  ])("%d ms is %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test("cents below a dollar are not rounded away", () => {
    expect([usd(0.0225), usd(8.28608), usd(12_360.1)]).toEqual(["$0.0225", "$8.29", "$12,360.10"]);
  });
});
