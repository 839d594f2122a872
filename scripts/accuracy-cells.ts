import type { Deviation } from "../test/calibration/errors";

/** Errors of one quantity over one slice of the measured runs. */
export interface AccuracyCell {
  readonly quantity: string;
  /** What the slice is: `all`, or a family, card, precision or engine version. */
  readonly slice: string;
  /** `%` of the measured value, or GiB. */
  readonly unit: "%" | "GiB";
  readonly runs: number;
  readonly mean: number;
  readonly median: number;
  readonly worst: number;
  readonly worstRun: string;
}

export interface SlicedDeviation extends Deviation {
  readonly slices: readonly string[];
}

/** One cell a quantity, unit and slice, in the order in which they are first seen. */
export function accuracyCells(deviations: readonly SlicedDeviation[]): readonly AccuracyCell[] {
  const groups = new Map<
    string,
    { cell: Pick<AccuracyCell, "quantity" | "slice" | "unit">; errors: [number, string][] }
  >();
  for (const deviation of deviations) {
    for (const slice of deviation.slices) {
      for (const unit of unitsOf(deviation.quantity)) {
        const { quantity } = deviation;
        const key = `${slice} ${quantity} ${unit}`;
        const group = groups.get(key) ?? { cell: { quantity, slice, unit }, errors: [] };
        group.errors.push([errorOf(deviation, unit), deviation.id]);
        groups.set(key, group);
      }
    }
  }
  return [...groups.values()].map(({ cell, errors }) => ({ ...cell, ...summary(errors) }));
}

/** Rounding in the table, and no more. */
const SLACK = 0.01;

/** What got worse since `before`, each with both means; a cell that is not there any more counts too. */
export function worsenedCells(before: readonly AccuracyCell[], now: readonly AccuracyCell[]): string[] {
  return before.flatMap((old) => {
    const cell = now.find((one) => one.quantity === old.quantity && one.slice === old.slice && one.unit === old.unit);
    const name = `${old.quantity} of ${old.slice}`;
    if (cell === undefined) return [`${name} is gone`];
    return cell.mean > old.mean + SLACK ? [`${name}: ${old.mean} became ${cell.mean} ${old.unit}`] : [];
  });
}

function unitsOf(quantity: string): readonly AccuracyCell["unit"][] {
  if (quantity === "kvCacheGiB") return ["GiB", "%"];
  return quantity === "activationGiB" || quantity === "nonTorchGiB" ? ["GiB"] : ["%"];
}

function errorOf({ difference, measured }: Deviation, unit: AccuracyCell["unit"]): number {
  return unit === "GiB" ? Math.abs(difference) : (100 * Math.abs(difference)) / Math.abs(measured);
}

function summary(errors: readonly [number, string][]): Omit<AccuracyCell, "quantity" | "slice" | "unit"> {
  const sorted = errors.toSorted((a, b) => a[0] - b[0]);
  const values = sorted.map(([error]) => error);
  const middle = Math.floor(values.length / 2);
  const median =
    values.length % 2 === 1 ? (values[middle] ?? 0) : ((values[middle - 1] ?? 0) + (values[middle] ?? 0)) / 2;
  const [worst, worstRun] = sorted.at(-1) ?? [0, ""];
  return {
    runs: values.length,
    mean: rounded(values.reduce((sum, value) => sum + value, 0) / values.length),
    median: rounded(median),
    worst: rounded(worst),
    worstRun,
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
