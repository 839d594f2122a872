import type { TimeValues } from "../coefficients";
import type { Deployment } from "../deployment";
import { compareVersions } from "../engine/version";
import { distinctExperts, rankWork, type LayerWork, type RankWork } from "../model/rank-work";
import { allReduceMs, stageTransferMs } from "./collectives";
import { linearRates, overlapMs, relativeCompute, type LinearRates } from "./roofline";

/** What one engine step has to do. */
export interface StepBatch {
  /** Prompt tokens computed in this step, over all requests. */
  readonly prefillTokens: number;
  /** Sum over those tokens of the context that each attends to (half of it for the part of its own chunk). */
  readonly prefillTokenPairs: number;
  /** Requests that those tokens belong to. */
  readonly prefillRequests: number;
  /** Prompts that end in this step and so sample their first token. */
  readonly prefillSamples: number;
  /** Sequences that decode one token. */
  readonly decodeSequences: number;
  /** Sum of their contexts. */
  readonly decodeContextTokens: number;
}

/** Time of steps of one deployment; compiled once, asked thousands of times. */
export interface StepTimer {
  stepMs(batch: StepBatch): number;
}

/** From this version on the next step is scheduled while the GPU still runs the last (vLLM 0.14 made it the default). */
const ASYNC_SCHEDULING_SINCE = "0.14.0";
/** Before it: the V0 engine, without compiled graphs. */
const V1_ENGINE_SINCE = "0.8.0";
const BYTES_16_BIT = 2;
/** Sequences up to which runs were measured one by one; a step with more pays extra for those beyond. */
const CROWD = 256;

interface Compiled {
  readonly deployment: Deployment;
  readonly work: RankWork;
  readonly rates: LinearRates;
  readonly kvBytesPerMs: number;
  readonly attentionFlopsPerMs: number;
  readonly fixedMsPerLayer: number;
  /** Of kernels that no bandwidth bounds, relative to Hopper. */
  readonly latencyFactor: number;
  readonly asyncScheduling: boolean;
  readonly v: TimeValues;
}

function linearMs(layer: LayerWork, tokens: number, c: Compiled): number {
  const { linear } = layer;
  const { rates, v } = c;
  const dense16Bit = c.deployment.quantization === "mxfp4";
  const bytes = dense16Bit ? BYTES_16_BIT : rates.bytesPerParameter;
  const bytesPerMs = dense16Bit ? rates.bytesPerMs16Bit : rates.bytesPerMs;
  const flopsPerMs = dense16Bit ? rates.flopsPerMs16Bit : rates.flopsPerMs;
  const dense = overlapMs(
    (linear.denseParameters * bytes) / bytesPerMs,
    (2 * linear.denseParameters * tokens) / flopsPerMs,
    v.overlapExponent,
  );
  if (linear.experts === 0) return dense;
  const reached = distinctExperts(linear.experts, linear.expertsPerToken, tokens, v.routingIndependence);
  const routed = overlapMs(
    (reached * linear.expertParameters * rates.bytesPerParameter) / rates.expertBytesPerMs,
    (2 * linear.expertParameters * tokens * linear.expertsPerToken) / (rates.flopsPerMs * v.expertComputeShare),
    v.expertOverlapExponent,
  );
  return dense + routed + v.expertRoutingMs * c.latencyFactor;
}

/** Mean context of the rows is enough for a window: lengths of a batch lie close together or far beyond it. */
function attentionMs(layer: LayerWork, batch: StepBatch, c: Compiled): number {
  const { attention } = layer;
  const seen = (pairs: number, rows: number): number =>
    rows === 0 ? 0 : Math.min(pairs, rows * attention.windowTokens);
  const decodePairs = seen(batch.decodeContextTokens, batch.decodeSequences);
  const prefillPairs = seen(batch.prefillTokenPairs, batch.prefillTokens);
  const stateBytes = (batch.decodeSequences + batch.prefillRequests) * attention.stateBytesPerSequence;
  const decodeMs = overlapMs(
    (decodePairs * attention.kvBytesPerContextToken + stateBytes) / c.kvBytesPerMs,
    (decodePairs * attention.decodeFlopsPerContextToken) / c.attentionFlopsPerMs,
    c.v.overlapExponent,
  );
  const latentMs = attention.isLatent ? c.v.latentMsPerLayer * c.latencyFactor : 0;
  return latentMs + decodeMs + (prefillPairs * attention.flopsPerTokenPair) / c.attentionFlopsPerMs;
}

