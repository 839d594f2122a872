import { expect, test } from "vitest";
import { loadCatalog } from "../../../config/catalog";
import { parseServingRequest } from "../../../config/request";
import { FIRST_USE } from "../../../config/request/schema";
import { dayNumber } from "../../../sizing/plan/price-age";
import { feasiblePlanOf } from "../../support/requests";

/** On these cards the machine is the same, however fast others are predicted to be. */
const L40S = { ...FIRST_USE, gpu: "L40S" };

const oldPriceOf = (input: object): string | undefined =>
  feasiblePlanOf(input).verdict.reasons.find(({ code }) => code === "old-price")?.message;

test.each(["1970-01-01", "2000-02-29", "2026-03-01", "2026-12-31"])(
  "%s is as many days after 1970 as the clock says",
  (date) => {
    expect(dayNumber(date)).toBe(Date.parse(date) / 86_400_000);
  },
);

test.each([
  ["2026-01", "2026-01-01"],
  ["undated", undefined],
])("%s as a day of capture", (text, day) => {
  expect(dayNumber(text)).toBe(day === undefined ? undefined : dayNumber(day));
});

test("a price older than 180 days is told with its day and age", () => {
  expect(oldPriceOf({ ...L40S, asOf: "2027-01-16" })).toBe(undefined);
  expect(oldPriceOf({ ...L40S, asOf: "2027-01-17" })).toMatch(
    /g6e\.12xlarge.* is of 2026-07-20, 181 days ago: ask for today's before relying on the cost$/,
  );
});

test("of an old price nothing is told twice", () => {
  const { reasons } = feasiblePlanOf({ ...L40S, asOf: "2027-01-17" }).verdict;
  expect(reasons.filter(({ message }) => message.includes("the price of g6e.12xlarge"))).toHaveLength(1);
});

test("the oldest of the other prices is told beside that of the machines, as soon as it is too old", () => {
  const { reasons } = feasiblePlanOf({ ...L40S, asOf: "2029-11-22" }).verdict;
  const prices = reasons.filter(({ code }) => code === "old-price").map(({ message }) => message);
  expect(prices).toEqual([
    expect.stringContaining("g6e.12xlarge"),
    expect.stringContaining("m6i.large system nodes is of 2026-07-20"),
  ]);
});

test("without a day the age is not told, and a price of the user has none", () => {
  expect(oldPriceOf(L40S)).toBe(undefined);
  const pricing = { negotiated: [{ instanceType: "g6e.12xlarge", usdPerHour: 5 }] };
  // Of a cluster that is there the machines alone are counted.
  expect(oldPriceOf({ ...L40S, target: "existing", asOf: "2027-03-01" })).toContain("g6e.12xlarge");
  expect(oldPriceOf({ ...L40S, target: "existing", pricing, asOf: "2027-03-01" })).toBe(undefined);
});

test.each(["2026-02-30", "24.11.2026", "today", 20261124])("asOf: %j is a fault", (asOf) => {
  const result = parseServingRequest({ model: "qwen3-32b", asOf }, loadCatalog());
  expect(result.ok ? [] : result.faults.map(({ path }) => path)).toEqual(["asOf"]);
});

test.each([
  [{}, "the price of g6e.12xlarge (4x L40S), on-demand, us-east-1 is of 2026-07-20"],
  [{ asOf: "2026-11-24" }, "the price of g6e.12xlarge (4x L40S), on-demand, us-east-1 is of 2026-07-20, 127 days ago"],
  [{ asOf: "2026-07-21" }, "the price of g6e.12xlarge (4x L40S), on-demand, us-east-1 is of 2026-07-20, 1 day ago"],
])("every verdict has the day of the price of its machines: %j", (more, message) => {
  const dates = feasiblePlanOf({ ...L40S, ...more }).verdict.reasons.filter(({ code }) => code === "price-date");
  expect(dates.map((reason) => reason.message)).toEqual([message]);
});

test("a price that the request gives has no day, and the verdict says so", () => {
  const pricing = { negotiated: [{ instanceType: "g6e.12xlarge", usdPerHour: 5 }] };
  const { reasons } = feasiblePlanOf({ ...L40S, pricing, asOf: "2026-11-24" }).verdict;
  expect(reasons.find(({ code }) => code === "price-date")?.message).toMatch(
    /^the price of g6e\.12xlarge .* is the request's own, without a day$/,
  );
});
