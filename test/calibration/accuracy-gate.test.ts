import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accuracyCells, worsenedCells, type AccuracyCell } from "../../scripts/accuracy-cells";
import { latencyRuns, memoryRuns } from "../../scripts/accuracy-runs";

interface Committed {
  readonly memory: readonly AccuracyCell[];
  readonly latency: readonly AccuracyCell[];
}

const committed: Committed = JSON.parse(readFileSync(join(__dirname, "accuracy.json"), "utf8"));
const document = readFileSync(join(__dirname, "../../docs/accuracy.md"), "utf8");

function cellOf(cells: readonly AccuracyCell[], quantity: string, unit: string, slice = "all"): AccuracyCell {
  const cell = cells.find((one) => one.quantity === quantity && one.unit === unit && one.slice === slice);
  if (cell === undefined) throw new Error(`no cell ${quantity} ${unit} ${slice}`);
  return cell;
}

describe("accuracy on measured runs", () => {
  const memory = accuracyCells(memoryRuns());

  test("no figure of memory is worse than in docs/accuracy.md", () => {
    expect(worsenedCells(committed.memory, memory)).toEqual([]);
  });

  test("no figure of speed is worse than in docs/accuracy.md", () => {
    expect(worsenedCells(committed.latency, accuracyCells(latencyRuns()))).toEqual([]);
  });

  test("the KV pool is within 0.5 GiB on average and 2 % at the median", () => {
    expect(cellOf(memory, "kvCacheGiB", "GiB").mean).toBeLessThan(0.5);
    expect(cellOf(memory, "kvCacheGiB", "%").median).toBeLessThan(2);
  });

  test("loaded weights are within 1 % and the activation peak within 0.25 GiB on average", () => {
    expect(cellOf(memory, "weightsGiB", "%").mean).toBeLessThan(1);
    expect(cellOf(memory, "activationGiB", "GiB").mean).toBeLessThan(0.25);
  });

  test("a mean that grew is told with both figures, and a slice that vanished too", () => {
    const [first, second] = committed.memory;
    if (first === undefined || second === undefined) throw new Error("the table is empty");
    const now = [{ ...first, mean: first.mean + 1 }];
    expect(worsenedCells([first, second], now)).toEqual([
      `${first.quantity} of ${first.slice}: ${first.mean} became ${first.mean + 1} ${first.unit}`,
      `${second.quantity} of ${second.slice} is gone`,
    ]);
  });

  test("the document shows the committed figures", () => {
    const { mean, runs } = cellOf(committed.memory, "weightsGiB", "%");
    const row = document.split("\n").find((line) => /^\| all +\|/.test(line));
    expect(row).toContain(`${mean.toFixed(2)} (${runs})`);
  });
});
