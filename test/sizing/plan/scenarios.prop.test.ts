import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planServing } from "../../../sizing/plan";
import { planJson, planMarkdown, planTable } from "../../../sizing/report";
import { isFeasible, type ServingPlan } from "../../../sizing/serving-plan";
import { bruteForce } from "../../support/brute-force";
import { CATALOG, inputs, isValid, planOf, requestOf } from "../../support/requests";
import { richInputs, scenarios } from "../../support/rich-requests";

const RUNS = { numRuns: 8 };
const FEW = { numRuns: 4 };
/** Many simulations, on machines that do other work beside. */
const SLOW = { timeout: 60_000 };

/** Of the machines; what nothing can do costs without end. */
function usdPerHourOf(plan: ServingPlan): number {
  return isFeasible(plan) ? (plan.cost.lines[0]?.usdPerHour ?? 0) : Infinity;
}

describe("laws of scenarios", SLOW, () => {
  test("a plan that is called feasible meets every limit of every scenario by its own simulation", () => {
    fc.assert(
      fc.property(richInputs, (input) => {
        const plan = planOf(input);
        if (!isFeasible(plan)) return;
        const missed = plan.scenarios.flatMap(({ name, limits }) =>
          limits.filter(({ met, margin }) => !met || margin < -1e-12).map(({ limit }) => `${name}: ${limit}`),
        );
        expect(missed).toEqual([]);
        expect(plan.scenarios.every(({ met }) => met)).toBe(true);
        expect(plan.binding?.margin).toBe(
          Math.min(...plan.scenarios.flatMap(({ limits }) => limits.map(({ margin }) => margin))),
        );
      }),
      RUNS,
    );
  });

  test("the pick is never dearer than any feasible row", () => {
    fc.assert(
      fc.property(richInputs, (input) => {
        const request = requestOf(input);
        expect(usdPerHourOf(planServing(request, CATALOG))).toBeLessThanOrEqual(bruteForce(request) * (1 + 1e-12));
      }),
      FEW,
    );
  });

  test("what meets the limits by the whole range meets them as expected, and never costs less", () => {
    fc.assert(
      fc.property(richInputs, (input) => {
        const [range, expected] = ["range", "expected"].map((confidence) =>
          usdPerHourOf(planOf({ ...input, confidence })),
        );
        expect(expected).toBeLessThanOrEqual((range ?? 0) * (1 + 1e-12));
      }),
      RUNS,
    );
  });

  test("a scenario that asks for no more than the request changes no cost", () => {
    fc.assert(
      fc.property(richInputs, (input) => {
        const same = { ...input, scenarios: [...input.scenarios, { name: "the same again" }] };
        expect(usdPerHourOf(planOf(same))).toBe(usdPerHourOf(planOf(input)));
      }),
      RUNS,
    );
  });

  test("adding a scenario never lowers the cost", () => {
    fc.assert(
      fc.property(richInputs, scenarios, (input, [scenario]) => {
        fc.pre(scenario !== undefined);
        const more = { ...input, scenarios: [...input.scenarios, { ...scenario, name: "one more" }] };
        fc.pre(isValid(more));
        expect(usdPerHourOf(planOf(input))).toBeLessThanOrEqual(usdPerHourOf(planOf(more)) * (1 + 1e-12));
      }),
      RUNS,
    );
  });

  // With a limit on speed it may: longer answers leave fewer prompts among the decode steps of the others.
  test("without a limit of speed more reasoning never costs less", () => {
    fc.assert(
      fc.property(
        inputs,
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 1000 }),
        (input, first, more) => {
          const at = (reasoningTokens: number): object => ({
            ...input,
            slo: {},
            workload: { ...input.workload, reasoningTokens },
          });
          fc.pre(isValid(at(first + more)));
          expect(usdPerHourOf(planOf(at(first)))).toBeLessThanOrEqual(
            usdPerHourOf(planOf(at(first + more))) * (1 + 1e-12),
          );
        },
      ),
      RUNS,
    );
  });

  test("a traffic profile is planned like its peak", () => {
    const hours = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(inputs, hours, (input, hourlyConcurrency) => {
        const peak = Math.max(...hourlyConcurrency);
        fc.pre(peak > 0);
        const { promptTokens, outputTokens } = input.workload;
        const lengths = { promptTokens, outputTokens };
        const profiled = planOf({ ...input, workload: { ...lengths, hourlyConcurrency } });
        const flat = planOf({ ...input, workload: { ...lengths, concurrency: peak } });
        expect(profiled.verdict.status).toBe(flat.verdict.status);
        if (!isFeasible(profiled) || !isFeasible(flat)) return;
        expect(profiled.hardware).toEqual(flat.hardware);
        expect(profiled.performance).toEqual(flat.performance);
      }),
      FEW,
    );
  });

  test("no output holds a number or an object that is none, and no line is wider than 100 columns", () => {
    fc.assert(
      fc.property(richInputs, (input) => {
        const plan = planOf(input);
        const table = planTable(plan, { color: false });
        for (const output of [planJson(plan), table, planMarkdown(plan)])
          expect(output).not.toMatch(/\bundefined\b|\bNaN\b|\bnull\b|\[object|Infinity/);
        expect(table.split("\n").filter((line) => line.length > 100)).toEqual([]);
        expect(planJson(JSON.parse(planJson(plan)))).toBe(planJson(plan));
      }),
      RUNS,
    );
  });
});
