import { expect, test } from "vitest";
import { TIME_COEFFICIENTS, type Coefficient } from "../../../sizing/coefficients";

const coefficients: [string, Coefficient][] = Object.entries(TIME_COEFFICIENTS);

test.each(coefficients)("%s lies in the range that agrees with its evidence", (_, { value, low, high }) => {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
});

test("every fitted constant says what it was fitted on, and no other does", () => {
  const wrong = coefficients.filter(
    ([, { source, fittedOn }]) => source.startsWith("fit of") !== (fittedOn !== undefined),
  );
  expect(wrong.map(([name]) => name)).toEqual([]);
});
