import { describe, expect, test } from "vitest";
import { FIRST_USE } from "../../../config/request/schema";
import type { ScenarioOutcome } from "../../../sizing/plan/scenario-plan";
import { planMarkdown, planTable } from "../../../sizing/report";
import type { FeasiblePlan, Reason } from "../../../sizing/serving-plan";
import { feasiblePlanOf, planOf } from "../../support/requests";

const { workload: WORKLOAD } = FIRST_USE;
const usdPerHourOf = (plan: FeasiblePlan): number => plan.cost.lines[0]?.usdPerHour ?? 0;
const withWorkload = (more: object): object => ({ ...FIRST_USE, workload: { ...WORKLOAD, ...more } });

function scenarioOf(plan: FeasiblePlan, name: string): ScenarioOutcome {
  const found = plan.scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`${name} is none of ${plan.scenarios.map((one) => one.name).join(", ")}`);
  return found;
}

function saysThatItThinks(input: object): boolean {
  return feasiblePlanOf(input).assumptions.some(({ text }) => text.includes("thinks before it answers"));
}

describe("the first use", () => {
  const plan = feasiblePlanOf(FIRST_USE);

  test("is one scenario, with the figures of the plan and the margin of each limit", () => {
    const [base, ...others] = plan.scenarios;
    expect(others).toEqual([]);
    expect(base).toMatchObject({
      name: "base load",
      load: { concurrency: 50, promptTokens: 1024, generatedTokens: 512, replicas: plan.hardware.replicas },
      ttftP95Ms: plan.performance.ttftP95Ms,
      endToEndP95Ms: plan.performance.endToEndP95Ms,
      met: true,
    });
    expect(base?.limits.map(({ limit }) => limit)).toEqual([
      "slo.ttftSeconds",
      "slo.tokensPerSecondPerUser",
      "kv-cache",
    ]);
    const ttft = base?.limits[0];
    expect(ttft?.margin).toBeCloseTo(1 - plan.performance.ttftP95Ms.value / 1500, 9);
  });

  test("says which limit binds, in every form of the plan", () => {
    const least = plan.scenarios[0]?.limits.toSorted((a, b) => a.margin - b.margin)[0];
    expect(plan.binding).toMatchObject({ scenario: "base load", limit: least?.limit, margin: least?.margin });
    expect(planTable(plan, { color: false }).replaceAll(/\s+/g, " ")).toContain(`what binds: ${plan.binding?.text}`);
    expect(planMarkdown(plan)).toContain(`What binds: ${plan.binding?.text}`);
  });

  test("says that the model thinks and none of that is counted; with reasoningTokens it does not", () => {
    expect(saysThatItThinks(FIRST_USE)).toBe(true);
    expect(saysThatItThinks(withWorkload({ reasoningTokens: 400 }))).toBe(false);
    expect(saysThatItThinks({ model: "llama-3.1-8b-instruct" })).toBe(false);
  });
});

describe("reasoning", () => {
  const input = { ...withWorkload({ reasoningTokens: 1000 }), slo: { ttftSeconds: 2 } };

  test("is held in the KV cache, generated, admitted and timed", () => {
    const [plain, thinking] = [feasiblePlanOf({ ...FIRST_USE, slo: { ttftSeconds: 2 } }), feasiblePlanOf(input)];
    expect(thinking.scenarios[0]?.load.generatedTokens).toBe(1512);
    expect(thinking.engine.maxModelLen).toBeGreaterThanOrEqual(2 * (1024 + 1512));
    expect(thinking.performance.endToEndMeanMs.value).toBeGreaterThan(2 * plain.performance.endToEndMeanMs.value);
    expect(thinking.scenarios[0]?.limits.at(-1)?.predicted).toBe(2536 * thinking.kvCache.requestsNeeded);
  });

  test("is over when the answer begins: behind the first token by the tokens that are thought", () => {
    const { ttftMeanMs, firstAnswerTokenMeanMs, tpotMeanMs, firstAnswerTokenP95Ms, endToEndP95Ms } =
      feasiblePlanOf(input).performance;
    const expected = ttftMeanMs.value + 1000 * tpotMeanMs.value;
    expect((firstAnswerTokenMeanMs?.value ?? 0) / expected).toBeCloseTo(1, 2);
    expect(firstAnswerTokenP95Ms?.value).toBeLessThan(endToEndP95Ms.value);
    expect(feasiblePlanOf(FIRST_USE).performance).not.toHaveProperty("firstAnswerTokenP95Ms");
  });

  test("a limit on the first token of the answer is met, shown, or refused with the value that can be had", () => {
    const limited = { ...input, tensorParallel: "auto", slo: { firstAnswerTokenSeconds: 15 } };
    const plan = feasiblePlanOf(limited);
    expect(plan.performance.firstAnswerTokenP95Ms?.value).toBeLessThanOrEqual(15_000);
    expect(planTable(plan, { color: false })).toMatch(/first token of the answer, p95 +[\d.]+ s .*<= 15 s/);
    const impossible = planOf({ ...limited, slo: { firstAnswerTokenSeconds: 0.5 } });
    expect(impossible.verdict.reasons[0]?.code).toBe("first-answer");
    const value = /^slo\.firstAnswerTokenSeconds: ([\d.]+) works/.exec(impossible.verdict.reasons[0]?.fix ?? "")?.[1];
    expect(planOf({ ...limited, slo: { firstAnswerTokenSeconds: Number(value) } }).verdict.status).toBe("accepted");
  });

  test("without reasoning the first token is the answer's", () => {
    expect(usdPerHourOf(feasiblePlanOf({ ...FIRST_USE, slo: { firstAnswerTokenSeconds: 1.5 } }))).toBe(
      usdPerHourOf(feasiblePlanOf({ ...FIRST_USE, slo: { ttftSeconds: 1.5 } })),
    );
  });
});

