/** Figures as reasons, refusals and reports write them. */

/** A whole number with separators: 501,234. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** `1 GPU`, `2,000 GPUs`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

export function gib(value: number): string {
  return `${value.toFixed(1)} GiB`;
}

/** Milliseconds as seconds, because limits are given in them. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** Milliseconds for a token as the speed that a user sees. */
export function tokensPerSecond(stepMs: number): string {
  return `${(1000 / stepMs).toFixed(1)} tokens/s`;
}

/** Of machines: $10.49/h, $2,432.48/h. */
export function perHour(usd: number): string {
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}/h`;
}
