import { expect, test } from "vitest";
import { lengthStream } from "../../../sizing/time/length-distribution";
import { MOST_P95_OVER_MEAN, p99OfLengths, spreadOfLengths } from "../../../sizing/time/length-spread";

const COUNT = 20_000;

function lengths(mean: number, p95: number): number[] {
  const stream = lengthStream(mean, spreadOfLengths(mean, p95), 0.25);
  return Array.from({ length: COUNT }, (_, i) => stream(i)).toSorted((a, b) => a - b);
}

test.each([
  [1024, 1100],
  [1024, 2048],
  [512, 1500],
  [2000, 2000 * MOST_P95_OVER_MEAN],
])("lengths of mean %d and p95 %d have both", (mean, p95) => {
  const sorted = lengths(mean, p95);
  const sum = sorted.reduce((total, one) => total + one, 0);
  expect(sum / COUNT / mean).toBeCloseTo(1, 1);
  expect((sorted[Math.floor(COUNT * 0.95)] ?? 0) / p95).toBeCloseTo(1, 1);
  expect((sorted[Math.floor(COUNT * 0.99)] ?? 0) / p99OfLengths(mean, p95)).toBeCloseTo(1, 1);
});

test("without a p95, or with one like the mean, all lengths are the mean", () => {
  expect(spreadOfLengths(1000, undefined)).toBe(0);
  expect(p99OfLengths(1000, undefined)).toBe(1000);
  expect(spreadOfLengths(1000, 1000)).toBe(0);
});

test("streams of different steps do not rise and fall together", () => {
  const [prompt, answer] = [0.618_033_988_749_894_8, 0.569_840_290_998_053_3].map((step) =>
    lengthStream(1000, 1, 0.25, step),
  );
  const pairs = Array.from(
    { length: 2000 },
    (_, i) => [Math.log(prompt?.(i) ?? 1), Math.log(answer?.(i) ?? 1)] as const,
  );
  const mean = (of: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[of], 0) / pairs.length;
  const [a, b] = [mean(0), mean(1)];
  const covariance = pairs.reduce((sum, [x, y]) => sum + (x - a) * (y - b), 0) / pairs.length;
  const variance = pairs.reduce((sum, [x]) => sum + (x - a) ** 2, 0) / pairs.length;
  expect(Math.abs(covariance / variance)).toBeLessThan(0.05);
});
