import { kvCacheBytesPerToken } from "../memory/kv-cache";
import type { Quantization } from "../model/precision";
import { weightBytesPerGpu } from "../model/weights";
import type { ModelFacts } from "../search/planned-model";
import type { Replica } from "../search/replica";
import type { CardEstimate } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { tokensInFlight } from "../time/workload";

/** Quoted from the first design, for a model of 32 billion parameters and 50 requests of 2,048 tokens. */
export const CARD: Partial<Readonly<Record<Quantization, { readonly weightsGB: string; readonly totalGB: string }>>> = {
  bf16: { weightsGB: "64", totalGB: "140-160" },
  "int8-w8a8": { weightsGB: "32", totalGB: "90-100" },
  fp8: { weightsGB: "32", totalGB: "90-100" },
  "int4-w4a16": { weightsGB: "16-18", totalGB: "45-60" },
};
export const CARD_PARAMETERS = { from: 30e9, to: 36e9 };
export const CARD_REQUESTS = 50;
export const CARD_TOKENS = 2048;
/** 60 layers x 64 heads x 128 x 2 (key and value) x 2 bytes, as if every head had its own cache. */
export const CARD_KV_BYTES_PER_TOKEN = 60 * 64 * 128 * 2 * 2;

/** The rule of thumb beside the exact figures, with the reasons why they differ; only for models of its size. */
export function cardEstimate(request: ServingRequest, model: ModelFacts, replica: Replica): CardEstimate | undefined {
  const { quantization, tensorParallel } = replica.configuration;
  const whole = { ...replica.deployment, pipelineParallel: 1 };
  const card = CARD[quantization];
  const inRange = model.parameters >= CARD_PARAMETERS.from && model.parameters <= CARD_PARAMETERS.to;
  if (card === undefined || !inRange) return undefined;
  const kvBytesPerToken = kvCacheBytesPerToken(whole) * tensorParallel;
  const tokens = tokensInFlight(request.workload, request.workload.concurrency);
  const exactWeightsGB = (weightBytesPerGpu(whole) * tensorParallel) / 1e9;
  const exactKvCacheGB = (kvBytesPerToken * tokens) / 1e9;
  const cardKvGB = (CARD_KV_BYTES_PER_TOKEN * CARD_TOKENS * CARD_REQUESTS) / 1e9;
  const exactAtCardLoad = (kvBytesPerToken * CARD_TOKENS * CARD_REQUESTS) / 1e9;
  return {
    weightsGB: card.weightsGB,
    kvCacheGB: "200",
    totalGB: card.totalGB,
    exactWeightsGB,
    exactKvCacheGB,
    differences: [
      `KV cache: the rule counts 60 layers x 64 heads as if each had its own cache (${(CARD_KV_BYTES_PER_TOKEN / 1024).toFixed(0)} KiB a token, ` +
        `${cardKvGB.toFixed(0)} GB for 50 x 2,048 tokens); ${model.key} shares key-value heads: ` +
        `${(kvBytesPerToken / 1024).toFixed(0)} KiB a token, ${exactAtCardLoad.toFixed(1)} GB for the same load`,
      `weights: the rule multiplies parameters by bits; exactly, ${exactWeightsGB.toFixed(1)} GB, because embeddings and ` +
        `output head stay in 16 bit and quantized groups carry scales`,
      `total: quoted as it stands in the rule; it does not add up with the rule's own 200 GB of KV cache`,
    ],
  };
}
