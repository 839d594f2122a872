import type { Gpu } from "../catalog";
import type { TimeValues } from "../coefficients";
import type { Deployment } from "../deployment";
import { quantizedBits } from "../model/weight-format";

/** How the linear layers of a deployment really run: bytes that are read and the rate that is computed at. */
export interface LinearRates {
  readonly bytesPerParameter: number;
  /** Attained, operations per millisecond. */
  readonly flopsPerMs: number;
  /** Attained, bytes per millisecond. */
  readonly bytesPerMs: number;
  /** Attained reading of routed experts. */
  readonly expertBytesPerMs: number;
  /** Same for matrices that stay in 16 bit: lm_head, attention of MXFP4 checkpoints. */
  readonly flopsPerMs16Bit: number;
  readonly bytesPerMs16Bit: number;
  /** Extra kernels of a layer: quantizing activations before a multiplication. */
  readonly quantizesActivations: boolean;
}

const FLOPS_PER_MS_OF_TERAFLOPS = 1e9;
const BYTES_PER_MS_OF_GB_PER_SECOND = 1e6;

/**
 * `(a^p + b^p)^(1/p)`: time of work that is bound by memory or by arithmetic. Infinite p is the textbook roofline
 * max(a, b); real kernels overlap the two only in part.
 */
export function overlapMs(memoryMs: number, computeMs: number, exponent: number): number {
  const larger = Math.max(memoryMs, computeMs);
  if (larger === 0) return 0;
  const ratio = Math.min(memoryMs, computeMs) / larger;
  return larger * (1 + ratio ** exponent) ** (1 / exponent);
}

interface Arithmetic {
  /** Dense peak, TFLOPS. */
  readonly peak: number;
  readonly share: number;
  readonly memoryShare: number;
  readonly expertMemoryShare: number;
  readonly quantizesActivations: boolean;
}

/** Datacenter Blackwell; workstation Blackwell (12.0) is another chip. */
export function isB200({ computeCapability }: Gpu): boolean {
  return computeCapability >= 10 && computeCapability < 12;
}

/** Kernels that unpack weights were written for Ampere; later datacenter cards run them no faster, whatever their memory. */
function unpackedMemoryShare({ gpu }: Deployment, v: TimeValues): number {
  const isCapped = gpu.architecture === "Hopper" || isB200(gpu);
  return isCapped
    ? Math.min(v.bandwidthShareInt4, v.unpackGBPerSecond / gpu.bandwidthGBPerSecond)
    : v.bandwidthShareInt4;
}

/** What a card attains of its memory bandwidth, relative to Hopper. */
function relativeBandwidth({ gpu }: Deployment, v: TimeValues): number {
  return gpu.computeCapability === 8 ? v.a100Bandwidth : 1;
}

/** Weight-only: small weights are read, but the multiplication runs in 16 bit after unpacking. */
function weightOnly(deployment: Deployment, v: TimeValues, unpackShare: number): Arithmetic {
  return {
    peak: deployment.gpu.bf16Teraflops,
    share: v.computeShare16Bit * unpackShare,
    memoryShare: unpackedMemoryShare(deployment, v),
    expertMemoryShare: Math.min(
      v.expertBandwidthShareUnpacked,
      v.expertUnpackGBPerSecond / deployment.gpu.bandwidthGBPerSecond,
    ),
    quantizesActivations: false,
  };
}

/** Below it the experts of MXFP4 go through Marlin, from Hopper on through kernels of their own. */
const MXFP4_KERNELS_SINCE = 9;

function arithmetic(deployment: Deployment, v: TimeValues): Arithmetic {
  const { gpu } = deployment;
  const unpack = gpu.architecture === "Hopper" ? v.unpackShareHopper : v.unpackShare;
  switch (deployment.quantization) {
    case "bf16":
      return {
        peak: gpu.bf16Teraflops,
        share: v.computeShare16Bit,
        memoryShare: v.bandwidthShare16Bit * relativeBandwidth(deployment, v),
        expertMemoryShare: v.expertBandwidthShare,
        quantizesActivations: false,
      };
    case "fp8":
      if (gpu.fp8Teraflops === undefined) return weightOnly(deployment, v, unpack);
      return {
        peak: gpu.fp8Teraflops,
        share: v.computeShare8Bit,
        memoryShare: v.bandwidthShare8Bit * relativeBandwidth(deployment, v),
        expertMemoryShare: v.expertBandwidthShare,
        quantizesActivations: true,
      };
    case "int8-w8a8":
      if (gpu.int8Teraops === undefined) return weightOnly(deployment, v, unpack);
      return {
        peak: gpu.int8Teraops,
        share: v.computeShare8Bit,
        memoryShare: v.bandwidthShare8Bit * relativeBandwidth(deployment, v),
        expertMemoryShare: v.expertBandwidthShare,
        quantizesActivations: true,
      };
    case "int4-w4a16":
      return weightOnly(deployment, v, unpack);
    case "mxfp4":
      if (gpu.computeCapability < MXFP4_KERNELS_SINCE) return weightOnly(deployment, v, unpack);
      if (gpu.fp4Teraflops === undefined) {
        return { ...weightOnly(deployment, v, unpack), expertMemoryShare: v.expertBandwidthShareMxfp4 };
      }
      return {
        // Activations stay at 8 bit or more in the kernels in use, so the FP8 rate bounds them.
        peak: gpu.fp8Teraflops ?? gpu.bf16Teraflops,
        share: v.computeShare8Bit,
        memoryShare: v.bandwidthShareInt4,
        expertMemoryShare: v.expertBandwidthShareMxfp4,
        quantizesActivations: true,
      };
    default:
      return deployment.quantization satisfies never;
  }
}

/** Compute capabilities of cards that a power limit keeps far below their peak: Ada and workstation Blackwell. */
const POWER_LIMITED = new Set([8.9, 12]);

/** Attained share of peak compute of a card, relative to H100. */
export function relativeCompute(deployment: Deployment, v: TimeValues): number {
  return POWER_LIMITED.has(deployment.gpu.computeCapability) ? v.graphicsCardCompute : 1;
}

/** Attained rates of a deployment's linear layers (`reference` shares of peak and bandwidth). */
export function linearRates(deployment: Deployment, v: TimeValues): LinearRates {
  const { gpu } = deployment;
  const bandwidth = gpu.bandwidthGBPerSecond * BYTES_PER_MS_OF_GB_PER_SECOND;
  const chosen = arithmetic(deployment, v);
  const flopsPerMs = FLOPS_PER_MS_OF_TERAFLOPS * relativeCompute(deployment, v);
  return {
    bytesPerParameter: quantizedBits(deployment.quantization, deployment.architecture.checkpointQuantization) / 8,
    flopsPerMs: chosen.peak * flopsPerMs * chosen.share,
    bytesPerMs: bandwidth * chosen.memoryShare,
    expertBytesPerMs: bandwidth * chosen.expertMemoryShare,
    flopsPerMs16Bit: gpu.bf16Teraflops * flopsPerMs * v.computeShare16Bit,
    bytesPerMs16Bit: bandwidth * v.bandwidthShare16Bit * relativeBandwidth(deployment, v),
    quantizesActivations: chosen.quantizesActivations,
  };
}
