import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Catalog, InstanceOffer } from "../../sizing/catalog";
import { planServing } from "../../sizing/plan";
import { planJson, planMarkdown, planTable } from "../../sizing/report";
import { isFeasible, type ServingPlan } from "../../sizing/serving-plan";
import { bruteForce } from "../support/brute-force";
import { CATALOG, inputs, isValid, planOf, requestOf } from "../support/requests";

const RUNS = { numRuns: 25 };
const FEW = { numRuns: 10 };

/** Every machine with four cards has siblings with three and six at the same price a card. */
const ODD_MACHINES: Catalog = {
  ...CATALOG,
  offers: CATALOG.offers
    .filter(({ gpuCount }) => gpuCount === 4)
    .flatMap((offer) =>
      [3, 4, 6].map((gpuCount) => ({
        ...offer,
        gpuCount,
        instanceType: `${offer.instanceType}-${gpuCount}`,
        usdPerHour: (offer.usdPerHour * gpuCount) / 4,
      })),
    ),
};

/** Of the machines; what nothing can do costs without end. */
function usdPerHourOf(plan: ServingPlan): number {
  return isFeasible(plan) ? (plan.cost.lines[0]?.usdPerHour ?? 0) : Infinity;
}

// Hundreds of plans a law, beside whatever else the machine does.
describe("laws of the plan", { timeout: 60_000 }, () => {
  test("the pick is never dearer than any feasible row", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const request = requestOf(input);
        const plan = planServing(request, CATALOG);
        const least = bruteForce(request);
        expect(usdPerHourOf(plan)).toBeLessThanOrEqual(least * (1 + 1e-12));
      }),
      FEW,
    );
  });

  test("nor is it where machines have three or six cards, which only stages can use", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const request = requestOf({ ...input, tensorParallel: "auto", pipelineParallel: "auto" });
        const plan = planServing(request, ODD_MACHINES);
        expect(usdPerHourOf(plan)).toBeLessThanOrEqual(bruteForce(request, ODD_MACHINES) * (1 + 1e-12));
      }),
      FEW,
    );
  });

  test("more concurrency never costs less", () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 60 }), (input, more) => {
        // A policy may only stop the larger load, and pinned replicas may only be too few for it.
        const open = {
          ...input,
          replicas: "auto",
          quantization: input.quantization === "bf16" ? "fp8" : input.quantization,
        };
        const larger = { ...open, workload: { ...open.workload, concurrency: open.workload.concurrency + more } };
        fc.pre(isValid(open) && isValid(larger));
        const [small, large] = [planOf(open), planOf(larger)];
        expect(usdPerHourOf(small)).toBeLessThanOrEqual(usdPerHourOf(large) * (1 + 1e-12));
      }),
      RUNS,
    );
  });

  test("adding a dearer row changes nothing", () => {
    fc.assert(
      fc.property(inputs, fc.nat(), fc.double({ min: 1.01, max: 3, noNaN: true }), (input, pick, factor) => {
        const request = requestOf(input);
        const offer = CATALOG.offers[pick % CATALOG.offers.length];
        if (offer === undefined) return;
        const dearer: InstanceOffer = {
          ...offer,
          instanceType: `${offer.instanceType}-dearer`,
          usdPerHour: offer.usdPerHour * factor,
        };
        const more = { ...CATALOG, offers: [...CATALOG.offers, dearer] };
        expect(decisionOf(planServing(request, more))).toEqual(decisionOf(planServing(request, CATALOG)));
      }),
      RUNS,
    );
  });

  test("shuffling the catalog changes no byte", () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 1e6 }), (input, seed) => {
        const request = requestOf(input);
        const shuffled = {
          ...CATALOG,
          offers: shuffle(CATALOG.offers, seed),
          gpus: shuffle(CATALOG.gpus, seed),
          models: shuffle(CATALOG.models, seed),
          unusable: shuffle(CATALOG.unusable, seed),
        };
        expect(planJson(planServing(request, shuffled))).toBe(planJson(planServing(request, CATALOG)));
      }),
      FEW,
    );
  });

  test("a plan that is called feasible meets its limits when simulated, and its memory holds every request", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plan = planOf(input);
        if (!isFeasible(plan)) return;
        const { slo } = plan.request;
        const { ttftP95Ms, tokensPerSecondPerUser, endToEndP95Ms } = plan.performance;
        expect(ttftP95Ms.value).toBeLessThanOrEqual((slo.ttftSeconds ?? Infinity) * 1000);
        expect(tokensPerSecondPerUser.value).toBeGreaterThanOrEqual((slo.tokensPerSecondPerUser ?? 0) * (1 - 1e-12));
        expect(endToEndP95Ms.value).toBeLessThanOrEqual((slo.endToEndSeconds ?? Infinity) * 1000);
        expect(plan.kvCache.requestsAtMeanLength).toBeGreaterThanOrEqual(plan.kvCache.requestsNeeded);
        expect(plan.kvCache.requestsNeeded * plan.hardware.replicas).toBeGreaterThanOrEqual(
          plan.request.workload.concurrency,
        );
      }),
      RUNS,
    );
  });

  test("replicas that fill idle GPUs cost nothing and still meet the limits", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plan = planOf(input);
        const fix = plan.verdict.reasons.find(({ code }) => code === "idle-gpus")?.fix;
        const replicas = Number(/^replicas: (\d+)/.exec(fix ?? "")?.[1]);
        if (!isFeasible(plan) || !(replicas > 0)) return;
        expect(replicas).toBeGreaterThan(plan.hardware.replicas);
        const filled = planOf({ ...input, replicas });
        expect(usdPerHourOf(filled)).toBeLessThanOrEqual(usdPerHourOf(plan) * (1 + 1e-12));
      }),
      RUNS,
    );
  });

  test("the addends of the memory are the card, and the lines of the cost are the total", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plan = planOf(input);
        if (!isFeasible(plan)) return;
        const { addends, totalGiB } = plan.memoryPerGpu;
        const card = CATALOG.gpus.find((gpu) => gpu.name === plan.hardware.gpu);
        expect(addends.reduce((sum, addend) => sum + addend.gib, 0)).toBeCloseTo(totalGiB, 9);
        expect(totalGiB).toBeCloseTo(card?.usableGiB ?? 0, 9);
        expect(addends.every((addend) => addend.gib >= 0)).toBe(true);
        const sum = plan.cost.lines.reduce((total, line) => total + line.usdPerHour, 0);
        expect(plan.cost.expected.usdPerHour).toBeCloseTo(sum, 9);
        expect(plan.cost.expected.usdPerMonth).toBeCloseTo(sum * 730, 6);
        expect(plan.cost.floor.usdPerHour).toBeLessThanOrEqual(plan.cost.expected.usdPerHour);
        expect(plan.cost.worst.usdPerHour).toBeGreaterThan(plan.cost.expected.usdPerHour);
      }),
      RUNS,
    );
  });

  test("no output holds a number or an object that is none", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plan = planOf(input);
        const outputs = [planJson(plan), planTable(plan, { color: false }), planMarkdown(plan)];
        for (const output of outputs) expect(output).not.toMatch(/\bundefined\b|\bNaN\b|\bnull\b|\[object|Infinity/);
      }),
      RUNS,
    );
  });

  test("the JSON of a plan is the same after a round trip", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const text = planJson(planOf(input));
        expect(planJson(JSON.parse(text))).toBe(text);
      }),
      FEW,
    );
  });

  test("every line of the table fits 100 columns", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const wide = planTable(planOf(input), { color: false })
          .split("\n")
          .filter((line) => line.length > 100);
        expect(wide).toEqual([]);
      }),
      RUNS,
    );
  });
});

/** What was decided, without the list of rejected rows, in which the new row may stand. */
function decisionOf(plan: ServingPlan): unknown {
  if (!isFeasible(plan)) return plan.verdict.status;
  const { verdict, hardware, engine, cost, performance, alternatives } = plan;
  return { status: verdict.status, hardware, engine, cost, performance, alternatives };
}

/** Fisher-Yates with a linear congruential generator: the seed alone decides. */
function shuffle<Row>(rows: readonly Row[], seed: number): Row[] {
  const shuffled = [...rows];
  let state = seed;
  for (let i = shuffled.length - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    const [a, b] = [shuffled[i], shuffled[j]];
    if (a === undefined || b === undefined) continue;
    shuffled[i] = b;
    shuffled[j] = a;
  }
  return shuffled;
}
