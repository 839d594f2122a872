import type { Estimate, FeasiblePlan } from "../../sizing/serving-plan";

function estimate(value: number): Estimate {
  return { value, low: value * 0.9, high: value * 1.2, basis: "predicted" };
}

function cost(usdPerHour: number) {
  return { usdPerHour, usdPerMonth: usdPerHour * 730 };
}

const REVISION = "0499c2fc5ef9c8f20be54d3ee7a4a7cc7e4ff2de";

/** Qwen3-32B as AWQ on two cards of one machine: known-good, so that a test breaks exactly one thing. */
export function feasiblePlan(overrides: Partial<FeasiblePlan> = {}): FeasiblePlan {
  return {
    schemaVersion: 1,
    verdict: { status: "accepted", reasons: [] },
    request: {
      model: "qwen3-32b",
      quantization: "int4-w4a16",
      kvCacheDtype: "auto",
      workload: { concurrency: 50, promptTokens: 1024, outputTokens: 512 },
      slo: { ttftSeconds: 1.5, tokensPerSecondPerUser: 20 },
      target: "local",
      tensorParallel: 2,
      pipelineParallel: "auto",
      replicas: "auto",
      maxModelLen: "auto",
      gpuMemoryUtilization: 0.9,
      engine: { name: "vllm", version: "0.33.0" },
      market: { clouds: ["aws"], regions: ["us-east-1"], purchase: "on-demand" },
      optimize: "cost",
    },
    model: {
      key: "qwen3-32b",
      parameters: 32_762_123_264,
      checkpoint: { repository: "Qwen/Qwen3-32B-AWQ", revision: REVISION },
    },
    quantization: "int4-w4a16",
    engine: {
      name: "vllm",
      version: "0.33.0",
      image: "vllm/vllm-openai:v0.33.0",
      args: [
        "Qwen/Qwen3-32B-AWQ",
        `--revision=${REVISION}`,
        "--served-model-name=qwen3-32b",
        "--tensor-parallel-size=2",
        "--max-model-len=16384",
        "--max-num-seqs=64",
        "--max-num-batched-tokens=4096",
        "--gpu-memory-utilization=0.9",
        "--shutdown-timeout=120",
        "--max-num-queued-reqs=256",
      ],
      maxModelLen: 16_384,
      maxNumSeqs: 64,
      maxNumBatchedTokens: 4096,
      gpuMemoryUtilization: 0.9,
    },
    memoryPerGpu: {
      addends: [
        { name: "weights", gib: 9, basis: "computed", note: "" },
        { name: "activation", gib: 0.9, basis: "predicted", note: "" },
        { name: "non-torch", gib: 2.1, basis: "predicted", note: "" },
        { name: "cuda-graphs", gib: 0.5, basis: "predicted", note: "" },
        { name: "kv-cache", gib: 27.4, basis: "computed", note: "" },
        { name: "reserve", gib: 4.5, basis: "computed", note: "" },
      ],
      totalGiB: 44.4,
    },
    kvCache: {
      dtype: "auto",
      bytesPerToken: 131_072,
      tokens: 224_000,
      requestsAtMeanLength: 145,
      requestsAtWorstLength: 13,
      requestsNeeded: 50,
    },
    hardware: {
      cloud: "aws",
      region: "us-east-1",
      purchase: "on-demand",
      instanceType: "g6e.12xlarge",
      gpu: "L40S",
      gpusPerNode: 4,
      vcpusPerNode: 48,
      memoryGiBPerNode: 384,
      tensorParallel: 2,
      pipelineParallel: 1,
      replicas: 1,
      replicasPerNode: 2,
      nodes: 1,
      idleGpus: 2,
    },
    scenarios: [],
    performance: {
      ttftMeanMs: estimate(300),
      ttftP95Ms: estimate(900),
      tpotMeanMs: estimate(28),
      tpotP95Ms: estimate(32),
      itlP50Ms: estimate(26),
      endToEndMeanMs: estimate(15_000),
      endToEndP95Ms: estimate(17_500),
      outputTokensPerSecond: estimate(1700),
      tokensPerSecondPerUser: estimate(31),
      burstTtftMs: estimate(6500),
    },
    cost: {
      lines: [
        {
          name: "g6e.12xlarge",
          quantity: 1,
          usdPerHourEach: 10.49,
          usdPerHour: 10.49,
          source: "list",
          date: "2026-11-01",
        },
      ],
      floor: cost(4.2),
      expected: cost(10.49),
      worst: cost(10.49),
      usdPerMillionOutputTokens: 1.71,
      notIncluded: [],
    },
    alternatives: [],
    rejected: [],
    assumptions: [],
    ...overrides,
  };
}
