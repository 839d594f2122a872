import type { Basis } from "./precision";

/** A constant that no datasheet states: what it stands for, in what unit, how it is known and how far it may lie. */
export interface Coefficient {
  readonly value: number;
  readonly unit: string;
  /** Range that still agrees with the evidence. */
  readonly low: number;
  readonly high: number;
  readonly basis: Basis;
  /** Where the number comes from: a document, a source file or the fit of `scripts/refit.ts`. */
  readonly source: string;
  /** Which measured runs it was fitted on; absent for what is not fitted. */
  readonly fittedOn?: string;
}

// ---- MEMORY ----

// ---- TIME ----

/** Constants of the time model; `scripts/refit-time.ts` fits those that say so. */
export const TIME_COEFFICIENTS = {
  /** Reading 16-bit weights in a multiplication of few tokens. */
  bandwidthShare16Bit: {
    value: 0.85,
    unit: "share of bandwidth",
    low: 0.7,
    high: 0.95,
    basis: "predicted",
    source: "fit",
  },
  /** Reading 8-bit weights. */
  bandwidthShare8Bit: {
    value: 0.8,
    unit: "share of bandwidth",
    low: 0.6,
    high: 0.95,
    basis: "predicted",
    source: "fit",
  },
  /** Reading 4-bit weights, unpacked on the fly: 3.1-3.2 times FP16 where the bytes alone allow 3.9. */
  bandwidthShareInt4: {
    value: 0.7,
    unit: "share of bandwidth",
    low: 0.45,
    high: 0.85,
    basis: "published",
    source: "vllm#2497",
  },
  /** Reading keys and values in decode attention. */
  bandwidthShareKv: {
    value: 0.85,
    unit: "share of bandwidth",
    low: 0.6,
    high: 0.95,
    basis: "predicted",
    source: "fit",
  },
  /** 16-bit multiplications of many tokens. */
  computeShare16Bit: {
    value: 0.65,
    unit: "share of dense peak",
    low: 0.45,
    high: 0.8,
    basis: "predicted",
    source: "fit",
  },
  /** 8-bit multiplications of many tokens, activations quantized before. */
  computeShare8Bit: {
    value: 0.5,
    unit: "share of dense peak",
    low: 0.35,
    high: 0.7,
    basis: "predicted",
    source: "fit",
  },
  /** Attention of prompts. */
  computeShareAttention: {
    value: 0.4,
    unit: "share of dense 16-bit peak",
    low: 0.2,
    high: 0.7,
    basis: "predicted",
    source: "fit",
  },
  /** Weight-only multiplication of many tokens: 0.60-0.74 of FP16 from 256 rows on (Marlin). */
  unpackShare: {
    value: 0.65,
    unit: "share of the 16-bit rate",
    low: 0.55,
    high: 0.8,
    basis: "published",
    source: "vllm#2497",
  },
  /** The same with Hopper's own kernel (Machete): INT4 saturates at 1.02 times BF16 with more KV room. */
  unpackShareHopper: {
    value: 0.8,
    unit: "share of the 16-bit rate",
    low: 0.65,
    high: 1,
    basis: "published",
    source: "GPUStack, Red Hat model cards",
  },
  /** p in (memory^p + compute^p)^(1/p). */
  overlapExponent: { value: 2, unit: "1", low: 1, high: 6, basis: "predicted", source: "fit" },
  /** Reading the routed experts, each by few tokens. */
  expertBandwidthShare: {
    value: 0.8,
    unit: "share of the dense rate",
    low: 0.5,
    high: 1,
    basis: "assumed",
    source: "assumed: grouped kernels reach less",
  },
  /** Multiplying with the routed experts: rows are padded to a tile an expert. */
  expertComputeShare: {
    value: 0.6,
    unit: "share of the dense rate",
    low: 0.3,
    high: 0.9,
    basis: "assumed",
    source: "assumed",
  },
  /** Router, sort and gather of a mixture layer. */
  expertRoutingMs: { value: 0.03, unit: "ms per layer", low: 0.01, high: 0.08, basis: "assumed", source: "assumed" },
  /** Norms, rotary, gate and residual traffic of a layer. */
  activationBytesPerHidden: {
    value: 40,
    unit: "bytes per token, layer and hidden unit",
    low: 10,
    high: 80,
    basis: "predicted",
    source: "fit",
  },
  /** Kernels of a layer that do not depend on the batch. */
  fixedMsPerLayer: { value: 0.025, unit: "ms", low: 0.01, high: 0.05, basis: "predicted", source: "fit" },
  /** Kernels that quantize activations. */
  quantizeMsPerLayer: { value: 0.01, unit: "ms", low: 0, high: 0.03, basis: "predicted", source: "fit" },
  /** Kernels around an unpacking multiplication that do not depend on the batch. */
  unpackMsPerLayer: {
    value: 0.015,
    unit: "ms",
    low: 0,
    high: 0.05,
    basis: "assumed",
    source: "32B INT4 on RTX PRO 6000 14.2 ms",
  },
  /** Further cost of quantized layers before the V1 engine and its compiled graphs (vLLM below 0.8). */
  legacyQuantizedMsPerLayer: { value: 0.045, unit: "ms", low: 0, high: 0.1, basis: "predicted", source: "fit" },
  /** Launching the kernels of a layer one by one, without graphs: about 12 launches of 10-15 us. */
  eagerMsPerLayer: { value: 0.15, unit: "ms", low: 0.05, high: 0.3, basis: "assumed", source: "assumed" },
  /** Latency of an all-reduce over NVLink. */
  allReduceBaseMs: { value: 0.008, unit: "ms", low: 0, high: 0.03, basis: "predicted", source: "fit" },
  /** Further latency of an all-reduce over NVLink. */
  allReducePerHopMs: {
    value: 0.004,
    unit: "ms per doubling of GPUs",
    low: 0,
    high: 0.02,
    basis: "predicted",
    source: "fit",
  },
  /** Attained NVLink bandwidth of an all-reduce. */
  nvlinkShare: { value: 0.7, unit: "share of one direction", low: 0.3, high: 0.95, basis: "predicted", source: "fit" },
  /** Latency of an all-reduce over PCIe. */
  pcieAllReducePerHopMs: {
    value: 0.03,
    unit: "ms per doubling of GPUs",
    low: 0.015,
    high: 0.08,
    basis: "assumed",
    source: "assumed: NCCL small messages 25-60 us",
  },
  /** Attained PCIe bandwidth. */
  pcieShare: {
    value: 0.7,
    unit: "share of one direction",
    low: 0.4,
    high: 0.85,
    basis: "assumed",
    source: "assumed: NCCL reaches 20-25 of 32 GB/s on Gen4",
  },
  /** Handing a batch to the next pipeline stage. */
  stageTransferLatencyMs: { value: 0.05, unit: "ms", low: 0.02, high: 0.3, basis: "assumed", source: "assumed" },
  /** Traffic of sampling per row and vocabulary entry: fp32 copy, softmax, sort. */
  samplerBytesPerLogit: {
    value: 20,
    unit: "bytes",
    low: 8,
    high: 60,
    basis: "published",
    source: "performance.md 5.1",
  },
  /** Scheduling and output handling between steps, before 0.14. */
  hostMsPerStepSync: { value: 1.5, unit: "ms", low: 0.3, high: 4, basis: "predicted", source: "fit" },
  /** The part of it that grows with the batch. */
  hostMsPerSequenceSync: {
    value: 0.015,
    unit: "ms per sequence",
    low: 0,
    high: 0.04,
    basis: "predicted",
    source: "fit",
  },
  /** What asynchronous scheduling leaves visible, from 0.14 on. */
  hostMsPerStepAsync: { value: 0.4, unit: "ms", low: 0.1, high: 1.5, basis: "predicted", source: "fit" },
  /** The part of it that grows with the batch. */
  hostMsPerSequenceAsync: {
    value: 0.002,
    unit: "ms per sequence",
    low: 0,
    high: 0.02,
    basis: "predicted",
    source: "fit",
  },
  /** HTTP, templating and hand-over of a request before the engine sees it. */
  requestMs: { value: 12, unit: "ms", low: 1, high: 40, basis: "predicted", source: "fit" },
  /** Work of the API server on a request apart from tokenizing; one request after the other. */
  parseMs: { value: 1, unit: "ms", low: 0.2, high: 5, basis: "predicted", source: "fit" },
  /** Tokenizing a prompt; one request after the other. */
  tokenizeMsPerThousand: {
    value: 2,
    unit: "ms per 1,000 tokens",
    low: 0.5,
    high: 6,
    basis: "predicted",
    source: "fit",
  },
  /** Front-end work per streamed token; bounds small models at large batches. */
  detokenizeMsPerToken: {
    value: 0.012,
    unit: "ms per token",
    low: 0.003,
    high: 0.03,
    basis: "assumed",
    source: "assumed",
  },
  /** From the end of the step to the client's clock. */
  responseMs: { value: 3, unit: "ms", low: 0, high: 20, basis: "predicted", source: "fit" },
  /** Prompt tokens that a step takes beyond one whole prompt when many requests arrive at once. */
  extraPromptTokens: { value: 500, unit: "tokens", low: 0, high: 1500, basis: "predicted", source: "fit" },
  /** Share of a prompt that prefix caching finds in open-loop traffic, which is conversations rather than random prompts. */
  openLoopSharedPrefix: {
    value: 0.85,
    unit: "share of the prompt",
    low: 0.3,
    high: 1,
    basis: "predicted",
    source: "fit",
  },
  /** Standard deviation over mean of answers whose mean is no whole number, so that they do vary. */
  varyingLengthSpread: {
    value: 0.4,
    unit: "1",
    low: 0.2,
    high: 1,
    basis: "assumed",
    source: "GPQA run: 59 of 64 requests fit the pool",
  },
} satisfies Readonly<Record<string, Coefficient>>;

export type TimeCoefficientName = keyof typeof TIME_COEFFICIENTS;

/** Plain numbers of the time model, so that a refit can try others. */
export type TimeValues = Readonly<Record<TimeCoefficientName, number>>;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries forgets the names of the keys
export const TIME_VALUES = Object.fromEntries(
  Object.entries(TIME_COEFFICIENTS).map(([name, coefficient]) => [name, coefficient.value]),
) as TimeValues;
