import type { Gpu } from "../../sizing/catalog";
import type { Deployment, ReplicaLoad } from "../../sizing/deployment";
import type { ModelArchitecture } from "../../sizing/model/architecture";

/** Qwen3-32B, from its config.json. */
export const QWEN3_32B: ModelArchitecture = {
  modelType: "qwen3",
  hiddenSize: 5120,
  vocabularySize: 151936,
  layerGroups: [
    {
      count: 64,
      attention: {
        kind: "grouped-query",
        queryHeads: 64,
        kvHeads: 8,
        headDim: 128,
        projectionBias: false,
        headNorm: true,
      },
      mlp: { kind: "dense", intermediateSize: 25600, gated: true },
    },
  ],
  tiedEmbeddings: false,
  maxPositionEmbeddings: 40960,
  towerParameters: 0,
};

/** Qwen3-30B-A3B: 128 experts, 8 a token. */
export const QWEN3_30B_A3B: ModelArchitecture = {
  ...QWEN3_32B,
  modelType: "qwen3_moe",
  hiddenSize: 2048,
  layerGroups: [
    {
      count: 48,
      attention: {
        kind: "grouped-query",
        queryHeads: 32,
        kvHeads: 4,
        headDim: 128,
        projectionBias: false,
        headNorm: true,
      },
      mlp: {
        kind: "mixture",
        experts: 128,
        expertsPerToken: 8,
        expertIntermediateSize: 768,
        sharedIntermediateSize: 0,
        gated: true,
      },
    },
  ],
};

export const H100: Gpu = {
  name: "H100-SXM5-80GB",
  architecture: "Hopper",
  computeCapability: 9,
  bf16Teraflops: 989.4,
  fp8Teraflops: 1978.9,
  int8Teraops: 1978.9,
  bandwidthGBPerSecond: 3350,
  nominalGB: 80,
  usableGiB: 79.18,
  usableBasis: "measured",
  link: { kind: "nvlink", gigabytesPerSecond: 900 },
  source: "data sheet",
  date: "2026-11-22",
};

export const A100: Gpu = {
  name: "A100-SXM4-80GB",
  architecture: "Ampere",
  computeCapability: 8,
  bf16Teraflops: 312,
  int8Teraops: 624,
  bandwidthGBPerSecond: 2039,
  nominalGB: 80,
  usableGiB: 79.1,
  usableBasis: "assumed",
  link: { kind: "nvlink", gigabytesPerSecond: 600 },
  source: "data sheet",
  date: "2026-11-22",
};

export const L40S: Gpu = {
  name: "L40S",
  architecture: "Ada",
  computeCapability: 8.9,
  bf16Teraflops: 362.05,
  fp8Teraflops: 733,
  int8Teraops: 733,
  bandwidthGBPerSecond: 864,
  nominalGB: 48,
  usableGiB: 44.4,
  usableBasis: "measured",
  link: { kind: "pcie", gigabytesPerSecond: 64 },
  source: "data sheet",
  date: "2026-11-22",
};

/** Qwen3-32B in 16 bit on two H100, engine defaults; any field can be replaced. */
export function deploymentWith(change: Partial<Deployment> = {}): Deployment {
  return {
    architecture: QWEN3_32B,
    gpu: H100,
    link: (change.gpu ?? H100).link,
    quantization: "bf16",
    tensorParallel: 2,
    pipelineParallel: 1,
    engine: { name: "vllm", version: "0.33.0" },
    gpuMemoryUtilization: 0.92,
    maxModelLen: 40960,
    maxNumSeqs: 1024,
    maxNumBatchedTokens: 8192,
    kvCacheDtype: "auto",
    enforceEager: false,
    ...change,
  };
}

export function closedLoop(concurrency: number, inputTokens: number, outputTokens: number): ReplicaLoad {
  return { arrivals: { kind: "closed-loop", concurrency }, inputTokens, outputTokens };
}

export function openLoop(requestsPerSecond: number, inputTokens: number, outputTokens: number): ReplicaLoad {
  return { arrivals: { kind: "open-loop", requestsPerSecond }, inputTokens, outputTokens };
}
