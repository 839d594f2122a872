import { describe, expect, test } from "vitest";
import { parseModelConfig } from "../../../config/model-config";
import type { Deployment } from "../../../sizing/deployment";
import { estimateMemory, type MemoryEstimate } from "../../../sizing/memory/memory";
import type { ModelArchitecture } from "../../../sizing/model/architecture";
import { GEMMA_3_12B, LLAMA_3_1_8B, QWEN3_NEXT } from "../../config/model-configs";
import { A100, deploymentWith, H100, L40S, QWEN3_30B_A3B } from "../../support/deployments";

function architectureOf(config: unknown): ModelArchitecture {
  const parsed = parseModelConfig(config);
  if (!parsed.ok) throw new Error(parsed.faults.join("; "));
  return parsed.architecture;
}

const V19 = { name: "vllm", version: "0.19.0" } as const;
const LLAMA = {
  architecture: architectureOf(LLAMA_3_1_8B),
  engine: V19,
  gpuMemoryUtilization: 0.95,
  maxModelLen: 8192,
};

function inVersion(version: string, change: Partial<Deployment> = {}): MemoryEstimate {
  return estimateMemory(deploymentWith({ ...change, engine: { name: "vllm", version } }));
}

describe("budget", () => {
  test("the engine takes its share of what torch reports, not of the nominal memory", () => {
    expect(estimateMemory(deploymentWith({ gpuMemoryUtilization: 0.95 })).budgetGiB).toBeCloseTo(79.18 * 0.95, 6);
  });

  test("what does not fit has no tokens and a pool below zero", () => {
    const memory = estimateMemory(deploymentWith({ gpu: L40S, tensorParallel: 1 }));
    expect(memory.kvCacheGiB).toBeLessThan(0);
    expect(memory.kvCacheTokens).toBe(0);
  });
});

describe("activation", () => {
  test("until 0.16 the sampler sorts the vocabulary: 5.64 GiB for Qwen3 with 1024 sequences, 2.23 from 0.17 on", () => {
    expect(inVersion("0.16.0").activationGiB).toBeCloseTo(5.64, 1);
    expect(inVersion("0.17.0").activationGiB).toBeCloseTo(2.24, 1);
  });

  test("0.10 samples with FlashInfer, which sorts nothing; from 0.11 on that has to be asked for", () => {
    expect(inVersion("0.9.2").activationGiB).toBeCloseTo(5.64, 1);
    expect(inVersion("0.10.2").activationGiB).toBeCloseTo(2.24, 1);
    expect(inVersion("0.11.0").activationGiB).toBeCloseTo(5.64, 1);
  });

  test("fewer sequences free memory", () => {
    const many = inVersion("0.19.0", { maxNumSeqs: 1024 }).activationGiB;
    const half = inVersion("0.19.0", { maxNumSeqs: 512 }).activationGiB;
    expect(many - half).toBeCloseTo((512 * 151_936 * 14.45) / 2 ** 30, 2);
  });

  test("experts keep work spaces for every token of a step", () => {
    const many = estimateMemory(deploymentWith({ architecture: QWEN3_30B_A3B, engine: V19 }));
    const few = estimateMemory(deploymentWith({ architecture: QWEN3_30B_A3B, engine: V19, maxNumBatchedTokens: 1024 }));
    expect(many.activationGiB - few.activationGiB).toBeGreaterThan(0.4);
  });
});

