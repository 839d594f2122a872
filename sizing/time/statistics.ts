/** Mean and quantiles of one quantity over requests. */
export interface Distribution {
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const low = Math.floor(position);
  const lowValue = sorted[low] ?? 0;
  const highValue = sorted[Math.min(low + 1, sorted.length - 1)] ?? lowValue;
  return lowValue + (highValue - lowValue) * (position - low);
}

/** Summary of values; of nothing: zeros. */
export function distribution(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).toSorted();
  let sum = 0;
  for (const value of sorted) sum += value;
  return {
    meanMs: sorted.length === 0 ? 0 : sum / sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
    p99Ms: quantile(sorted, 0.99),
  };
}

/** Bins of equal ratio between the least and the greatest value; a quantile is exact to a small part of a bin. */
const HISTOGRAM_BINS = 2048;

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

/** Value below which half of the weight lies, of positive values; 0 without weight. */
export function weightedMedian(items: readonly Weighted[]): number {
  return weightedQuantiles(items, [0.5])[0] ?? 0;
}

/** Mean and quantiles of positive values by weight; zeros without weight. */
export function weightedDistribution(items: readonly Weighted[]): Distribution {
  const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = weightedQuantiles(items, [0.5, 0.95, 0.99]);
  let sum = 0;
  let total = 0;
  for (const { value, weight } of items) {
    sum += value * weight;
    total += weight;
  }
  return { meanMs: total > 0 ? sum / total : 0, p50Ms, p95Ms, p99Ms };
}

/** Values below which the given shares of the weight lie; the shares rise. */
function weightedQuantiles(items: readonly Weighted[], shares: readonly number[]): readonly number[] {
  let low = Infinity;
  let high = 0;
  let total = 0;
  for (const { value, weight } of items) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    total += weight;
  }
  if (total <= 0) return shares.map(() => 0);
  if (high <= low) return shares.map(() => low);
  const logLow = Math.log(low);
  const binsPerLog = HISTOGRAM_BINS / (Math.log(high) - logLow);
  const bins = new Float64Array(HISTOGRAM_BINS);
  for (const { value, weight } of items) {
    const bin = Math.min(HISTOGRAM_BINS - 1, Math.floor((Math.log(value) - logLow) * binsPerLog));
    bins[bin] = (bins[bin] ?? 0) + weight;
  }
  let bin = -1;
  let below = 0;
  let inside = 0;
  return shares.map((share) => {
    while (below + inside < total * share && bin < HISTOGRAM_BINS - 1) {
      below += inside;
      bin += 1;
      inside = bins[bin] ?? 0;
    }
    const part = inside > 0 ? (total * share - below) / inside : 1;
    return Math.min(high, Math.exp(logLow + (bin + part) / binsPerLog));
  });
}
