import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Deployment } from "../../../sizing/deployment";
import { estimateMemory } from "../../../sizing/memory/memory";
import { QUANTIZATIONS } from "../../../sizing/model/precision";
import { parameterCount, weightBytesPerGpu } from "../../../sizing/model/weights";
import { deploymentWith, H100, L40S, QWEN3_30B_A3B, QWEN3_32B } from "../../support/deployments";

const VERSIONS = ["0.11.0", "0.16.0", "0.17.1", "0.19.0", "0.21.0", "0.27.1", "0.28.0", "0.29.0", "0.33.0"];

const anyDeployment: fc.Arbitrary<Deployment> = fc
  .record({
    architecture: fc.constantFrom(QWEN3_32B, QWEN3_30B_A3B),
    gpu: fc.constantFrom(H100, L40S),
    quantization: fc.constantFrom(...QUANTIZATIONS),
    tensorParallel: fc.constantFrom(1, 2, 4, 8),
    pipelineParallel: fc.constantFrom(1, 2, 3, 4),
    version: fc.constantFrom(...VERSIONS),
    gpuMemoryUtilization: fc.double({ min: 0.3, max: 0.98, noNaN: true }),
    maxModelLen: fc.integer({ min: 64, max: 40_960 }),
    maxNumSeqs: fc.integer({ min: 1, max: 2048 }),
    maxNumBatchedTokens: fc.integer({ min: 2048, max: 32_768 }),
    kvCacheDtype: fc.constantFrom("auto" as const, "fp8" as const),
    enforceEager: fc.boolean(),
  })
  .map(({ version, ...change }) =>
    deploymentWith({ ...change, link: change.gpu.link, engine: { name: "vllm", version } }),
  );

describe("laws of memory", () => {
  test("the addends in the budget and the KV pool sum to the budget", () => {
    fc.assert(
      fc.property(anyDeployment, (deployment) => {
        const m = estimateMemory(deployment);
        const graphs = m.cudaGraphsInBudget ? m.cudaGraphGiB : 0;
        expect(m.weightsGiB + m.activationGiB + m.nonTorchGiB + graphs + m.kvCacheGiB).toBeCloseTo(m.budgetGiB, 6);
      }),
    );
  });

  test("half the bytes of the cache never hold fewer tokens", () => {
    fc.assert(
      fc.property(anyDeployment, (deployment) => {
        const full = estimateMemory({ ...deployment, kvCacheDtype: "auto" });
        const half = estimateMemory({ ...deployment, kvCacheDtype: "fp8" });
        expect(half.kvCacheTokens).toBeGreaterThanOrEqual(full.kvCacheTokens);
      }),
    );
  });

  test("more memory on the card never holds fewer tokens", () => {
    fc.assert(
      fc.property(anyDeployment, fc.double({ min: 0, max: 200, noNaN: true }), (deployment, more) => {
        const gpu = { ...deployment.gpu, usableGiB: deployment.gpu.usableGiB + more };
        expect(estimateMemory({ ...deployment, gpu }).kvCacheTokens).toBeGreaterThanOrEqual(
          estimateMemory(deployment).kvCacheTokens,
        );
      }),
    );
  });

  test("more ranks never put more weights on one of them", () => {
    fc.assert(
      fc.property(anyDeployment, (deployment) => {
        const more = { ...deployment, tensorParallel: deployment.tensorParallel * 2 };
        expect(weightBytesPerGpu(more)).toBeLessThanOrEqual(weightBytesPerGpu(deployment));
      }),
    );
  });

  test("ranks together hold at least the quantized parameters", () => {
    fc.assert(
      fc.property(anyDeployment, (deployment) => {
        const gpus = deployment.tensorParallel * deployment.pipelineParallel;
        expect(weightBytesPerGpu(deployment) * gpus).toBeGreaterThan(parameterCount(deployment.architecture) / 2);
      }),
    );
  });

  test("more sequences or longer steps never need less memory", () => {
    fc.assert(
      fc.property(anyDeployment, (deployment) => {
        const { maxNumSeqs, maxNumBatchedTokens } = deployment;
        const base = estimateMemory(deployment).activationGiB;
        expect(estimateMemory({ ...deployment, maxNumSeqs: maxNumSeqs * 2 }).activationGiB).toBeGreaterThanOrEqual(
          base,
        );
        const longer = { ...deployment, maxNumBatchedTokens: maxNumBatchedTokens * 2 };
        expect(estimateMemory(longer).activationGiB).toBeGreaterThanOrEqual(base);
      }),
    );
  });

  test("every figure is a finite number", () => {
    fc.assert(
      fc.property(anyDeployment, (deployment) => {
        const numbers = Object.values(estimateMemory(deployment)).filter((value) => typeof value === "number");
        expect(numbers.every((value) => Number.isFinite(value))).toBe(true);
      }),
    );
  });
});
