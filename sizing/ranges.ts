import type { Deployment } from "./deployment";
import type { Basis } from "./precision";
import type { Estimate } from "./serving-plan";

/**
 * Half-widths that hold the truth about nine times in ten, as shares of the value. `predicted` is where measured runs
 * calibrated the model (H100 with bf16 or fp8); elsewhere only kernels and data sheets did, and the range is wider.
 */
const HALF_WIDTHS = {
  ttft: { predicted: 0.4, extrapolated: 0.6 },
  tokenTime: { predicted: 0.15, extrapolated: 0.3 },
  endToEnd: { predicted: 0.2, extrapolated: 0.35 },
  throughput: { predicted: 0.2, extrapolated: 0.35 },
} as const;

export type Ranged = keyof typeof HALF_WIDTHS;

/** Whether measured runs stand behind a prediction of time. */
export function timeBasis({ gpu, quantization }: Deployment): "predicted" | "extrapolated" {
  const calibrated = gpu.name === "H100-SXM5-80GB" && (quantization === "bf16" || quantization === "fp8");
  return calibrated ? "predicted" : "extrapolated";
}

/** A value with its range; the lower end is divided by as much as the upper is multiplied, so it stays above zero. */
export function estimate(value: number, quantity: Ranged, basis: "predicted" | "extrapolated"): Estimate {
  const factor = 1 + HALF_WIDTHS[quantity][basis];
  return { value, low: value / factor, high: value * factor, basis: basis satisfies Basis };
}

/** A rate that is the inverse of an estimated time. */
export function inverse(time: Estimate): Estimate {
  return { value: 1000 / time.value, low: 1000 / time.high, high: 1000 / time.low, basis: time.basis };
}
