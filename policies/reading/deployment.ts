import { countOf } from "../../components/vllm/vllm-arguments";
import type { Gpu } from "../../sizing/catalog";
import type { Deployment } from "../../sizing/deployment";
import { engineDefaults } from "../../sizing/engine/defaults";
import type { Quantization } from "../../sizing/model/precision";
import type { KnownWeights } from "../known/lookup";
import type { VllmServer } from "./server";

/** The release whose rules are used for an image that does not say its own. */
const NEWEST_ENGINE = "0.33.0";

/** Values of `--quantization` that quantize 16-bit weights while they load; others only name what a checkpoint is. */
const ONLINE_QUANTIZATIONS: Readonly<Record<string, Quantization>> = {
  fp8: "fp8",
  fp8_per_tensor: "fp8",
  fp8_per_block: "fp8",
  fp8_per_channel: "fp8",
  mxfp8: "fp8",
  int8_per_channel_weight_only: "int8-w8a8",
  nvfp4_per_token: "mxfp4",
  bitsandbytes: "int4-w4a16",
};

/** Precision in which the weights lie on the card. */
export function loadedPrecision(server: VllmServer, weights: KnownWeights): Quantization {
  if (weights.quantization !== "bf16") return weights.quantization;
  return ONLINE_QUANTIZATIONS[server.command.values.get("--quantization") ?? ""] ?? "bf16";
}

export function parallelism({ command }: VllmServer): { tensorParallel: number; pipelineParallel: number } {
  return {
    tensorParallel: countOf(command, "--tensor-parallel-size") ?? 1,
    pipelineParallel: countOf(command, "--pipeline-parallel-size") ?? 1,
  };
}

/** One replica as the sizing knows it: what the flags say, and the engine's defaults for what they leave open. */
export function deploymentOf(server: VllmServer, weights: KnownWeights, gpu: Gpu): Deployment {
  const { command } = server;
  const engine = { name: "vllm", version: server.engineVersion ?? NEWEST_ENGINE } as const;
  const defaults = engineDefaults(gpu, engine);
  const share = Number(command.values.get("--gpu-memory-utilization") ?? Number.NaN);
  const maxNumSeqs = countOf(command, "--max-num-seqs") ?? defaults.maxNumSeqs;
  return {
    architecture: weights.model.architecture,
    gpu,
    link: gpu.link,
    quantization: loadedPrecision(server, weights),
    ...parallelism(server),
    engine,
    gpuMemoryUtilization: share > 0 && share <= 1 ? share : defaults.gpuMemoryUtilization,
    maxModelLen: countOf(command, "--max-model-len") ?? weights.model.architecture.maxPositionEmbeddings,
    maxNumSeqs,
    maxNumBatchedTokens: countOf(command, "--max-num-batched-tokens") ?? defaults.maxNumBatchedTokens,
    kvCacheDtype: /^(?:fp8|nvfp4|int8|int4)/.test(command.values.get("--kv-cache-dtype") ?? "") ? "fp8" : "auto",
    enforceEager: command.values.get("--enforce-eager") === "true",
  };
}