describe("non-torch memory", () => {
  test("two ranks on NVLink take 2.1 GiB from 0.19 on and 0.55 before, on PCIe 0.3 on L40S", () => {
    expect(inVersion("0.19.0").nonTorchGiB).toBeCloseTo(2.09, 2);
    expect(inVersion("0.16.0").nonTorchGiB).toBeCloseTo(0.55, 2);
    expect(inVersion("0.19.0", { gpu: L40S, link: L40S.link }).nonTorchGiB).toBeCloseTo(0.3, 2);
  });

  test("eight ranks on NVLink take 1.7 GiB since 0.25", () => {
    const mixture = { architecture: QWEN3_30B_A3B, tensorParallel: 8 };
    expect(inVersion("0.28.0", mixture).nonTorchGiB).toBeCloseTo(1.74, 1);
  });

  test("Model Runner V2 keeps 4 bytes and a bit for each sequence and entry of the vocabulary", () => {
    const many = inVersion("0.30.0", { maxNumSeqs: 1024 }).nonTorchGiB;
    const few = inVersion("0.30.0", { maxNumSeqs: 256 }).nonTorchGiB;
    expect(many - few).toBeCloseTo((768 * 151_936 * 4.125) / 2 ** 30, 3);
    expect(inVersion("0.19.0", { maxNumSeqs: 1024 }).nonTorchGiB).toBe(
      inVersion("0.19.0", { maxNumSeqs: 256 }).nonTorchGiB,
    );
  });

  test("the libraries of one card before Hopper take 0.1 GiB less: 0.03 and 0.13 until 0.17, 0.15 and 0.25 since", () => {
    expect(inVersion("0.11.0", { gpu: L40S, tensorParallel: 1 }).nonTorchGiB).toBeCloseTo(0.03, 2);
    expect(inVersion("0.11.0", { tensorParallel: 1 }).nonTorchGiB).toBeCloseTo(0.13, 2);
    expect(inVersion("0.19.0", { gpu: L40S, tensorParallel: 1 }).nonTorchGiB).toBeCloseTo(0.15, 2);
    expect(inVersion("0.19.0", { tensorParallel: 1 }).nonTorchGiB).toBeCloseTo(0.25, 2);
  });
});

describe("CUDA graphs", () => {
  test.each([
    ["0.19.0", false, false],
    ["0.22.0", true, false],
    ["0.27.0", false, false],
    ["0.29.0", true, true],
  ])(
    "of a dense model in %s: in the budget %s, logged as activation %s",
    (version, cudaGraphsInBudget, cudaGraphsInActivation) => {
      const memory = estimateMemory(deploymentWith({ engine: { name: "vllm", version } }));
      expect(memory).toMatchObject({ cudaGraphsInBudget, cudaGraphsInActivation });
    },
  );

  test("of 256 sequences: 51 with prompts and 35 of pure decoding, against 51 and 51 of 512 and more", () => {
    const few = inVersion("0.22.0", { maxNumSeqs: 256 }).cudaGraphGiB;
    expect(few / inVersion("0.22.0", { maxNumSeqs: 1024 }).cudaGraphGiB).toBeCloseTo(86 / 102, 6);
  });

  test("eager mode has none", () => {
    expect(estimateMemory(deploymentWith({ enforceEager: true })).cudaGraphGiB).toBe(0);
  });
});

describe("KV pool", () => {
  test("tokens are whole blocks of 16", () => {
    expect(estimateMemory(deploymentWith(LLAMA)).kvCacheTokens % 16).toBe(0);
  });

  test("Gemma 3 12B shares a pool of 1 MiB blocks among six groups of eight layers, as its log prints: 130,304 tokens", () => {
    const gpu = { ...H100, usableGiB: 79.19 };
    const memory = estimateMemory(
      deploymentWith({ ...LLAMA, architecture: architectureOf(GEMMA_3_12B), gpu, tensorParallel: 1 }),
    );
    expect(Math.abs(memory.kvCacheTokens / 130_304 - 1)).toBeLessThan(0.01);
    expect(memory.kvCacheTokens / memory.kvCacheGiB).toBeCloseTo((1024 / 6) * 16, -1);
  });

  test("a model of mostly recurrent layers caches its full attention layers alone", () => {
    const next = estimateMemory(deploymentWith({ architecture: architectureOf(QWEN3_NEXT), quantization: "fp8" }));
    expect(next.kvBytesPerTokenPerGpu).toBe(12 * 2 * 1 * 256 * 2);
    expect(next.kvCacheTokens).toBeGreaterThan(0);
  });

  test("the fullest stage of a pipeline decides", () => {
    const two = estimateMemory(deploymentWith({ ...LLAMA, tensorParallel: 1, pipelineParallel: 2 }));
    expect(two.weightsGiB).toBeCloseTo(7.51, 2);
    expect(two.activationGiB).toBeCloseTo(2.01, 1);
    expect(two.kvBytesPerTokenPerGpu).toBe(16 * 4096);
  });
});

describe("basis", () => {
  test("within the fitted releases on a measured NVLink card it is predicted, elsewhere extrapolated", () => {
    expect(estimateMemory(deploymentWith(LLAMA)).basis).toBe("predicted");
    expect(estimateMemory(deploymentWith({ ...LLAMA, gpu: A100 })).basis).toBe("extrapolated");
    expect(estimateMemory(deploymentWith({ engine: { name: "vllm", version: "0.33.0" } })).basis).toBe("extrapolated");
  });
});
