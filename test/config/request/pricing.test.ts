import { expect, test } from "vitest";
import { loadCatalog } from "../../../config/catalog";
import { parseServingRequest } from "../../../config/request";

const catalog = loadCatalog();

function faultsOf(...negotiated: unknown[]): string[] {
  const result = parseServingRequest({ model: "qwen3-32b", pricing: { negotiated } }, catalog);
  return result.ok ? [] : result.faults.map((fault) => fault.message);
}

test.each([
  [
    "a machine with a slip of the pen",
    { instanceType: "p5.48xlrge", usdPerHour: 9 },
    /^pricing\.negotiated\[0\]\.instanceType: got "p5\.48xlrge"; .*\(did you mean p5\.48xlarge\?\)$/,
  ],
  [
    "a machine without a list price",
    { instanceType: "p5e.48xlarge", usdPerHour: 9 },
    /no on-demand price \(sold by reservation only\)/,
  ],
  [
    "a region that does not sell it",
    { instanceType: "p5.48xlarge", usdPerHour: 9, region: "us-esat-1" },
    /region: got "us-esat-1"; .*did you mean us-east-1\?/,
  ],
  ["no figure", { instanceType: "p5.48xlarge" }, /wanted either usdPerHour or discountPercent$/],
  [
    "both figures",
    { instanceType: "p5.48xlarge", usdPerHour: 9, discountPercent: 5 },
    /wanted either usdPerHour or discountPercent$/,
  ],
  [
    "a price of nothing",
    { instanceType: "p5.48xlarge", usdPerHour: 0 },
    /usdPerHour: got 0; wanted a number of dollars from 0.001 to 100,000/,
  ],
  ["a negative price", { instanceType: "p5.48xlarge", usdPerHour: -3 }, /usdPerHour: got -3; wanted/],
  [
    "a discount of everything",
    { instanceType: "p5.48xlarge", discountPercent: 100 },
    /discountPercent: got 100; wanted a percentage/,
  ],
  ["an unknown key", { instanceType: "p5.48xlarge", usdPerHours: 1 }, /usdPerHours: unknown key; .*usdPerHour/],
  ["no machine", { usdPerHour: 1 }, /instanceType: got nothing; wanted the name of a machine/],
  ["text", "p5.48xlarge at 9", /^pricing\.negotiated\[0\]: got "p5\.48xlarge at 9"; wanted an object/],
])("%s is a fault", (_what, price, message) => {
  expect(faultsOf(price)).toHaveLength(1);
  expect(faultsOf(price)[0]).toMatch(message);
});

test("two prices for one machine and region are a fault of the second", () => {
  const price = { instanceType: "p5.48xlarge", usdPerHour: 9 };
  expect(faultsOf(price, { ...price, usdPerHour: 8 })[0]).toMatch(
    /^pricing\.negotiated\[1\]: .*one price for p5\.48xlarge/,
  );
});

test.each([-1, 0.5, 101, "one", null])("spareNodes: %j is a fault", (spareNodes) => {
  const result = parseServingRequest({ model: "qwen3-32b", availability: { spareNodes } }, catalog);
  expect(result.ok ? [] : result.faults.map((fault) => fault.path)).toEqual(["availability.spareNodes"]);
});

test("an empty list is no pricing", () => {
  const result = parseServingRequest({ model: "qwen3-32b", pricing: { negotiated: [] } }, catalog);
  expect(result.ok && result.request.pricing).toBe(undefined);
});
