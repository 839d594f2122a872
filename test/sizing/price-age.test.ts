import { expect, test } from "vitest";
import { loadCatalog } from "../../config/catalog";
import { parseServingRequest } from "../../config/request";
import { FIRST_USE } from "../../config/request-schema";
import { dayNumber } from "../../sizing/price-age";
import { feasiblePlanOf } from "../support/requests";

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
  expect(oldPriceOf({ ...FIRST_USE, asOf: "2027-01-16" })).toBe(undefined);
  expect(oldPriceOf({ ...FIRST_USE, asOf: "2027-01-17" })).toMatch(
    /g6e\.12xlarge.* is of 2026-07-20, 181 days before 2027-01-17/,
  );
});

test("without a day the age is not told, and a price of the user has none", () => {
  expect(oldPriceOf(FIRST_USE)).toBe(undefined);
  const pricing = { negotiated: [{ instanceType: "g6e.12xlarge", usdPerHour: 5 }] };
  expect(oldPriceOf({ ...FIRST_USE, pricing, asOf: "2027-03-01" })).toBe(undefined);
});

test.each(["2026-02-30", "24.11.2026", "today", 20261124])("asOf: %j is a fault", (asOf) => {
  const result = parseServingRequest({ model: "qwen3-32b", asOf }, loadCatalog());
  expect(result.ok ? [] : result.faults.map(({ path }) => path)).toEqual(["asOf"]);
});
