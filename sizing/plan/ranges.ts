import type { Basis } from "../model/precision";
import type { Estimate } from "../serving-plan";
import type { Band } from "../time/error-band";

/** A predicted value with the range that its error band leaves it. */
export function estimate(value: number, band: Band, basis: Basis): Estimate {
  return { value, low: value * band.low, high: value * band.high, basis };
}

/** A rate a second that is the inverse of an estimated time in milliseconds. */
export function inverse(time: Estimate): Estimate {
  return { value: 1000 / time.value, low: 1000 / time.high, high: 1000 / time.low, basis: time.basis };
}
