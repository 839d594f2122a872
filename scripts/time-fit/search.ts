import { TIME_COEFFICIENTS, type TimeCoefficientName, type TimeValues } from "../../sizing/coefficients";
import type { TimeCase } from "./cases";
import { misfit } from "./objective";

const FIRST_STEP = 0.12;
const GROW = 1.4;
const SHRINK = 0.5;
const ENOUGH = 0.004;

/**
 * Coordinate search: each coefficient in turn is moved up or down within its range, by a step that grows when it
 * helps and shrinks when it does not. Slow, but it needs no gradient of a simulation and always ends the same.
 */
export function coordinateSearch(
  start: TimeValues,
  cases: readonly TimeCase[],
  fitted: readonly TimeCoefficientName[],
  sweeps: number,
): TimeValues {
  const values: Record<TimeCoefficientName, number> = { ...start };
  const steps = new Map(fitted.map((name) => [name, FIRST_STEP * range(name)]));
  let best = misfit(values, cases, fitted);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    const before = best;
    for (const name of fitted) {
      const step = steps.get(name) ?? 0;
      const moved = [1, -1].some((sign) => {
        const { low, high } = TIME_COEFFICIENTS[name];
        const tried = Math.min(high, Math.max(low, values[name] + sign * step));
        if (tried === values[name]) return false;
        const found = misfit({ ...values, [name]: tried }, cases, fitted);
        if (found >= best) return false;
        best = found;
        values[name] = tried;
        return true;
      });
      steps.set(name, step * (moved ? GROW : SHRINK));
    }
    if (before - best < ENOUGH) break;
  }
  return values;
}

function range(name: TimeCoefficientName): number {
  const { low, high } = TIME_COEFFICIENTS[name];
  return high - low;
}
