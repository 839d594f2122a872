import { expect, test } from "vitest";
import { lengthStream, normalQuantile, poissonGaps } from "../../../sizing/time/length-distribution";
import { distribution, weightedMedian } from "../../../sizing/time/statistics";

const COUNT = 4000;
const take = (mean: number, spread: number): number[] =>
  Array.from({ length: COUNT }, (_, index) => lengthStream(mean, spread, 0.5)(index));
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test("a whole mean without spread is every length", () => {
  expect(new Set(take(512, 0))).toEqual(new Set([512]));
});

test("a fractional mean alternates between its neighbours", () => {
  const lengths = take(10.3, 0);
  expect(new Set(lengths)).toEqual(new Set([10, 11]));
  expect(meanOf(lengths)).toBeCloseTo(10.3, 2);
});

test("spread lengths keep the mean and have the spread", () => {
  const lengths = take(600, 0.5);
  const mean = meanOf(lengths);
  const deviation = Math.sqrt(meanOf(lengths.map((length) => (length - mean) ** 2)));
  expect(mean / 600).toBeCloseTo(1, 1);
  expect(deviation / mean).toBeCloseTo(0.5, 1);
});

test("no request is shorter than one token", () => {
  expect(Math.min(...take(0.2, 0), ...take(1.5, 2))).toBe(1);
});

test("the normal quantile is that of the tables", () => {
  expect(normalQuantile(0.5)).toBeCloseTo(0, 3);
  expect(normalQuantile(0.975)).toBeCloseTo(1.96, 2);
  expect(normalQuantile(0.01)).toBeCloseTo(-2.326, 2);
});

test("Poisson gaps have the mean and the spread of chance", () => {
  const gaps = [...poissonGaps(COUNT)];
  expect(meanOf(gaps)).toBeCloseTo(1, 1);
  expect(Math.sqrt(meanOf(gaps.map((gap) => (gap - 1) ** 2)))).toBeCloseTo(1, 1);
});

test("neighbouring Poisson gaps know nothing of each other", () => {
  const gaps = [...poissonGaps(COUNT)];
  const product = meanOf(gaps.slice(1).map((gap, index) => (gap - 1) * ((gaps[index] ?? 1) - 1)));
  expect(Math.abs(product)).toBeLessThan(0.05);
});

test("quantiles lie between the values that they part", () => {
  const summary = distribution([4, 1, 3, 2, 5]);
  expect(summary).toEqual({ meanMs: 3, p50Ms: 3, p95Ms: 4.8, p99Ms: 4.96 });
});

test("the distribution of nothing is zero", () => {
  expect(distribution([])).toEqual({ meanMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0 });
});

test("the weighted median is where half of the weight is passed", () => {
  const items = [
    { value: 30, weight: 1 },
    { value: 10, weight: 6 },
    { value: 100, weight: 2 },
  ];
  expect(weightedMedian(items)).toBeCloseTo(10, 1);
  expect(weightedMedian([{ value: 7, weight: 3 }])).toBe(7);
  expect(weightedMedian([])).toBe(0);
});
