import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseModelConfig } from "../../../config/model-config";
import { pipelineStages } from "../../../sizing/model/pipeline";
import { parameterCount, weightBytesPerGpu, type WeightShard } from "../../../sizing/model/weights";
import { GPT_OSS_20B } from "../../config/model-configs";
import { QWEN3_32B } from "../../support/deployments";

interface CheckpointRow {
  readonly repository: string;
  readonly config: unknown;
  readonly parameters: number;
  readonly checkpointBytes?: number;
}

const GIB = 2 ** 30;
const CHECKPOINTS: readonly CheckpointRow[] = JSON.parse(
  readFileSync(join(__dirname, "../../calibration/checkpoints.json"), "utf8"),
);

function shard(change: Partial<WeightShard> = {}): WeightShard {
  return { architecture: QWEN3_32B, quantization: "bf16", tensorParallel: 1, pipelineParallel: 1, ...change };
}

describe("weights", () => {
  test("Qwen3-32B has 32,762,123,264 parameters, and 16 bit of them are its checkpoint of 65,524,246,528 bytes", () => {
    expect(parameterCount(QWEN3_32B)).toBe(32_762_123_264);
    expect(weightBytesPerGpu(shard())).toBe(65_524_246_528);
  });

  test("AWQ with groups of 128 takes 4.156 bit a weight, embedding and head stay at 16 bit", () => {
    const plain = 2 * 151_936 * 5120 + 5120 + 64 * (2 * 5120 + 2 * 128);
    const linear = 32_762_123_264 - plain;
    const repack = 1.6 * 2 * 5120 * 25600;
    expect(weightBytesPerGpu(shard({ quantization: "int4-w4a16" }))).toBeCloseTo(
      plain * 2 + ((linear + repack) * 4.15625) / 8,
      0,
    );
  });

  test("a symmetric GPTQ checkpoint has no zero points and is smaller", () => {
    const gptq = {
      ...QWEN3_32B,
      checkpointQuantization: { method: "gptq", groupSize: 128, zeroPoints: false, bits: 4 },
    };
    const awq = weightBytesPerGpu(shard({ quantization: "int4-w4a16" }));
    expect(weightBytesPerGpu(shard({ quantization: "int4-w4a16", architecture: gptq })) / awq).toBeCloseTo(0.994, 3);
  });

  test("MXFP4 shrinks the experts alone: gpt-oss-20b loads 13.47 GiB", () => {
    const parsed = parseModelConfig(GPT_OSS_20B);
    if (!parsed.ok) throw new Error(parsed.faults.join());
    expect(weightBytesPerGpu(shard({ architecture: parsed.architecture, quantization: "mxfp4" })) / GIB).toBeCloseTo(
      13.47,
      1,
    );
  });

  test("KV heads are copied when there are fewer than ranks", () => {
    const eight = weightBytesPerGpu(shard({ tensorParallel: 8 }));
    const sixteen = weightBytesPerGpu(shard({ tensorParallel: 16 }));
    const keys = 64 * 5120 * 2 * 128 * 2;
    expect(2 * sixteen - eight).toBeGreaterThan(keys);
  });

  test("94 layers over 4 stages are cut into 23, 24, 24 and 23", () => {
    const group = QWEN3_32B.layerGroups[0];
    if (group === undefined) throw new Error("no layers");
    const architecture = { ...QWEN3_32B, layerGroups: [{ ...group, count: 94 }] };
    const counts = pipelineStages(architecture, 4).map(({ layerGroups }) =>
      layerGroups.reduce((sum, { count }) => sum + count, 0),
    );
    expect(counts).toEqual([23, 24, 24, 23]);
  });

  test("a tied table is counted once, but loaded by the first and the last stage", () => {
    const tied = { ...QWEN3_32B, tiedEmbeddings: true };
    expect(parameterCount(QWEN3_32B) - parameterCount(tied)).toBe(151_936 * 5120);
    const untiedStage = weightBytesPerGpu(shard({ pipelineParallel: 2 }));
    expect(weightBytesPerGpu(shard({ architecture: tied, pipelineParallel: 2 }))).toBe(untiedStage);
  });

  test.each(CHECKPOINTS)("$repository has the parameters that its shapes give, and the bytes of its files", (row) => {
    const parsed = parseModelConfig(row.config);
    if (!parsed.ok) throw new Error(parsed.faults.join("; "));
    expect(parameterCount(parsed.architecture)).toBe(row.parameters);
    expect(2 * row.parameters).toBe(row.checkpointBytes ?? 2 * row.parameters);
  });
});
