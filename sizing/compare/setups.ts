import type { Catalog, Gpu } from "../catalog";
import type { Quantization } from "../model/precision";
import { tensorParallelFault } from "../model/tensor-parallel";
import { estimate, inverse } from "../plan/ranges";
import { compareOffers, type Configuration } from "../search/configurations";
import { precisionFault, type ModelFacts } from "../search/planned-model";
import { replicaOf, steadyStateOf } from "../search/replica";
import type { ServingRequest } from "../serving-request";
import { timeBasis, timeErrorBands } from "../time/error-band";
import { requestsHeld, tokensInFlight } from "../time/workload";
import type { FastestAtBatch, ReferenceSetup, SetupRow, SpeedAtBatch } from "./comparison";

/** The card that most measured runs of the time model come from. */
export const CALIBRATED_GPU = "H100-SXM5-80GB";

/** More requests than this in one replica say nothing that fewer do not say. */
const LARGEST_BATCH = 512;

/** The target as far as one replica is asked for it. */
export function targetBatch(concurrency: number): number {
  return Math.min(concurrency, LARGEST_BATCH / 2);
}

/** From one user to more than most replicas hold. */
const USUAL_BATCHES = [1, 8, 32, 50, 128];

/** The usual ones and the target. */
function comparedBatches(concurrency: number): number[] {
  return [...new Set([...USUAL_BATCHES, targetBatch(concurrency)])].toSorted((a, b) => a - b);
}

/** Every precision on the same cards; undefined where no machine of the catalog has so many of them. */
export function referenceSetup(
  request: ServingRequest,
  catalog: Catalog,
  model: ModelFacts,
  quantizations: readonly Quantization[],
  setup: Pick<ReferenceSetup, "gpu" | "tensorParallel" | "role">,
): ReferenceSetup | undefined {
  const gpu = catalog.gpus.find(({ name }) => name === setup.gpu);
  const [offer] = catalog.offers
    .filter((one) => one.gpu === setup.gpu && one.gpuCount >= setup.tensorParallel)
    .toSorted(compareOffers);
  if (gpu === undefined || offer === undefined) return undefined;
  const batches = comparedBatches(request.workload.concurrency);
  const rows = quantizations.map((quantization) =>
    setupRow(request, model, {
      offer,
      gpu,
      quantization,
      kvCacheDtype: request.kvCacheDtype === "fp8" ? "fp8" : "auto",
      tensorParallel: setup.tensorParallel,
      pipelineParallel: 1,
      replicasPerNode: 1,
    }),
  );
  return {
    ...setup,
    link: offer.link.kind,
    batches,
    rows,
    fastest: batches.flatMap((batch) => fastestAt(batch, rows)),
  };
}

function setupRow(request: ServingRequest, model: ModelFacts, configuration: Configuration): SetupRow {
  const { quantization, tensorParallel, gpu } = configuration;
  const fault = faultOf(gpu, model, quantization, tensorParallel);
  if (fault !== undefined) return { quantization, fault };
  const { concurrency } = request.workload;
  const target = targetBatch(concurrency);
  const { memory, deployment } = replicaOf(request, model, configuration, target);
  const { weightsGiB, activationGiB, nonTorchGiB, cudaGraphGiB, kvCacheGiB, kvCacheTokens } = memory;
  if (kvCacheTokens < deployment.maxModelLen) {
    const room = kvCacheGiB <= 0 ? "the weights leave no room for a KV cache" : "not one request fits the KV cache";
    return { quantization, fault: `${room} (${weightsGiB.toFixed(1)} GiB of weights a GPU)` };
  }
  const speeds = comparedBatches(concurrency).map((batch) => speedAt(request, model, configuration, batch));
  return {
    quantization,
    figures: {
      weightsGiBPerGpu: weightsGiB,
      runtimeGiBPerGpu: activationGiB + nonTorchGiB + cudaGraphGiB,
      kvCacheGiBPerGpu: kvCacheGiB,
      kvCacheTokens,
      requestsAtMeanLength: requestsHeld(request.workload, kvCacheTokens),
      memoryBasis: memory.basis,
      speeds: speeds.filter((speed) => speed !== undefined),
    },
  };
}

function faultOf(
  gpu: Gpu,
  { architecture }: ModelFacts,
  quantization: Quantization,
  tensorParallel: number,
): string | undefined {
  return precisionFault(gpu, quantization) ?? tensorParallelFault(architecture, quantization, tensorParallel, 1);
}

/** Means of a steady state; undefined where so many sequences leave no room for one request. */
function speedAt(
  request: ServingRequest,
  model: ModelFacts,
  configuration: Configuration,
  batch: number,
): SpeedAtBatch | undefined {
  const replica = replicaOf(request, model, configuration, batch);
  const { memory, deployment } = replica;
  if (memory.kvCacheTokens < deployment.maxModelLen) return undefined;
  // All there is to one replica: the turns of a dialogue come back to it.
  const alone = { ...request, workload: { ...request.workload, concurrency: batch } };
  const state = steadyStateOf(alone, replica);
  const bands = timeErrorBands(deployment);
  const basis = timeBasis(deployment);
  return {
    batch,
    tokensPerSecondPerUser: inverse(estimate(state.tpot.meanMs, bands.tpot, basis)),
    outputTokensPerSecond: estimate(state.outputTokensPerSecond, bands.throughput, basis),
    queues: memory.kvCacheTokens < tokensInFlight(request.workload, batch),
  };
}

/** By tokens a second of each user; precisions that run out of KV cache are not in the race. */
function fastestAt(batch: number, rows: readonly SetupRow[]): FastestAtBatch[] {
  const runners = rows
    .flatMap(({ quantization, figures }) =>
      (figures?.speeds ?? [])
        .filter((speed) => speed.batch === batch && !speed.queues)
        .map(({ tokensPerSecondPerUser: speed }) => ({ quantization, speed })),
    )
    .toSorted((a, b) => b.speed.value - a.speed.value);
  const [first, second] = runners;
  if (first === undefined) return [];
  if (second === undefined) return [{ batch, quantization: first.quantization, isClose: false }];
  return [
    {
      batch,
      quantization: first.quantization,
      runnerUp: second.quantization,
      leadPercent: (first.speed.value / second.speed.value - 1) * 100,
      isClose: second.speed.value >= first.speed.low,
    },
  ];
}
