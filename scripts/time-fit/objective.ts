import { TIME_COEFFICIENTS, type TimeCoefficientName, type TimeValues } from "../../sizing/coefficients";
import { simulateWith } from "../../sizing/time/simulation";
import { QUANTITIES, type Quantity, type TimeCase } from "./cases";

/** Error that is as good as the sources agree with themselves; errors far beyond count linearly. */
const TOLERANCE: Readonly<Record<Quantity, number>> = {
  ttftMs: 0.15,
  tpotMs: 0.05,
  itlP50Ms: 0.05,
  e2eMs: 0.06,
  outputTokensPerSecond: 0.06,
};
/** Weight of the pull towards the middle of a coefficient's range, which decides what the runs do not. */
const PRIOR_WEIGHT = 0.1;

export type Errors = Partial<Record<Quantity, number>>;

/** ln(predicted / measured) of each measured quantity. */
export function logErrors(timeCase: TimeCase, values: TimeValues): Errors {
  const { deployment, load, kvCacheTokens, measured } = timeCase;
  const result = simulateWith(deployment, load, kvCacheTokens, values);
  const predicted: Record<Quantity, number> = {
    ttftMs: result.ttft.meanMs,
    tpotMs: result.tpot.meanMs,
    itlP50Ms: result.itlP50Ms,
    e2eMs: result.endToEnd.meanMs,
    outputTokensPerSecond: result.outputTokensPerSecond,
  };
  const errors: Errors = {};
  for (const quantity of QUANTITIES) {
    const truth = measured[quantity];
    if (truth !== undefined) errors[quantity] = Math.log(predicted[quantity] / truth);
  }
  return errors;
}

export function middle(name: TimeCoefficientName): number {
  const { low, high } = TIME_COEFFICIENTS[name];
  return (low + high) / 2;
}

/** Robust misfit: sources weigh by the root of their number of runs, so that the largest does not decide alone. */
export function misfit(values: TimeValues, cases: readonly TimeCase[], fitted: readonly TimeCoefficientName[]): number {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const timeCase of cases) {
    const errors = logErrors(timeCase, values);
    for (const quantity of QUANTITIES) {
      const error = errors[quantity];
      if (error === undefined) continue;
      const key = `${timeCase.source} ${quantity}`;
      const entry = sums.get(key) ?? { sum: 0, count: 0 };
      const scaled = Math.min(30, Math.abs(error) / TOLERANCE[quantity]);
      entry.sum += Math.log(Math.cosh(scaled));
      entry.count += 1;
      sums.set(key, entry);
    }
  }
  let total = 0;
  for (const { sum, count } of sums.values()) total += sum / Math.sqrt(count);
  for (const name of fitted) {
    const { low, high } = TIME_COEFFICIENTS[name];
    total += PRIOR_WEIGHT * ((values[name] - middle(name)) / ((high - low) / 2)) ** 2;
  }
  return total;
}
