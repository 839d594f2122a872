import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIRST_USE } from "../../../config/request/schema";
import { planServing } from "../../../sizing/plan";
import { planJson } from "../../../sizing/report";
import { configurations } from "../../../sizing/search/configurations";
import { aimOf } from "../../../sizing/search/objective-bounds";
import { modelFacts } from "../../../sizing/search/planned-model";
import { search } from "../../../sizing/search/search";
import { compareByObjective, type Solution } from "../../../sizing/search/solution";
import { isFeasible, type CandidateSummary } from "../../../sizing/serving-plan";
import { CATALOG, feasiblePlanOf, inputs, planOf, requestOf } from "../../support/requests";

/** Kinds that a plan shows. */
const SHOWN = 7;

const spare = (row: Pick<CandidateSummary, "requestsAtMeanLength" | "usdPerHour">, needed: number): number =>
  (row.requestsAtMeanLength - needed) / row.usdPerHour;

describe("latency", () => {
  const cost = feasiblePlanOf(FIRST_USE);
  const latency = feasiblePlanOf({ ...FIRST_USE, optimize: "latency" });

  test("is quicker to the first token than the cheapest plan, and says what that costs", () => {
    expect(latency.performance.ttftP95Ms.value).toBeLessThan(cost.performance.ttftP95Ms.value);
    const reason = latency.verdict.reasons.find(({ code }) => code === "optimized-latency");
    expect(reason?.message).toMatch(
      /shortest time to the first token of the market, .* \$[\d.]+\/h more than the cheapest/,
    );
    expect(reason?.message).toContain(cost.hardware.instanceType);
  });

  test("no alternative of the market is quicker", () => {
    expect(latency.alternatives.length).toBeGreaterThan(2);
    const quicker = latency.alternatives.filter((row) => row.ttftP95Ms < latency.performance.ttftP95Ms.value);
    expect(quicker).toEqual([]);
    expect(latency.alternatives[0]?.reason).toMatch(/^first token later by \d+ ms at p95; (cheaper|dearer|costs)/);
  });

  test("calls no plan cheaper that it did not compare by cost", () => {
    expect(latency.rejected.filter((row) => row.explanation.startsWith("cheaper"))).toEqual([]);
  });
});

describe("headroom", () => {
  const plan = feasiblePlanOf({ ...FIRST_USE, tensorParallel: "auto", quantization: "auto", optimize: "headroom" });

  test("has more spare requests per dollar than every alternative and than the cheapest plan", () => {
    const { concurrency } = plan.request.workload;
    const usdPerHour = plan.cost.lines[0]?.usdPerHour ?? 0;
    const requestsAtMeanLength = plan.kvCache.requestsAtMeanLength * plan.hardware.replicas;
    const own = spare({ requestsAtMeanLength, usdPerHour }, concurrency);
    for (const row of plan.alternatives) expect(spare(row, concurrency)).toBeLessThanOrEqual(own);
    const cheapest = feasiblePlanOf({ ...FIRST_USE, tensorParallel: "auto", quantization: "auto" });
    const fit = cheapest.kvCache.requestsAtMeanLength * cheapest.hardware.replicas;
    const least = { requestsAtMeanLength: fit, usdPerHour: cheapest.cost.lines[0]?.usdPerHour ?? 0 };
    expect(own).toBeGreaterThanOrEqual(spare(least, concurrency));
  });

  test("says that room of memory is meant", () => {
    const reason = plan.verdict.reasons.find(({ code }) => code === "optimized-headroom");
    expect(reason?.message).toMatch(/[\d,]+ requests fit the KV cache, [\d.]+ beyond those needed per dollar and hour/);
  });
});

test("every objective finds a plan exactly where the others do, and the cheapest is never dearer", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const [cost, ...others] = ["cost", "latency", "headroom"].map((optimize) => planOf({ ...input, optimize }));
      if (cost === undefined) return;
      for (const other of others) {
        expect(isFeasible(other)).toBe(isFeasible(cost));
        if (!isFeasible(other) || !isFeasible(cost)) continue;
        const [machines, least] = [other.cost.lines[0]?.usdPerHour ?? 0, cost.cost.lines[0]?.usdPerHour ?? 0];
        expect(least).toBeLessThanOrEqual(machines * (1 + 1e-12));
      }
    }),
    { numRuns: 10 },
  );
});

test("a first token that comes sooner in a full pipeline than in an empty one is within the bounds", () => {
  const workload = { concurrency: 2, promptTokens: 611, outputTokens: 17 };
  const input = {
    model: "llama-3.1-8b-instruct",
    gpu: "B200",
    tensorParallel: 2,
    pipelineParallel: 2,
    workload,
    slo: {},
  };
  const firstTokenMs = feasiblePlanOf(input).performance.ttftP95Ms.value;
  const limited = { ...input, slo: { ttftSeconds: (firstTokenMs * 1.0001) / 1000 } };
  expect(planOf({ ...limited, replicas: 1 }).verdict.status).toBe("accepted");
});

test("bounds leave nothing out: no configuration, searched by itself, is better than the pick", () => {
  fc.assert(
    fc.property(inputs, fc.constantFrom("cost", "latency", "headroom"), (input, optimize) => {
      const request = requestOf({ ...input, optimize });
      const model = modelFacts(request, CATALOG);
      const { possible } = configurations(request, CATALOG, model);
      const best = (some: typeof possible): Solution | undefined =>
        search(request, model, some, SHOWN, { ...CATALOG }).solutions[0];
      const alone = possible.flatMap((one) => best([one]) ?? []).toSorted(compareByObjective(request))[0];
      const { valueOf } = aimOf(request, model);
      const [found, expected] = [best(possible), alone].map((one) => (one === undefined ? undefined : valueOf(one)));
      expect(found).toBe(expected);
    }),
    { numRuns: 12 },
  );
});

test.each(["latency", "headroom"])("the order of the catalog does not change what is best in %s", (optimize) => {
  const request = requestOf({ ...FIRST_USE, tensorParallel: "auto", optimize });
  const turned = { ...CATALOG, offers: CATALOG.offers.toReversed(), gpus: CATALOG.gpus.toReversed() };
  expect(planJson(planServing(request, turned))).toBe(planJson(planServing(request, CATALOG)));
});
