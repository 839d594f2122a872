import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { USUAL_SHAPE, type ClusterShape } from "../../../sizing/cost/cluster-shape";
import { costOf, type Costed } from "../../../sizing/cost/cost";
import { PRICED_PARTS } from "../../../sizing/cost/region-prices";
import type { CostPlan } from "../../../sizing/serving-plan";
import { CATALOG, requestOf } from "../../support/requests";

/** The catalog apart, so that a counterexample can be read. */
type Given = Omit<Costed, "catalog">;

function cost(given: Given): CostPlan {
  return costOf({ ...given, catalog: CATALOG });
}

const OFFERS = CATALOG.offers.filter(({ cloud }) => cloud === "aws");

const shapes: fc.Arbitrary<ClusterShape> = fc.record({
  natGateways: fc.integer({ min: 0, max: 3 }),
  system: fc.record({
    instanceType: fc.constantFrom("m6i.large", "m6i.2xlarge", "t3.medium", "c7i.metal"),
    nodes: fc.integer({ min: 1, max: 6 }),
    volumeGiB: fc.constant(50),
  }),
  gpuVolume: fc.constantFrom(USUAL_SHAPE.gpuVolume, USUAL_SHAPE.largestGpuVolume),
  largestGpuVolume: fc.constant(USUAL_SHAPE.largestGpuVolume),
  balancerAddresses: fc.integer({ min: 0, max: 3 }),
  hasBucket: fc.boolean(),
});

const costed: fc.Arbitrary<Given> = fc.record({
  request: fc.constantFrom("aws", "local").map((target) => requestOf({ model: "qwen3-32b", target })),
  offer: fc.constantFrom(...OFFERS),
  nodes: fc.integer({ min: 1, max: 20 }),
  replicas: fc.integer({ min: 1, max: 40 }),
  weightsGB: fc.double({ min: 1, max: 800, noNaN: true }),
  outputTokensPerSecond: fc.double({ min: 1, max: 50_000, noNaN: true }),
  shape: shapes,
});

describe("the cost of any machine on any cluster", () => {
  test("is at least its floor and at most its worst", () => {
    fc.assert(
      fc.property(costed, (given) => {
        const { floor, expected, worst } = cost(given);
        expect(floor.usdPerHour).toBeLessThanOrEqual(expected.usdPerHour);
        expect(expected.usdPerHour).toBeLessThanOrEqual(worst.usdPerHour);
      }),
    );
  });

  test("is the sum of its lines, each of them so many times its price", () => {
    fc.assert(
      fc.property(costed, (given) => {
        const { lines, expected } = cost(given);
        for (const one of lines) {
          expect(one.usdPerHour).toBeCloseTo(one.quantity * one.usdPerHourEach, 12);
          expect(one.sharedUsdPerHour ?? 0).toBeLessThanOrEqual(one.usdPerHour + 1e-12);
          expect(one.date).toMatch(/^\d{4}-\d{2}/);
        }
        expect(lines.reduce((sum, one) => sum + one.usdPerHour, 0)).toBeCloseTo(expected.usdPerHour, 9);
      }),
    );
  });

  test("grows with nodes, NAT gateways, addresses and weights", () => {
    fc.assert(
      fc.property(costed, (given) => {
        const { shape } = given;
        const more = { ...shape, natGateways: shape.natGateways + 1, balancerAddresses: shape.balancerAddresses + 1 };
        const dearer = { ...given, nodes: given.nodes + 1, weightsGB: given.weightsGB * 2, shape: more };
        expect(cost(dearer).expected.usdPerHour).toBeGreaterThan(cost(given).expected.usdPerHour);
      }),
    );
  });

  test("is told for each region with a source, which says where the price is of another region", () => {
    fc.assert(
      fc.property(costed, (given) => {
        const own = CATALOG.awsPrices.elsewhere[given.offer.region] ?? {};
        const borrowed = cost(given).lines.filter(({ source }) => source.includes("price of us-east-1"));
        expect(borrowed.length > 0).toBe(given.offer.region !== "us-east-1");
        for (const { source } of borrowed) expect(source).toContain(`none of ${given.offer.region} was found`);
        expect(Object.keys(own).filter((part) => !(PRICED_PARTS as readonly string[]).includes(part))).toEqual([]);
      }),
    );
  });
});
