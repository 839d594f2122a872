import type { Deployment } from "../deployment";

/** Factors on a predicted value between which the truth lies about nine times in ten. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

export interface TimeErrorBands {
  readonly ttft: Band;
  readonly tpot: Band;
  readonly itl: Band;
  readonly endToEnd: Band;
  readonly throughput: Band;
}

/**
 * Errors that nine in ten runs stay below when the whole source that measured them is left out of the fit
 * (`scripts/refit-time.ts --cross-validate`), rounded up. Elsewhere, where only data sheets and kernels stand behind a
 * prediction, two to three times as much is assumed; TTFT hangs less on the card than on how requests arrive.
 */
const HALF_WIDTHS = {
  predicted: { ttft: 0.45, tpot: 0.1, itl: 0.1, endToEnd: 0.15, throughput: 0.12 },
  extrapolated: { ttft: 0.6, tpot: 0.25, itl: 0.25, endToEnd: 0.3, throughput: 0.3 },
} as const;

/** Whether measured runs stand behind a prediction of time: H100 in 16 and 8 bit, with plain attention and MLP. */
export function timeBasis({ gpu, quantization, architecture }: Deployment): "predicted" | "extrapolated" {
  const isMeasuredCard = gpu.name === "H100-SXM5-80GB" && (quantization === "bf16" || quantization === "fp8");
  const isMeasuredShape = architecture.layerGroups.every(
    ({ attention, mlp }) => attention.kind === "grouped-query" && mlp.kind === "dense",
  );
  return isMeasuredCard && isMeasuredShape ? "predicted" : "extrapolated";
}

/** How far predictions of time for a deployment may be off. */
export function timeErrorBands(deployment: Deployment): TimeErrorBands {
  const widths = HALF_WIDTHS[timeBasis(deployment)];
  return {
    ttft: band(widths.ttft),
    tpot: band(widths.tpot),
    itl: band(widths.itl),
    endToEnd: band(widths.endToEnd),
    throughput: band(widths.throughput),
  };
}

/** Of the time to the first token behind what is thought, of which a share is the time to the first token. */
export function firstAnswerBand({ ttft, tpot }: TimeErrorBands, ttftShare: number): Band {
  const share = Math.min(1, Math.max(0, ttftShare));
  const between = (first: number, rest: number): number => share * first + (1 - share) * rest;
  return { low: between(ttft.low, tpot.low), high: between(ttft.high, tpot.high) };
}

/** As much by division as by multiplication, so that the low end stays above zero. */
function band(halfWidth: number): Band {
  return { low: 1 / (1 + halfWidth), high: 1 + halfWidth };
}