describe("lengths with a 95th percentile", () => {
  const plan = feasiblePlanOf(withWorkload({ promptTokensP95: 2500, outputTokensP95: 1000 }));

  test("have a scenario of the longest, and the engine admits more than those", () => {
    expect(scenarioOf(plan, "longest lengths (p95)").load).toMatchObject({ promptTokens: 2500, generatedTokens: 1000 });
    expect(plan.engine.maxModelLen).toBeGreaterThan(3500);
    expect(plan.kvCache.requestsAtWorstLength).toBe(Math.floor(plan.kvCache.tokens / plan.engine.maxModelLen));
  });

  test("are looked at among the others, whose KV cache the base load judges", () => {
    const longest = scenarioOf(plan, "longest lengths (p95)");
    expect(longest.load.requests).toBe("some");
    expect(longest.limits.map(({ limit }) => limit)).toEqual(["slo.ttftSeconds", "slo.tokensPerSecondPerUser"]);
    expect(plan.scenarios[0]?.load.requests).toBe("all");
    expect(plan.scenarios[0]?.limits.map(({ limit }) => limit)).toContain("kv-cache");
    expect(planTable(plan, { color: false })).toMatch(/longest lengths \(p95\)\n +1 of 50: 2,500 \+ 1,000 /);
  });

  test("the longest wait longer for their first token and their whole answer", () => {
    const longest = scenarioOf(plan, "longest lengths (p95)");
    expect(longest.ttftP95Ms.value).toBeGreaterThan(plan.performance.ttftMeanMs.value);
    expect(longest.endToEndP95Ms.value).toBeGreaterThan(plan.performance.endToEndMeanMs.value * 1.5);
  });
});

describe("a dialogue", () => {
  test("has a scenario of its last turn, which is judged", () => {
    const plan = feasiblePlanOf(withWorkload({ turns: 4, sharedPrefixTokens: 512 }));
    const last = scenarioOf(plan, "last turn (4)");
    expect(last.load.promptTokens).toBe(1024 + 3 * (1024 - 512 + 512));
    expect(last.met).toBe(true);
    expect(plan.prefixCache).toMatchObject({ sharedTokens: 512, basis: "assumed" });
    expect(plan.engine.maxModelLen).toBeGreaterThanOrEqual(last.load.promptTokens + 512);
  });

  test("says what is assumed of the cache between turns", () => {
    const { assumptions } = feasiblePlanOf(withWorkload({ turns: 4, reasoningTokens: 300 }));
    const texts = assumptions.map(({ text }) => text).join("\n");
    expect(texts).toContain("chat templates drop the reasoning of earlier turns");
    expect(texts).toContain("the first token comes later than predicted");
  });

  test("a shared system prompt makes the first token come sooner on the same machines", () => {
    const pinned = { ...FIRST_USE, slo: {}, gpu: "H100", tensorParallel: 2, replicas: 1 };
    const at = (more: object): number =>
      feasiblePlanOf({ ...pinned, workload: { ...WORKLOAD, ...more } }).performance.ttftMeanMs.value;
    expect(at({ sharedPrefixTokens: 900 })).toBeLessThan(at({}) * 0.7);
  });

  test("a dialogue on one replica finds its history; spread over several it seldom does", () => {
    const pinned = { ...FIRST_USE, slo: {}, gpu: "H200", workload: { ...WORKLOAD, turns: 5 } };
    const shareOf = (replicas: number): number =>
      feasiblePlanOf({ ...pinned, replicas }).prefixCache?.historyHitShare ?? Number.NaN;
    expect(shareOf(1)).toBe(1);
    expect(shareOf(4)).toBeLessThan(0.3);
  });

  test("spread over several replicas, the verdict says how many turns find their history and what that costs", () => {
    const pinned = { ...FIRST_USE, slo: {}, gpu: "H200", workload: { ...WORKLOAD, turns: 5 } };
    const noteOf = (replicas: number): Reason | undefined =>
      feasiblePlanOf({ ...pinned, replicas }).verdict.reasons.find(({ code }) => code === "dialogues-spread");
    expect(noteOf(1)).toBe(undefined);
    const note = noteOf(4);
    expect(note?.message).toContain("one later turn in 4 comes to the replica that answered the turn before");
    const [, kept, planned] =
      /it would be ([\d.]+) s to the first token instead of ([\d.]+) s/.exec(note?.message ?? "") ?? [];
    expect(Number(kept)).toBeLessThan(Number(planned));
    expect(note?.fix).toContain("sessionHeader");
  });
});

