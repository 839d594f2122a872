/** Lengths of a stream of requests, in a fixed order without randomness. */
export type LengthStream = (index: number) => number;

/** Fractional part of the golden ratio: its multiples spread evenly over [0, 1). */
const GOLDEN_STEP = 0.618_033_988_749_894_8;
/**
 * Step of the answers: the second irrational of the plane's most even sequence (R2). With the golden ratio for both, long
 * prompts and long answers would go together.
 */
export const ANSWER_STEP = 0.569_840_290_998_053_3;

/** Part behind the point of a number that is not negative. */
export function fraction(x: number): number {
  return x - Math.floor(x);
}

/** Inverse of the normal distribution function, |error| < 4.5e-4 (Abramowitz and Stegun 26.2.23). */
export function normalQuantile(probability: number): number {
  const p = Math.min(Math.max(probability, 1e-9), 1 - 1e-9);
  const tail = p < 0.5 ? p : 1 - p;
  const t = Math.sqrt(-2 * Math.log(tail));
  const z =
    t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
  return p < 0.5 ? -z : z;
}

/**
 * Whole lengths (at least 1) with the given mean. Without spread a fractional mean alternates between its two
 * neighbours; with spread (standard deviation over mean) they follow a log-normal distribution. Streams of different
 * irrational steps do not go together.
 */
export function lengthStream(
  meanTokens: number,
  spread: number,
  offset: number,
  step: number = GOLDEN_STEP,
): LengthStream {
  const mean = Math.max(1, meanTokens);
  if (spread <= 0) {
    const low = Math.floor(mean);
    const share = mean - low;
    return (index) => low + (share > 0 && fraction((index + 1) * step + offset) < share ? 1 : 0);
  }
  const variance = Math.log(1 + spread * spread);
  const sigma = Math.sqrt(variance);
  const mu = Math.log(mean) - variance / 2;
  return (index) =>
    Math.max(1, Math.round(Math.exp(mu + sigma * normalQuantile(fraction((index + 1) * step + offset)))));
}

/**
 * Gaps of a Poisson stream: the quantiles of the exponential distribution (mean 1), put in a fixed irregular order,
 * so that the mean is exact and bunching is that of chance.
 */
export function poissonGaps(count: number): Float64Array {
  const gaps = new Float64Array(count);
  for (let i = 0; i < count; i += 1) gaps[i] = -Math.log(1 - (i + 0.5) / count);
  let state = 0x9e3779b9;
  for (let i = count - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 4294967296) * (i + 1));
    const swap = gaps[i] ?? 0;
    gaps[i] = gaps[j] ?? 0;
    gaps[j] = swap;
  }
  return gaps;
}

/** Milliseconds at which each of the clients starts: at the irregular times of a Poisson stream over `spanMs`. */
export function poissonStarts(clients: number, spanMs: number): readonly number[] {
  const starts: number[] = [];
  let sum = 0;
  for (const gap of poissonGaps(clients)) {
    starts.push((sum * spanMs) / clients);
    sum += gap;
  }
  return starts;
}
