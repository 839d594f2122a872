import type { Deployment } from "../deployment";
import { compareVersions } from "../engine/version";
import type { Attention, LayerGroup } from "../model/architecture";
import { pipelineStages } from "../model/pipeline";
import type { KvCacheDtype } from "../model/precision";
import { kvHeadsPerRank } from "../model/weights";

/** Tokens of one page of the engine's cache on CUDA. */
export const KV_BLOCK_TOKENS = 16;
/** Before it every layer was given pages for the whole context, sliding windows or not. */
const HYBRID_MANAGER_SINCE = "0.10.0";
/** From here the engine prints concurrency × max-model-len; before, blocks of one group × 16. */
const TOKENS_BY_CONCURRENCY_SINCE = "0.22.0";
/** Layer counts of two kinds that are this close are padded to the larger (`kv_cache_utils.py`). */
const NEARLY_EQUAL = 1.25;

/** Layers of one rank that share a shape of cache. */
interface CacheBucket {
  readonly layers: number;
  readonly bytesPerToken: number;
  readonly windowTokens?: number;
  readonly chunkedWindow?: boolean;
  /** Bytes of state a sequence; such layers cache nothing a token. */
  readonly stateBytes?: number;
}

export interface KvPool {
  readonly blocks: number;
  /** Tokens that the pool holds, as the engine prints them. */
  readonly tokens: number;
}

type CacheShape = Pick<Deployment, "architecture" | "tensorParallel" | "pipelineParallel" | "kvCacheDtype">;

/** Bytes that one more token takes on the fullest rank, in all of its layers that cache tokens. */
export function kvCacheBytesPerToken(shape: CacheShape): number {
  const stages = pipelineStages(shape.architecture, shape.pipelineParallel);
  return Math.max(...stages.map((stage) => stageBytesPerToken(stage.layerGroups, shape)));
}

export function stageBytesPerToken(groups: readonly LayerGroup[], shape: CacheShape): number {
  return cacheBuckets(groups, shape).reduce((sum, bucket) => sum + bucket.layers * bucket.bytesPerToken, 0);
}

/** 2 (K, V) × heads of the rank × head dim × bytes; MLA: one latent vector, the same on every rank. */
function layerBytesPerToken(attention: Attention, tensorParallel: number, dtype: KvCacheDtype): number {
  const bytes = dtype === "fp8" ? 1 : 2;
  if (attention.kind === "recurrent") return 0;
  if (attention.kind === "latent") return (attention.kvLoraRank + attention.ropeHeadDim) * bytes;
  return 2 * kvHeadsPerRank(attention.kvHeads, tensorParallel) * attention.headDim * bytes;
}

function cacheBuckets(groups: readonly LayerGroup[], shape: CacheShape): readonly CacheBucket[] {
  const buckets = new Map<string, CacheBucket>();
  for (const { count, attention } of groups) {
    const bucket = bucketOf(attention, shape);
    if (bucket.bytesPerToken === 0 && (bucket.stateBytes ?? 0) === 0) continue;
    const key = `${bucket.bytesPerToken} ${bucket.windowTokens} ${bucket.stateBytes}`;
    buckets.set(key, { ...bucket, layers: (buckets.get(key)?.layers ?? 0) + count });
  }
  return [...buckets.values()];
}

function bucketOf(attention: Attention, shape: CacheShape): CacheBucket {
  const bytesPerToken = layerBytesPerToken(attention, shape.tensorParallel, shape.kvCacheDtype);
  if (attention.kind === "recurrent") {
    return { layers: 0, bytesPerToken, stateBytes: attention.stateBytesPerSequence / shape.tensorParallel };
  }
  if (attention.kind === "latent" || attention.windowTokens === undefined) return { layers: 0, bytesPerToken };
  const { windowTokens, chunkedWindow } = attention;
  return { layers: 0, bytesPerToken, windowTokens, ...(chunkedWindow === true ? { chunkedWindow } : {}) };
}

/** Blocks and tokens that fit `bytes` of one rank. */
export function kvPool(groups: readonly LayerGroup[], deployment: Deployment, bytes: number): KvPool {
  const buckets = cacheBuckets(groups, deployment);
  if (buckets.length === 0 || bytes <= 0) return { blocks: 0, tokens: 0 };
  const isHybrid = compareVersions(deployment.engine.version, HYBRID_MANAGER_SINCE) >= 0;
  return isHybrid ? hybridPool(buckets, deployment, bytes) : flatPool(buckets, bytes);
}

function flatPool(buckets: readonly CacheBucket[], bytes: number): KvPool {
  const perBlock = buckets.reduce((sum, bucket) => sum + bucket.layers * bucket.bytesPerToken, 0) * KV_BLOCK_TOKENS;
  const blocks = perBlock > 0 ? Math.floor(bytes / perBlock) : 0;
  return { blocks, tokens: blocks * KV_BLOCK_TOKENS };
}

/**
 * vLLM's hybrid manager: layers of one kind are cut into groups of equal size, every group draws pages from one pool, and
 * a page is as large in every group, so that a short kind is padded (`kv_cache_utils.py`,
 * _get_kv_cache_groups_uniform_page_size). With recurrent layers the page grows until it holds their state.
 */
function hybridPool(buckets: readonly CacheBucket[], deployment: Deployment, bytes: number): KvPool {
  const groupLayers = layersOfGroup(buckets.map((bucket) => bucket.layers));
  const largestState = Math.max(...buckets.map((bucket) => bucket.stateBytes ?? 0));
  const perToken = Math.max(...buckets.map((bucket) => bucket.bytesPerToken));
  const blockTokens =
    Math.max(1, perToken > 0 ? Math.ceil(largestState / (perToken * KV_BLOCK_TOKENS)) : 1) * KV_BLOCK_TOKENS;
  const pageBytes = Math.max(perToken * blockTokens, largestState);
  const blocks = Math.floor(bytes / (pageBytes * groupLayers));
  const groupCount = buckets.reduce((sum, bucket) => sum + Math.ceil(bucket.layers / groupLayers), 0);
  const blocksPerRequest = buckets.reduce(
    (sum, bucket) => sum + Math.ceil(bucket.layers / groupLayers) * blocksOfRequest(bucket, deployment, blockTokens),
    0,
  );
  const printsConcurrency = compareVersions(deployment.engine.version, TOKENS_BY_CONCURRENCY_SINCE) >= 0;
  if (groupCount === 1 && largestState === 0) return { blocks, tokens: blocks * blockTokens };
  const tokens =
    printsConcurrency || largestState > 0
      ? Math.floor((blocks / blocksPerRequest) * deployment.maxModelLen)
      : Math.floor(blocks / groupCount) * blockTokens;
  return { blocks, tokens };
}

function layersOfGroup(counts: readonly number[]): number {
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  return most < least * NEARLY_EQUAL ? most : least;
}

/** Pages that a request of max-model-len takes in one group. A sliding window also holds what one step may add. */
function blocksOfRequest(bucket: CacheBucket, deployment: Deployment, blockTokens: number): number {
  if (bucket.stateBytes !== undefined) return 1;
  const { maxModelLen, maxNumBatchedTokens } = deployment;
  if (bucket.windowTokens === undefined) return Math.ceil(maxModelLen / blockTokens);
  if (bucket.chunkedWindow === true) {
    return Math.ceil(Math.min(bucket.windowTokens + maxNumBatchedTokens, maxModelLen) / blockTokens);
  }
  return Math.ceil(Math.min(bucket.windowTokens - 1 + maxNumBatchedTokens, maxModelLen) / blockTokens) + 1;
}