/** One pass through `1/stages` of the layers. */
function stageMs(batch: StepBatch, stages: number, c: Compiled): number {
  const tokens = batch.prefillTokens + batch.decodeSequences;
  const reduceMs = allReduceMs(c.deployment, tokens, c.v);
  const activationMs = tokens * c.v.activationBytesPerHidden * c.work.hiddenSize;
  let total = 0;
  for (const layer of c.work.layers) {
    const perLayer =
      c.fixedMsPerLayer +
      linearMs(layer, tokens, c) +
      attentionMs(layer, batch, c) +
      activationMs / c.rates.bytesPerMs16Bit +
      2 * reduceMs;
    total += layer.count * perLayer;
  }
  // Without graphs the host launches kernels one by one, beside what the GPU does with them.
  const launchMs = c.deployment.enforceEager ? c.work.layerCount * c.v.eagerMsPerLayer : 0;
  return Math.max(total, launchMs) / stages;
}

function outputMs(batch: StepBatch, c: Compiled): number {
  const rows = batch.decodeSequences + batch.prefillSamples;
  if (rows === 0) return 0;
  const head = overlapMs(
    (c.work.lmHeadParameters * BYTES_16_BIT) / c.rates.bytesPerMs16Bit,
    (2 * c.work.lmHeadParameters * rows) / c.rates.flopsPerMs16Bit,
    c.v.overlapExponent,
  );
  // Logits are gathered and sampled over the whole vocabulary on every rank.
  const sampler = (rows * c.work.vocabularySize * c.v.samplerBytesPerLogit) / c.rates.bytesPerMs16Bit;
  return head + sampler;
}

function hostMs(batch: StepBatch, c: Compiled): number {
  const rows = batch.decodeSequences + batch.prefillRequests;
  const crowdMs = Math.max(0, rows - CROWD) * c.v.hostMsPerSequenceInCrowd;
  return c.asyncScheduling
    ? c.v.hostMsPerStepAsync + rows * c.v.hostMsPerSequenceAsync + crowdMs
    : c.v.hostMsPerStepSync + rows * c.v.hostMsPerSequenceSync + crowdMs;
}

/** The batch of one of `n` micro-batches that fill the pipeline. */
function share(batch: StepBatch, n: number): StepBatch {
  return {
    prefillTokens: batch.prefillTokens / n,
    prefillTokenPairs: batch.prefillTokenPairs / n,
    prefillRequests: batch.prefillRequests / n,
    prefillSamples: batch.prefillSamples / n,
    decodeSequences: batch.decodeSequences / n,
    decodeContextTokens: batch.decodeContextTokens / n,
  };
}

function stepMs(batch: StepBatch, c: Compiled): number {
  const stages = c.deployment.pipelineParallel;
  if (stages === 1) return stageMs(batch, 1, c) + outputMs(batch, c) + hostMs(batch, c);
  // Requests are spread over as many micro-batches as there are stages; a token passes all stages in turn.
  const requests = batch.decodeSequences + batch.prefillRequests;
  const microBatches = Math.max(1, Math.min(stages, requests));
  const micro = share(batch, microBatches);
  const tokens = micro.prefillTokens + micro.decodeSequences;
  const perStage = stageMs(micro, stages, c) + stageTransferMs(c.deployment, tokens, c.v);
  return stages * perStage + outputMs(micro, c) + hostMs(micro, c);
}

function fixedMsPerLayer(deployment: Deployment, rates: LinearRates, v: TimeValues): number {
  let ms = v.fixedMsPerLayer;
  if (rates.quantizesActivations) ms += v.quantizeMsPerLayer;
  else if (deployment.quantization !== "bf16") ms += v.unpackMsPerLayer;
  const legacy = compareVersions(deployment.engine.version, V1_ENGINE_SINCE) < 0;
  if (legacy && deployment.quantization.startsWith("int")) ms += v.legacyQuantizedMsPerLayer;
  return ms * latencyFactor(deployment, v);
}

function latencyFactor({ gpu }: Deployment, v: TimeValues): number {
  return gpu.architecture === "Ampere" ? v.ampereLatency : 1;
}

/** Compiles the step time of a deployment. Formula: docs in `rank-work.ts`, `roofline.ts`, `collectives.ts`. */
export function compileStepTimer(deployment: Deployment, v: TimeValues): StepTimer {
  const rates = linearRates(deployment, v);
  const asyncScheduling = compareVersions(deployment.engine.version, ASYNC_SCHEDULING_SINCE) >= 0;
  const { gpu } = deployment;
  const compiled: Compiled = {
    deployment,
    work: rankWork(deployment),
    rates,
    kvBytesPerMs: gpu.bandwidthGBPerSecond * 1e6 * v.bandwidthShareKv,
    attentionFlopsPerMs: gpu.bf16Teraflops * 1e9 * v.computeShareAttention * relativeCompute(deployment, v),
    fixedMsPerLayer: fixedMsPerLayer(deployment, rates, v),
    latencyFactor: latencyFactor(deployment, v),
    asyncScheduling,
    v,
  };
  return { stepMs: (batch) => stepMs(batch, compiled) };
}
