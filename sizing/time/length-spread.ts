/** 95 % of a normal distribution lie below this many standard deviations. */
const Z95 = 1.644_853_626_951;
/** 99 % of it. */
const Z99 = 2.326_347_874_041;

/** Most that the 95th percentile of a log-normal distribution can be above its mean is e^(z²/2) = 3.87; rounded down. */
export const MOST_P95_OVER_MEAN = 3.8;

/** Sigma of the log-normal distribution with this mean and 95th percentile: ln(p95 / mean) = zσ − σ²/2. */
function sigmaOf(mean: number, p95: number): number {
  const ratio = Math.min(MOST_P95_OVER_MEAN, Math.max(1, p95 / mean));
  return Z95 - Math.sqrt(Z95 ** 2 - 2 * Math.log(ratio));
}

/** Standard deviation over mean of lengths that are known by mean and 95th percentile; without the latter 0. */
export function spreadOfLengths(mean: number, p95: number | undefined): number {
  if (p95 === undefined) return 0;
  return Math.sqrt(Math.exp(sigmaOf(mean, p95) ** 2) - 1);
}

/** Length that one request in a hundred exceeds; without a 95th percentile every one has the mean. */
export function p99OfLengths(mean: number, p95: number | undefined): number {
  if (p95 === undefined) return mean;
  const sigma = sigmaOf(mean, p95);
  return mean * Math.exp(Z99 * sigma - sigma ** 2 / 2);
}
