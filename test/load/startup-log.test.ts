import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readMetricsPage, readStartupLog } from "../../load/startup-log";

/** The wordings are those of the releases' sources and logs; the figures are examples. */
const log = (name: string): string => readFileSync(join(__dirname, "startup-logs", `${name}.log`), "utf8");

describe("a start-up log", () => {
  test("of 0.33 with two ranks has the figures of the fullest one", () => {
    expect(readStartupLog(log("v0.33-tp2"))).toEqual({
      engineVersion: "0.33.0",
      weightsGiB: 9.12,
      activationGiB: 1.61,
      // Consumed memory less weights: 10.62 - 9.12.
      nonTorchGiB: 1.5,
      cudaGraphGiB: 0.21,
      kvCacheGiB: 28.58,
      kvCacheTokens: 234_128,
      maxModelLen: 4096,
      maxNumSeqs: 64,
      maxNumBatchedTokens: 4096,
      gpuMemoryUtilization: 0.92,
      tensorParallel: 2,
      pipelineParallel: 1,
    });
  });

  test("of 0.8 has what that release tells", () => {
    expect(readStartupLog(log("v0.8"))).toEqual({
      engineVersion: "0.8.5",
      weightsGiB: 14.9888,
      cudaGraphGiB: 0.52,
      kvCacheTokens: 447_088,
      maxModelLen: 32_768,
      tensorParallel: 1,
      pipelineParallel: 1,
    });
  });

  test("of 0.6 counts blocks", () => {
    expect(readStartupLog(log("v0.6"))).toMatchObject({
      engineVersion: "0.6.5",
      weightsGiB: 8.5107,
      nonTorchGiB: 0.26,
      activationGiB: 0.94,
      kvCacheGiB: 2.18,
      kvCacheTokens: 715 * 16,
      gpuMemoryUtilization: 0.15,
      maxModelLen: 2048,
    });
  });

  test("of 0.19 names non-torch memory apart", () => {
    const line =
      "Actual usage is 33.88 GiB for weight, 1.96 GiB for peak activation, 2.1 GiB for non-torch memory, and 0.65 GiB for CUDAGraph memory.";
    expect(readStartupLog(line)).toEqual({ activationGiB: 1.96, nonTorchGiB: 2.1, cudaGraphGiB: 0.65 });
  });

  test("is read through colours, folded lines and carriage returns", () => {
    const folded = "\u001b[32mINFO\u001b[0m Available KV cache\r\n memory: \u001b[1m28.58\u001b[0m\n GiB";
    expect(readStartupLog(folded)).toEqual({ kvCacheGiB: 28.58 });
    expect(readStartupLog("GPU KV cache size:\r\n  1,234,560 tokens")).toEqual({ kvCacheTokens: 1_234_560 });
  });

  test("that is cut has what came before the cut", () => {
    const cut = log("v0.33-tp2").split("\n").slice(0, 5).join("\n");
    expect(readStartupLog(cut)).toEqual({
      engineVersion: "0.33.0",
      weightsGiB: 9.11,
      maxModelLen: 4096,
      maxNumSeqs: 64,
      maxNumBatchedTokens: 4096,
      gpuMemoryUtilization: 0.92,
      tensorParallel: 2,
      pipelineParallel: 1,
    });
  });

  test.each([
    ["of more digits than any figure has", "9".repeat(400)],
    ["with an exponent", "1e308"],
  ])("takes no number %s", (_, number) => {
    const lines = [`Available KV cache memory: ${number} GiB`, `${number} GiB for peak activation`];
    expect(readStartupLog([...lines, `KV cache size: ${number} tokens`, `max_num_seqs=${number}`].join("\n"))).toEqual(
      {},
    );
    expect(readMetricsPage(`vllm:cache_config_info{num_gpu_blocks="${number}",block_size="16"} 1\n`)).toEqual({});
  });

  // Where a number could begin at each digit, these would take minutes.
  test("of digits without end is read to its end", () => {
    expect(readStartupLog(`${"1,".repeat(1_000_000)} Available KV cache memory: 5 GiB`)).toEqual({ kvCacheGiB: 5 });
    expect(readMetricsPage(`vllm:cache_config_info{${"a".repeat(1_000_000)}} 1\n`)).toEqual({});
  });

  test("keeps a pool that is below nothing", () => {
    expect(readStartupLog("the rest of the memory reserved for KV Cache is -7.83GiB.")).toEqual({ kvCacheGiB: -7.83 });
  });

  test.each(["", "hello\nworld", "INFO the model is loading"])("of something else (%j) has nothing", (text) => {
    expect(readStartupLog(text)).toEqual({});
  });
});

const info = (engine: number, tokens: number): string =>
  `vllm:cache_config_info{engine="${engine}",block_size="16",num_gpu_blocks="9",kv_cache_size_tokens="${tokens}"} 1.0\n`;

describe("a metrics page", () => {
  test("has the pool in blocks", () => {
    const page =
      '# TYPE vllm:cache_config_info gauge\nvllm:cache_config_info{block_size="16",cache_dtype="auto",' +
      'gpu_memory_utilization="0.82",num_gpu_blocks="573",num_gpu_blocks_override="None"} 1.0\n';
    expect(readMetricsPage(page)).toEqual({ kvCacheTokens: 9168, gpuMemoryUtilization: 0.82 });
  });

  test("has it in tokens where the engine tells them, and the least of several engines", () => {
    expect(readMetricsPage(info(0, 5000) + info(1, 4000))).toEqual({ kvCacheTokens: 4000 });
  });

  test("without the engine's configuration has nothing", () => {
    expect(readMetricsPage('vllm:num_requests_running{engine="0"} 3\n')).toEqual({});
    expect(readMetricsPage('vllm:cache_config_info{block_size="16",num_gpu_blocks="None"} 1\n')).toEqual({});
  });
});

test("lines that are JSON objects, as a deployed engine writes them, tell the same", () => {
  const lines = log("v0.33-tp2").trimEnd().split("\n");
  const asJson = lines.map((message) => JSON.stringify({ level: "INFO", message })).join("\n");
  expect(readStartupLog(asJson)).toEqual(readStartupLog(lines.join("\n")));
});

test("a log of very many starts is read to its end", () => {
  const line = "INFO Model loading took 9.12 GiB and 10 seconds\nINFO Available KV cache memory: 28.58 GiB\n";
  const last = "INFO Model loading took 9.20 GiB and 10 seconds\nINFO Available KV cache memory: 28.50 GiB\n";
  expect(readStartupLog(line.repeat(200_000) + last)).toMatchObject({ weightsGiB: 9.2, kvCacheGiB: 28.5 });
});
