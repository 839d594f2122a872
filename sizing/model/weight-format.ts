import type { CheckpointQuantization } from "./architecture";
import type { Quantization } from "./precision";

const BITS_16 = 16;
/** A scale of 16 bit and, with zero points, 4 bit more for every group of weights. */
const SCALE_BITS = 16;
const FP32_BITS = 32;
const DEFAULT_GROUP = 128;
/** MXFP4: 32 weights of 4 bit share a scale of 8 bit (OCP microscaling formats 1.0). */
const MXFP4_BITS = 4 + 8 / 32;
/** A scale of 32 bit for every output channel is counted as one for this many inputs at least. */
const CHANNEL_INPUTS = 4096;

/** Mean bits of one weight of a matrix that is quantized, scales and zero points counted. */
export function quantizedBits(quantization: Quantization, checkpoint: CheckpointQuantization | undefined): number {
  const block = checkpoint?.blockShape;
  const bits: Readonly<Record<Quantization, number>> = {
    bf16: BITS_16,
    fp8: 8 + FP32_BITS / (block ? block[0] * block[1] : CHANNEL_INPUTS),
    "int8-w8a8": 8 + FP32_BITS / CHANNEL_INPUTS,
    "int4-w4a16": int4Bits(checkpoint),
    mxfp4: MXFP4_BITS,
  };
  return bits[quantization];
}

/** AWQ g128 with zero points (4.156 bit) unless the checkpoint says otherwise; symmetric GPTQ has none (4.125 bit). */
function int4Bits(checkpoint: CheckpointQuantization | undefined): number {
  const fourBit = isFourBit(checkpoint) ? checkpoint : undefined;
  const group = fourBit?.groupSize ?? DEFAULT_GROUP;
  const inputs = group > 0 ? group : CHANNEL_INPUTS;
  const zeroPointBits = (fourBit?.zeroPoints ?? true) ? 4 : 0;
  return 4 + (SCALE_BITS + zeroPointBits) / inputs;
}

function isFourBit(checkpoint: CheckpointQuantization | undefined): boolean {
  if (checkpoint === undefined) return false;
  return checkpoint.bits === 4 || (checkpoint.bits === undefined && ["awq", "gptq"].includes(checkpoint.method));
}