describe("scenarios of the user", () => {
  const documents = { name: "documents", concurrency: 10, promptTokens: 12_000, slo: { ttftSeconds: 6 } };
  const night = { name: "night", concurrency: 300, outputTokens: 100, slo: {} };
  const input = { ...FIRST_USE, tensorParallel: "auto", scenarios: [documents, night] };

  test("are served by the same machines, each with its own limits", () => {
    const plan = feasiblePlanOf(input);
    expect(plan.scenarios.map(({ name, met }) => [name, met])).toEqual([
      ["base load", true],
      ["documents", true],
      ["night", true],
    ]);
    expect(scenarioOf(plan, "documents").ttftP95Ms.value).toBeLessThanOrEqual(6000);
    expect(plan.engine.maxModelLen).toBeGreaterThanOrEqual(12_512);
    expect(plan.engine.maxNumSeqs * plan.hardware.replicas).toBeGreaterThanOrEqual(300);
  });

  test("make a plan dearer than either alone would be", () => {
    const cost = usdPerHourOf(feasiblePlanOf(input));
    for (const scenarios of [[], [documents], [night]])
      expect(usdPerHourOf(feasiblePlanOf({ ...input, scenarios }))).toBeLessThanOrEqual(cost);
  });

  test("one that nothing can serve is named, and leaving it out is offered", () => {
    const { verdict } = planOf({
      ...FIRST_USE,
      scenarios: [{ name: "impossible", slo: { ttftSeconds: 0.001 } }],
    });
    expect(verdict.status).toBe("infeasible");
    expect(verdict.reasons[0]?.message).toContain("in impossible: the first token takes longer");
    expect(verdict.reasons.map(({ fix, message }) => fix ?? message).join("\n")).toContain(
      "scenarios without impossible works",
    );
  });
});

describe("spare nodes", () => {
  test("their loss is a scenario, and the days on which every node is up another", () => {
    const plan = feasiblePlanOf({ ...FIRST_USE, availability: { spareNodes: 1 } });
    expect(plan.scenarios.map(({ name }) => name)).toEqual(["base load, every node up", "loss of 1 node"]);
    const [up, lost] = plan.scenarios;
    expect(up?.load.replicas).toBe(plan.hardware.replicas);
    expect(lost?.load.replicas).toBeLessThan(plan.hardware.replicas);
    expect(lost?.ttftP95Ms).toEqual(plan.performance.ttftP95Ms);
  });
});

describe("confidence: range", () => {
  test("meets every limit by the unfavourable end of the range, and costs more here", () => {
    const plan = feasiblePlanOf({ ...FIRST_USE, confidence: "range" });
    expect(plan.performance.ttftP95Ms.high).toBeLessThanOrEqual(1500);
    expect(plan.performance.tokensPerSecondPerUser.low).toBeGreaterThanOrEqual(20);
    expect(plan.verdict.reasons.map(({ code }) => code)).not.toContain("close-call");
    expect(usdPerHourOf(plan)).toBeGreaterThan(usdPerHourOf(feasiblePlanOf(FIRST_USE)));
    expect(planTable(plan, { color: false })).toContain("at p95, by the whole range");
  });

  test("a close call points at it", () => {
    const call = feasiblePlanOf(FIRST_USE).verdict.reasons.find(({ code }) => code === "close-call");
    expect(call?.fix).toBe("confidence: range plans for the unfavourable end of the range");
  });

  test("what the range cannot meet is refused with the figure at its slow end", () => {
    const { verdict } = planOf({ ...FIRST_USE, slo: { ttftSeconds: 0.08 }, confidence: "range" });
    expect(verdict.reasons[0]?.message).toContain("at the slow end of the range");
  });
});
