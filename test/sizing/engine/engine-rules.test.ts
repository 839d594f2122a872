import { describe, expect, test } from "vitest";
import { engineDefaults } from "../../../sizing/engine/defaults";
import { tensorParallelFault } from "../../../sizing/model/tensor-parallel";
import { A100, H100, L40S, QWEN3_32B } from "../../support/deployments";

const vllm = (version: string) => ({ name: "vllm", version }) as const;

describe("engine defaults", () => {
  test("cards of 70 GiB and more that are no A100 get 1024 sequences and steps of 8192 tokens", () => {
    expect(engineDefaults(H100, vllm("0.19.0"))).toEqual({
      gpuMemoryUtilization: 0.9,
      maxNumSeqs: 1024,
      maxNumBatchedTokens: 8192,
    });
    expect(engineDefaults(A100, vllm("0.19.0"))).toMatchObject({ maxNumSeqs: 256, maxNumBatchedTokens: 2048 });
    expect(engineDefaults(L40S, vllm("0.19.0"))).toMatchObject({ maxNumSeqs: 256, maxNumBatchedTokens: 2048 });
  });

  test("cards of 160 GiB and more get steps of 16384 tokens from 0.28 on", () => {
    const b200 = { ...H100, name: "B200-SXM-180GB", usableGiB: 178 };
    expect(engineDefaults(b200, vllm("0.27.1")).maxNumBatchedTokens).toBe(8192);
    expect(engineDefaults(b200, vllm("0.28.0")).maxNumBatchedTokens).toBe(16384);
  });

  test("the share of memory is 0.92 from 0.20 on", () => {
    expect(engineDefaults(H100, vllm("0.20.0")).gpuMemoryUtilization).toBe(0.92);
  });
});

describe("tensor parallelism", () => {
  test.each([1, 2, 4, 8, 16])("Qwen3-32B in 16 bit can be split over %i ranks", (ranks) => {
    expect(tensorParallelFault(QWEN3_32B, "bf16", ranks, 1)).toBeUndefined();
  });

  test("heads must divide", () => {
    expect(tensorParallelFault(QWEN3_32B, "bf16", 3, 1)).toBe(
      "tensorParallel 3 does not divide the 64 attention heads",
    );
  });

  test("a rank must hold whole quantization groups", () => {
    expect(tensorParallelFault(QWEN3_32B, "int4-w4a16", 8, 1)).toBeUndefined();
    expect(tensorParallelFault(QWEN3_32B, "int4-w4a16", 16, 1)).toMatch(
      /^tensorParallel 16 leaves 1600 .* groups of 128$/,
    );
  });

  test("a pipeline has no more stages than the model has layers", () => {
    expect(tensorParallelFault(QWEN3_32B, "bf16", 1, 65)).toBe(
      "pipelineParallel 65 is more than the model's 64 layers",
    );
  });
});
