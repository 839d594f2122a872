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

/** Value below which half of the weight lies. */
export function weightedMedian(items: readonly { readonly value: number; readonly weight: number }[]): number {
  const sorted = items.toSorted((a, b) => a.value - b.value);
  let total = 0;
  for (const item of sorted) total += item.weight;
  let seen = 0;
  for (const item of sorted) {
    seen += item.weight;
    if (seen >= total / 2) return item.value;
  }
  return 0;
}
