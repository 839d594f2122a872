import type { Basis } from "./model/precision";

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

const PLANNER_RUNS = "36 start-ups of vLLM 0.19.0 on H100 (llm-d-planner accuracy campaign, test/calibration)";

/** Constants of the memory model; `scripts/refit.ts` fits those that say so. GiB are 2^30 bytes. */
export const MEMORY_COEFFICIENTS = {
  /** Until 0.16 the profiled sampler sorted the whole vocabulary of every sequence. */
  samplerBytesPerEntrySorting: {
    value: 38,
    unit: "bytes per sequence × vocabulary entry",
    low: 37.5,
    high: 38.5,
    basis: "predicted",
    source: "fit; rows of the sampler in gpu_model_runner.py, _dummy_sampler_run",
    fittedOn: "Qwen3-0.6B, 14B, 32B, Llama-3.1-8B, 3.3-70B, gpt-oss-20b on H100, vLLM 0.11-0.16",
  },
  /** From 0.17 on, without the sort: logits of 2 and 4 bytes and two working copies. */
  samplerBytesPerEntry: {
    value: 14.45,
    unit: "bytes per sequence × vocabulary entry",
    low: 14,
    high: 15.5,
    basis: "predicted",
    source: "fit; rows of the sampler in gpu_model_runner.py, _dummy_sampler_run",
    fittedOn: PLANNER_RUNS,
  },
  /** Model Runner V2 profiles a sampler without top-k, top-p and log probabilities. */
  samplerBytesPerEntryV2: {
    value: 4,
    unit: "bytes per sequence × vocabulary entry",
    low: 2,
    high: 6,
    basis: "assumed",
    source: "vllm/v1/worker/gpu/model_runner.py, _dummy_sampler_run: logits alone",
  },
  /** What the profiled step holds besides its tensors that scale. */
  activationConstantGiB: {
    value: 0.06,
    unit: "GiB",
    low: 0.02,
    high: 0.09,
    basis: "predicted",
    source: "fit",
    fittedOn: PLANNER_RUNS,
  },
  /** An image encoder's outputs and work space while the language model is profiled. */
  towerActivationGiB: {
    value: 0.145,
    unit: "GiB",
    low: 0.03,
    high: 0.24,
    basis: "predicted",
    source: "fit",
    fittedOn: PLANNER_RUNS,
  },
  /**
   * What compiling leaves at the peak: 0.023-0.031 in starts without a compile cache (0.024 between a cold and a warm
   * start of one machine), nothing in warm ones. A request does not say which it is: nearer to cold, which is likelier.
   */
  coldCompileGiBPerLayer: {
    value: 0.02,
    unit: "GiB per layer of the rank",
    low: 0,
    high: 0.031,
    basis: "predicted",
    source: "fit; vLLM 0.27-0.31, cold and warm starts",
    fittedOn:
      "Qwen3-14B on L40S, Qwen3-32B on RTX PRO 6000 and GH200, Llama-3.1-8B on A100 (cold); Qwen3-8B on L4 and A10 (warm)",
  },
  /** CUDA libraries beside torch, one GPU. */
  nonTorchGiBOld: {
    value: 0.13,
    unit: "GiB",
    low: 0.13,
    high: 0.14,
    basis: "measured",
    source: "start-up logs until 0.17, H100",
  },
  /** The same before Hopper, whose libraries keep larger work spaces. */
  nonTorchGiBOldSmall: {
    value: 0.03,
    unit: "GiB",
    low: 0.02,
    high: 0.08,
    basis: "measured",
    source: "start-up logs of 0.7-0.15 on cards of 22-48 GiB: 0.02, 0.02, 0.02, 0.03, 0.05, 0.08",
  },
  nonTorchGiB: {
    value: 0.25,
    unit: "GiB",
    low: 0.24,
    high: 0.46,
    basis: "measured",
    source: "start-up logs of 0.18-0.30",
  },
  /** The same before Hopper: as much less as until 0.17. */
  nonTorchGiBSmall: {
    value: 0.15,
    unit: "GiB",
    low: 0.05,
    high: 0.25,
    basis: "predicted",
    source: "start-up logs of 0.27 and 0.30 on L4 and A10: 0.05-0.3, once the sampler's state is counted",
  },
  /**
   * Model Runner V2 keeps a table of penalties: how often each sequence has had each entry of the vocabulary (4 bytes),
   * and whether its prompt had it (a bit).
   */
  samplerStateBytesPerEntryV2: {
    value: 4.125,
    unit: "bytes per sequence × vocabulary entry",
    low: 4,
    high: 4.25,
    basis: "published",
    source: "vllm/v1/worker/gpu/sample/penalties.py, PenaltiesState: output_bin_counts, prompt_bin_mask",
  },
  /** Added by NCCL and the custom all-reduce when ranks are linked by NVLink. */
  nonTorchTensorParallelGiBOld: {
    value: 0.42,
    unit: "GiB",
    low: 0.41,
    high: 0.42,
    basis: "measured",
    source: "start-up logs until 0.18, H100",
  },
  nonTorchTensorParallelGiB: {
    value: 1.84,
    unit: "GiB",
    low: 1.82,
    high: 1.96,
    basis: "measured",
    source: "start-up logs of 0.19, H100: 2.07-2.11 in all at TP2",
  },
  /** The same since 0.25. */
  nonTorchTensorParallelGiBRecent: {
    value: 1.33,
    unit: "GiB",
    low: 1.2,
    high: 1.9,
    basis: "published",
    source: "start-up logs of 0.28 on eight H200 (1.74 in all) and of August 2026 on four B300 (1.63)",
  },
  /** Every doubling of the ranks beyond two. */
  nonTorchGiBPerDoubling: {
    value: 0.07,
    unit: "GiB",
    low: 0.04,
    high: 0.12,
    basis: "measured",
    source: "start-up logs of 0.19, H100: 2.13-2.21 at TP4",
  },
  /** Over PCIe there is no custom all-reduce and NCCL takes less. */
  nonTorchTensorParallelPcieGiB: {
    value: 0.15,
    unit: "GiB",
    low: 0,
    high: 0.3,
    basis: "predicted",
    source: "start-up logs on two L40S (0.7.1) and two RTX A6000 (0.30)",
  },
  /** The last pipeline stage: most libraries are loaded before the engine takes its first snapshot. */
  nonTorchPipelineGiB: {
    value: 0.07,
    unit: "GiB",
    low: 0.05,
    high: 0.28,
    basis: "measured",
    source: "one start-up of 0.19, H100, PP2",
  },
  graphPoolGiB: {
    value: 0.42,
    unit: "GiB",
    low: 0.2,
    high: 0.6,
    basis: "predicted",
    source: "fit",
    fittedOn: PLANNER_RUNS,
  },
  graphPoolGiBPerLayer: {
    value: 0.0155,
    unit: "GiB per layer of the rank at 51 capture sizes",
    low: 0.01,
    high: 0.02,
    basis: "predicted",
    source: "fit",
    fittedOn: PLANNER_RUNS,
  },
  graphPoolGiBPerLayerV2: {
    value: 0.0067,
    unit: "GiB per layer of the rank at 256 sequences, growing with their square root",
    low: 0.006,
    high: 0.0075,
    basis: "predicted",
    source: "start-up logs of 0.29 and 0.30: 0.23 GiB (36 layers), 0.27 (40), at 1024 sequences 0.83 (64)",
  },
  /** The estimate that the engine subtracts is larger than the pool it builds. */
  graphEstimateFactor: {
    value: 1.87,
    unit: "estimate / pool",
    low: 1.8,
    high: 1.95,
    basis: "measured",
    source: "start-up logs of 0.29 and 0.30: 0.43 / 0.23, 0.51 / 0.27, 0.54 / 0.29",
  },
} satisfies Readonly<Record<string, Coefficient>>;

