import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accuracyCells, type AccuracyCell } from "../../scripts/accuracy-cells";
import { latencyRuns, memoryRuns } from "../../scripts/accuracy-runs";

interface Committed {
  readonly memory: readonly AccuracyCell[];
  readonly latency: readonly AccuracyCell[];
}

const committed: Committed = JSON.parse(readFileSync(join(__dirname, "accuracy.json"), "utf8"));
const document = readFileSync(join(__dirname, "../../docs/accuracy.md"), "utf8");

/** Rounding in the table, and no more. */
const SLACK = 0.01;

function worsened(before: readonly AccuracyCell[], now: readonly AccuracyCell[]): string[] {
  return before.flatMap((old) => {
    const cell = now.find((one) => one.quantity === old.quantity && one.slice === old.slice && one.unit === old.unit);
    const name = `${old.quantity} of ${old.slice}`;
    if (cell === undefined) return [`${name} is gone`];
    return cell.mean > old.mean + SLACK ? [`${name}: ${old.mean} became ${cell.mean} ${old.unit}`] : [];
  });
}

function cellOf(cells: readonly AccuracyCell[], quantity: string, unit: string, slice = "all"): AccuracyCell {
  const cell = cells.find((one) => one.quantity === quantity && one.unit === unit && one.slice === slice);
  if (cell === undefined) throw new Error(`no cell ${quantity} ${unit} ${slice}`);
  return cell;
}

describe("accuracy on measured runs", () => {
  const memory = accuracyCells(memoryRuns());

  test("no figure of memory is worse than in docs/accuracy.md", () => {
    expect(worsened(committed.memory, memory)).toEqual([]);
  });

  test("no figure of speed is worse than in docs/accuracy.md", () => {
    expect(worsened(committed.latency, accuracyCells(latencyRuns()))).toEqual([]);
  });

  test("the KV pool is within 0.5 GiB on average and 2 % at the median", () => {
    expect(cellOf(memory, "kvCacheGiB", "GiB").mean).toBeLessThan(0.5);
    expect(cellOf(memory, "kvCacheGiB", "%").median).toBeLessThan(2);
  });

  test("loaded weights are within 1 % and the activation peak within 0.25 GiB on average", () => {
    expect(cellOf(memory, "weightsGiB", "%").mean).toBeLessThan(1);
    expect(cellOf(memory, "activationGiB", "GiB").mean).toBeLessThan(0.25);
  });

  test("the document shows the committed figures", () => {
    const { mean, runs } = cellOf(committed.memory, "weightsGiB", "%");
    const row = document.split("\n").find((line) => /^\| all +\|/.test(line));
    expect(row).toContain(`${mean.toFixed(2)} (${runs})`);
  });
});
