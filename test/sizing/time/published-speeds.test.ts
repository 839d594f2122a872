import { describe, expect, test } from "vitest";
import { loadCatalog, resolveGpu } from "../../../config/catalog";
import { parseModelConfig } from "../../../config/model-config";
import type { Deployment } from "../../../sizing/deployment";
import type { ModelArchitecture } from "../../../sizing/model/architecture";
import type { Quantization } from "../../../sizing/model/precision";
import { simulateServing } from "../../../sizing/time/simulation";
import { DEEPSEEK_V3, GPT_OSS_20B, LLAMA_3_1_8B } from "../../config/model-configs";
import { deploymentWith, QWEN3_30B_A3B } from "../../support/deployments";

/** Milliseconds per token that others published for mixtures of experts; the share of MXFP4 was set by the H100 ones. */
interface Published {
  readonly model: ModelArchitecture;
  readonly gpu: string;
  readonly gpus: number;
  readonly quantization: Quantization;
  readonly version: string;
  readonly clients: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly msPerToken: number;
  readonly source: string;
}

function architecture(config: unknown): ModelArchitecture {
  const parsed = parseModelConfig(config);
  if (!parsed.ok) throw new Error(parsed.faults.join("; "));
  return parsed.architecture;
}

const GPT_OSS_120B = architecture({ ...GPT_OSS_20B, num_hidden_layers: 36, num_local_experts: 128 });
const DEEPSEEK_R1 = architecture(DEEPSEEK_V3);

const gptOss = (gpus: number, clients: number, msPerToken: number): Published => ({
  model: GPT_OSS_120B,
  gpu: "H100-SXM5-80GB",
  gpus,
  quantization: "mxfp4",
  version: "0.15.0",
  clients,
  inputTokens: 921,
  outputTokens: 921,
  msPerToken,
  source: "SemiAnalysisAI/InferenceX#828, vLLM",
});
const deepSeek = (clients: number, msPerToken: number): Published => ({
  model: DEEPSEEK_R1,
  gpu: "H200-SXM-141GB",
  gpus: 8,
  quantization: "fp8",
  version: "0.15.0",
  clients,
  inputTokens: 1024,
  outputTokens: 1024,
  msPerToken,
  source: "SemiAnalysisAI/InferenceX#870, SGLang",
});
const qwen = (inputTokens: number, msPerToken: number): Published => ({
  model: QWEN3_30B_A3B,
  gpu: "A100-SXM4-80GB",
  gpus: 1,
  quantization: "bf16",
  version: "0.9.2",
  clients: 1,
  inputTokens,
  outputTokens: 128,
  msPerToken,
  source: "tenstorrent/tt-inference-server#340",
});

const PUBLISHED: readonly Published[] = [
  gptOss(8, 4, 3.72),
  gptOss(8, 16, 4.83),
  gptOss(8, 64, 7.36),
  gptOss(4, 64, 9.89),
  gptOss(2, 64, 15.21),
  { ...gptOss(1, 1, 11.2), gpu: "A100-SXM4-80GB", version: "0.10.2", source: "vllm#22331, 88-90 tokens a second" },
  deepSeek(8, 12.8),
  deepSeek(16, 17.2),
  deepSeek(32, 25.6),
  deepSeek(64, 34.6),
  qwen(128, 9.6),
  qwen(8192, 10.6),
  {
    ...qwen(2048, 13.18),
    gpu: "H100-SXM5-80GB",
    version: "0.10.1",
    clients: 10,
    outputTokens: 1016,
    source: "vllm#23151",
  },
];

function deploymentOf(run: Published): Deployment {
  const resolved = resolveGpu(loadCatalog(), run.gpu);
  if (!resolved.ok) throw new Error(resolved.message);
  return deploymentWith({
    architecture: run.model,
    gpu: resolved.gpu,
    link: resolved.gpu.link,
    quantization: run.quantization,
    tensorParallel: run.gpus,
    engine: { name: "vllm", version: run.version },
  });
}

function predictedMs(run: Published): number {
  const load = {
    arrivals: { kind: "closed-loop", concurrency: run.clients },
    inputTokens: run.inputTokens,
    outputTokens: run.outputTokens,
  } as const;
  return simulateServing(deploymentOf(run), load, Infinity).tpot.meanMs;
}

describe("mixtures of experts beside published runs", () => {
  test.each(PUBLISHED)("$source: $gpus of $gpu, $clients clients, $msPerToken ms", (run) => {
    const ratio = predictedMs(run) / run.msPerToken;
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.2);
  });

  test("differ by less than a tenth on average", () => {
    const errors = PUBLISHED.map((run) => Math.abs(predictedMs(run) / run.msPerToken - 1));
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.1);
  });
});

const QWQ_32B = architecture({
  ...LLAMA_3_1_8B,
  hidden_size: 5120,
  intermediate_size: 27648,
  num_hidden_layers: 64,
  num_attention_heads: 40,
  vocab_size: 152064,
});
const dense = { quantization: "bf16", clients: 1, inputTokens: 128, outputTokens: 256 } as const;

const DENSE: readonly Published[] = [
  {
    ...dense,
    model: architecture(LLAMA_3_1_8B),
    gpu: "A100-SXM4-40GB",
    gpus: 1,
    version: "0.23.0",
    msPerToken: 13.4,
    source: "Llama-3.1-8B",
  },
  { ...dense, model: QWQ_32B, gpu: "H200-SXM-141GB", gpus: 8, version: "0.8.5", msPerToken: 6.5, source: "vllm#18725" },
  { ...dense, model: QWQ_32B, gpu: "B200-SXM-180GB", gpus: 8, version: "0.8.5", msPerToken: 6.6, source: "vllm#18725" },
];

describe("dense models on cards without a calibration run", () => {
  test.each(DENSE)("$source: $gpus of $gpu, one stream, $msPerToken ms", (run) => {
    expect(Math.abs(predictedMs(run) / run.msPerToken - 1)).toBeLessThan(0.1);
  });

  test("INT4 reads small weights no faster on H200 than on H100, as its kernels are the limit", () => {
    const int4 = {
      ...dense,
      quantization: "int4-w4a16",
      model: QWQ_32B,
      gpus: 1,
      version: "0.8.5",
      msPerToken: 0,
    } as const;
    const h100 = predictedMs({ ...int4, gpu: "H100-SXM5-80GB", source: "" });
    const h200 = predictedMs({ ...int4, gpu: "H200-SXM-141GB", source: "" });
    expect(h200 / h100).toBeGreaterThan(0.9);
    expect(h200).toBeLessThanOrEqual(h100);
  });
});