export type MemoryCoefficientName = keyof typeof MEMORY_COEFFICIENTS;

/** Plain numbers of the memory model, so that a refit can try others. */
export type MemoryValues = Readonly<Record<MemoryCoefficientName, number>>;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries forgets the names of the keys
export const MEMORY_VALUES = Object.fromEntries(
  Object.entries(MEMORY_COEFFICIENTS).map(([name, coefficient]) => [name, coefficient.value]),
) as MemoryValues;

// ---- TIME ----

/** Constants of the time model; `scripts/refit-time.ts` fits those that say so. */
export const TIME_COEFFICIENTS = {
  /** Reading 16-bit weights in a multiplication of few tokens. */
  bandwidthShare16Bit: {
    value: 0.838,
    unit: "share of bandwidth",
    low: 0.7,
    high: 0.95,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** Reading 8-bit weights. */
  bandwidthShare8Bit: {
    value: 0.746,
    unit: "share of bandwidth",
    low: 0.6,
    high: 0.95,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "8 runs of Qwen3-8B FP8 (0.30), 3 single streams in FP8 and INT8 (0.7.2)",
  },
  /** Reading 4-bit weights, unpacked on the fly: 3.1-3.2 times FP16 where the bytes alone allow 3.9. */
  bandwidthShareInt4: {
    value: 0.78,
    unit: "share of bandwidth",
    low: 0.6,
    high: 0.9,
    basis: "published",
    source: "vllm#2497",
  },
  /** Reading 16- and 8-bit weights on A100 over the same on Hopper. */
  a100Bandwidth: {
    value: 0.94,
    unit: "1",
    low: 0.88,
    high: 1,
    basis: "published",
    source:
      "single streams in 16 bit: a 32B 43.0 ms (Red Hat), Llama-3.1-8B 11.4 (0.31) and, on A100-40, 13.4 (0.23), Qwen3-1.7B 4.6-5.0 and 30B-A3B 9.6 (tt-inference-server#340)",
  },
  /** Pace at which INT4 weights of dense layers are unpacked on Hopper and later, whatever the bandwidth of the card. */
  unpackGBPerSecond: {
    value: 1600,
    unit: "GB/s on 132 multiprocessors",
    low: 1400,
    high: 2600,
    basis: "published",
    source:
      "one stream of a 32B: 4.1 s for 256 tokens on H100 (Red Hat), 21.0 ms on H20, which has H200's memory and 78 multiprocessors (Qwen speed benchmark): no faster than on A100",
  },
  /** Reading keys and values in decode attention. */
  bandwidthShareKv: {
    value: 0.918,
    unit: "share of bandwidth",
    low: 0.7,
    high: 0.98,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** 16-bit multiplications of many tokens. */
  computeShare16Bit: {
    value: 0.652,
    unit: "share of dense peak",
    low: 0.45,
    high: 0.8,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** 8-bit multiplications of many tokens, activations quantized before. */
  computeShare8Bit: {
    value: 0.487,
    unit: "share of dense peak",
    low: 0.35,
    high: 0.7,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "8 runs of Qwen3-8B FP8 (0.30)",
  },
  /** Attention of prompts. */
  computeShareAttention: {
    value: 0.355,
    unit: "share of dense 16-bit peak",
    low: 0.2,
    high: 0.6,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** Compute of power-limited cards with graphics memory (L4, L40S, RTX PRO 6000) over that of H100, both as shares of peak. */
  graphicsCardCompute: {
    value: 0.75,
    unit: "1",
    low: 0.5,
    high: 1,
    basis: "published",
    source: "BLIS roofline settings: prefill share 0.32 on L40S, 0.45 on H100",
  },
  /** Weight-only multiplication of many tokens: 0.60-0.74 in kernels (Marlin), 0.78-1.02 in whole saturated runs on A100. */
  unpackShare: {
    value: 0.75,
    unit: "share of the 16-bit rate",
    low: 0.6,
    high: 0.9,
    basis: "published",
    source: "vllm#2497, GPUStack and Red Hat runs (reference: INT4 over 16 bit at saturation)",
  },
  /** The same with Hopper's own kernel (Machete): whole saturated runs give 1.02-1.47 times 16 bit, with more KV room. */
  unpackShareHopper: {
    value: 0.9,
    unit: "share of the 16-bit rate",
    low: 0.65,
    high: 1.05,
    basis: "published",
    source: "GPUStack and Red Hat runs on H100",
  },
  /** p in (memory^p + compute^p)^(1/p). */
  overlapExponent: {
    value: 1.9,
    unit: "1",
    low: 1,
    high: 3,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** Reading the routed experts in 16 and 8 bit, each by few tokens (Triton kernels). */
  expertBandwidthShare: {
    value: 0.85,
    unit: "share of bandwidth",
    low: 0.75,
    high: 0.95,
    basis: "published",
    source:
      "fused_moe of vLLM 0.20, kernels alone: 16 bit 0.85-0.94 on H100 and 0.82-0.86 on A100, block FP8 0.90 on H100 (ai-dynamo/aiconfigurator, campaign_checkpoints/*/moe_perf.txt)",
  },
  /** Pace at which experts of 4 or 8 bit are unpacked before a 16-bit multiplication (Marlin), whatever the card. */
  expertUnpackGBPerSecond: {
    value: 450,
    unit: "GB/s",
    low: 250,
    high: 950,
    basis: "published",
    source:
      "marlin_int4_moe of vLLM 0.20, kernels alone: 410-950 on H100, 250-290 on A100, 650 on B200 (the same files); gpt-oss-120b on A100, 88-90 tokens a second (vllm#22331)",
  },
  /** The same where the card's memory is slower than that. */
  expertBandwidthShareUnpacked: {
    value: 0.5,
    unit: "share of bandwidth",
    low: 0.3,
    high: 0.8,
    basis: "assumed",
    source: "assumed",
  },
  /** The same for MXFP4 where the card has kernels of its own, from Hopper on. */
  expertBandwidthShareMxfp4: {
    value: 0.74,
    unit: "share of bandwidth",
    low: 0.5,
    high: 0.85,
    basis: "published",
    source: "gpt-oss-120b on H100, 64 clients: TP2 15.2, TP4 9.9, TP8 7.4 ms per token (SemiAnalysisAI/InferenceX#828)",
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
  /** `overlapExponent` of routed experts: tiles that are half empty overlap less. */
  expertOverlapExponent: {
    value: 1.4,
    unit: "1",
    low: 1.2,
    high: 1.9,
    basis: "published",
    source:
      "fused_moe of vLLM 0.20, 512 to 8,192 tokens, kernels alone: 1.2-1.3 on A100 in 16 bit, 1.5 on H100 in FP8 (ai-dynamo/aiconfigurator, campaign_checkpoints/*/moe_perf.txt)",
  },
  /** How far the tokens of a batch choose experts independently of each other. */
  routingIndependence: {
    value: 0.8,
    unit: "1",
    low: 0.4,
    high: 1,
    basis: "published",
    source:
      "loads of experts fall as a power of 1.2 (Qwen3-235B) to 1.01 (DeepSeek-R1: nearly even), aiconfigurator docs/POWER_LAW_DISTRIBUTION.md; DeepSeek-R1 on eight H200, 8 to 64 clients (InferenceX#870)",
  },
  /** Router, sort and gather of a mixture layer. */
  expertRoutingMs: {
    value: 0.03,
    unit: "ms per layer",
    low: 0.01,
    high: 0.08,
    basis: "published",
    source:
      "kernels of one token: 0.012-0.05 ms beyond reading its experts (the same files), 0.03 ms (Tencent/hpc-ops#41)",
  },
  /** Norms, rotary, gate and residual traffic of a layer. */
  activationBytesPerHidden: {
    value: 8,
    unit: "bytes per token, layer and hidden unit",
    low: 8,
    high: 50,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** Kernels of a layer that do not depend on the batch. */
  fixedMsPerLayer: {
    value: 0.0179,
    unit: "ms",
    low: 0.01,
    high: 0.05,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** Further kernels of a latent attention layer when decoding: two compressions, their norms, absorbed projections. */
  latentMsPerLayer: {
    value: 0.03,
    unit: "ms",
    low: 0.01,
    high: 0.07,
    basis: "assumed",
    source:
      "assumed: about seven kernels of 4 us; DeepSeek-R1 on eight H200, 8 clients, 12.8 ms (InferenceX#870, SGLang)",
  },
  /** Kernels that no bandwidth bounds take longer on Ampere, at 1.41 GHz instead of 1.8-2.0. */
  ampereLatency: {
    value: 1.3,
    unit: "times that of Hopper",
    low: 1.1,
    high: 1.5,
    basis: "published",
    source:
      "clocks of the datasheets; an all-reduce of 128 bytes 5.0 against 4.4 us, one token through small experts 56 against 39 us (aiconfigurator, campaign_checkpoints)",
  },
  /** Kernels that quantize activations. */
  quantizeMsPerLayer: {
    value: 0.0073,
    unit: "ms",
    low: 0,
    high: 0.03,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "8 runs of Qwen3-8B FP8 (0.30), 3 single streams in FP8 and INT8 (0.7.2)",
  },
  /** Kernels around an unpacking multiplication that do not depend on the batch. */
  unpackMsPerLayer: {
    value: 0.015,
    unit: "ms",
    low: 0,
    high: 0.05,
    basis: "assumed",
    source: "32B INT4 on RTX PRO 6000 14.2 ms",
  },
  /** Further cost of INT4 and INT8 layers before the V1 engine and its compiled graphs (vLLM below 0.8). */
  legacyQuantizedMsPerLayer: {
    value: 0.024,
    unit: "ms",
    low: 0,
    high: 0.1,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "6 single streams in INT4 and INT8 (0.7.2)",
  },
  /** Launching the kernels of a layer one by one, without graphs; the GPU works meanwhile. */
  eagerMsPerLayer: {
    value: 0.45,
    unit: "ms",
    low: 0.2,
    high: 0.6,
    basis: "published",
    source: "Qwen3-14B AWQ on A100 with enforce-eager, one stream, 20.6 ms (vllm#20469)",
  },
  /** Latency of an all-reduce over NVLink. */
  allReduceBaseMs: {
    value: 0.000207,
    unit: "ms",
    low: 0,
    high: 0.015,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "65 runs at TP 2, 4 and 8 on H100",
  },
  /** Further latency of an all-reduce over NVLink. */
  allReducePerHopMs: {
    value: 0.00457,
    unit: "ms per doubling of GPUs",
    low: 0,
    high: 0.02,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "65 runs at TP 2, 4 and 8 on H100",
  },
  /** What an all-reduce takes longer on B200. */
  allReduceBlackwellMs: {
    value: 0.0026,
    unit: "ms",
    low: 0.002,
    high: 0.003,
    basis: "published",
    source:
      "custom all-reduce of vLLM 0.20 in graphs: 7.0-7.4 us on B200, 4.4-4.7 on H100 (aiconfigurator, campaign_checkpoints/*/custom_allreduce_perf.txt)",
  },
  /** Share of NVLink that B200 attains, over that of H100: its link is twice as fast, large messages 1.5 to 1.75 times. */
  nvlinkBlackwell: {
    value: 0.8,
    unit: "1",
    low: 0.75,
    high: 0.9,
    basis: "published",
    source: "the same files, 134 MB over 2, 4 and 8 cards: 0.53, 0.68, 0.71 ms on B200, 0.89, 1.18, 1.09 on H100",
  },
  /** Attained NVLink bandwidth of an all-reduce. */
  nvlinkShare: {
    value: 0.669,
    unit: "share of one direction",
    low: 0.45,
    high: 0.95,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "65 runs at TP 2, 4 and 8 on H100",
  },
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
    value: 23.2,
    unit: "bytes",
    low: 6,
    high: 40,
    basis: "published",
    source: "performance.md 5.1",
  },
  /** Scheduling and output handling between steps, before 0.14. */
  hostMsPerStepSync: {
    value: 1.7,
    unit: "ms",
    low: 0.3,
    high: 3,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "84 runs of 0.7-0.12",
  },
  /** The part of it that grows with the batch. */
  hostMsPerSequenceSync: {
    value: 0.0462,
    unit: "ms per sequence",
    low: 0,
    high: 0.06,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "84 runs of 0.7-0.12",
  },
  /** What asynchronous scheduling leaves visible, from 0.14 on. */
  hostMsPerStepAsync: {
    value: 0.593,
    unit: "ms",
    low: 0.1,
    high: 1,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "25 runs of 0.15 and 0.30",
  },
  /** The part of it that grows with the batch. */
  hostMsPerSequenceAsync: {
    value: 0.00252,
    unit: "ms per sequence",
    low: 0,
    high: 0.006,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "25 runs of 0.15 and 0.30",
  },
  /**
   * What a sequence beyond 256 adds to a step: their streams, block tables and output rows are handled one by one in
   * Python, in the engine, the API server and the client.
   */
  hostMsPerSequenceInCrowd: {
    value: 0.06,
    unit: "ms per sequence",
    low: 0.03,
    high: 0.1,
    basis: "published",
    source:
      "1,000 requests of ShareGPT at once, vLLM 0.9-0.11 (GPUStack's lab): Qwen3-8B on H100 and A100 in 16, 8 and 4 bit, Qwen3-235B on four and eight H100, gpt-oss-120b on two and four",
  },
  /** HTTP, templating and hand-over of a request before the engine sees it. */
  requestMs: {
    value: 7.19,
    unit: "ms",
    low: 1,
    high: 20,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** Work of the API server on a request apart from tokenizing; one request after the other. */
  parseMs: {
    value: 1,
    unit: "ms",
    low: 0.2,
    high: 5,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** Tokenizing a prompt; one request after the other. */
  tokenizeMsPerThousand: {
    value: 1.8,
    unit: "ms per 1,000 tokens",
    low: 0.5,
    high: 6,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** Work of the API server, one process, on a streamed token: a step has as many tokens as sequences run. */
  detokenizeMsPerToken: {
    value: 0.04,
    unit: "ms per token",
    low: 0.03,
    high: 0.065,
    basis: "published",
    source:
      "most tokens a second of one engine: 21,700 (Nemotron Nano on B200, 256 clients), 15,900 (Qwen3-8B FP8 on H100, 256 clients); gpt-oss-120b on four H100, 1,000 requests at once: 56 ms a token where its GPUs need 29 (GPUStack's lab)",
  },
  /** From the end of the step to the client's clock. */
  responseMs: {
    value: 5.48,
    unit: "ms",
    low: 0,
    high: 12,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "98 runs of vLLM 0.11-0.30 on H100 and L40S, 11 single streams of 0.7.2 on A100 and H100",
  },
  /** Prompt tokens that a step takes beyond one whole prompt when many requests arrive at once. */
  extraPromptTokens: {
    value: 234,
    unit: "tokens",
    low: 0,
    high: 800,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "56 closed-loop runs with fixed lengths (0.12)",
  },
  /** Share of a prompt that prefix caching finds in open-loop traffic, which is conversations rather than random prompts. */
  openLoopSharedPrefix: {
    value: 0.517,
    unit: "share of the prompt",
    low: 0.4,
    high: 1,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "7 open-loop runs (0.15)",
  },
  /** Standard deviation over mean of answers whose mean is no whole number, so that they do vary. */
  varyingLengthSpread: {
    value: 0.221,
    unit: "1",
    low: 0.2,
    high: 0.6,
    basis: "predicted",
    source: "fit of scripts/refit-time.ts",
    fittedOn: "14 runs with varying lengths (0.11)",
  },
} satisfies Readonly<Record<string, Coefficient>>;

export type TimeCoefficientName = keyof typeof TIME_COEFFICIENTS;

/** Plain numbers of the time model, so that a refit can try others. */
export type TimeValues = Readonly<Record<TimeCoefficientName, number>>;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries forgets the names of the keys
export const TIME_VALUES = Object.fromEntries(
  Object.entries(TIME_COEFFICIENTS).map(([name, coefficient]) => [name, coefficient.value]),
) as TimeValues;
