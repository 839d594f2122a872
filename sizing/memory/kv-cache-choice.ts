import type { Gpu } from "../catalog";
import { compareVersions } from "../engine/version";
import type { ModelArchitecture } from "../model/architecture";
import type { KvCacheDtype } from "../model/precision";
import type { ServingRequest } from "../serving-request";

/** First release whose V1 engine keeps keys and values in FP8 with FlashAttention 3 as well as with FlashInfer. */
const FP8_SINCE = "0.10.0";
/** Ada is the first architecture that converts FP8 in hardware; on Ampere it is done in software, and slowly. */
const FP8_SINCE_CAPABILITY = 8.9;
/** Kernels for latent attention that read FP8 (FlashMLA, CUTLASS, FlashInfer) exist for Hopper and data-center Blackwell. */
const LATENT_FP8_CAPABILITIES = new Set([9, 10]);

/** What is known of the answers, with its source; shown wherever a plan keeps keys and values in FP8. */
export const FP8_KV_CACHE_QUALITY =
  "the KV cache is kept in FP8: vLLM's own tests (Llama, Qwen3 and MoE models on Hopper and Blackwell) keep 94 to 99 % of the " +
  "16-bit scores (https://vllm.ai/blog/fp8-kvcache); without scales in the checkpoint they are 1.0: test with your own prompts";

/** Precisions of the KV cache to look at, the more exact first: one, unless the request leaves the choice to the search. */
export function searchedKvCacheDtypes(
  { kvCacheDtype, engine }: Pick<ServingRequest, "kvCacheDtype" | "engine">,
  architecture: ModelArchitecture,
  gpu: Gpu,
): readonly KvCacheDtype[] {
  if (kvCacheDtype !== "any") return [kvCacheDtype];
  if (compareVersions(engine.version, FP8_SINCE) < 0) return ["auto"];
  const isLatent = architecture.layerGroups.some(({ attention }) => attention.kind === "latent");
  const canFp8 = isLatent
    ? LATENT_FP8_CAPABILITIES.has(gpu.computeCapability)
    : gpu.computeCapability >= FP8_SINCE_CAPABILITY;
  return canFp8 ? ["auto", "fp8"] : ["auto"];
}
