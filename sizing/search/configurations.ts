import type { Catalog, Gpu, InstanceOffer } from "../catalog";
import { searchedKvCacheDtypes } from "../memory/kv-cache-choice";
import { gpusOf, parallelismText, splitsOf, type Parallelism } from "../model/parallelism";
import type { KvCacheDtype, Quantization } from "../model/precision";
import { tensorParallelFault } from "../model/tensor-parallel";
import { weightBytesPerGpu } from "../model/weights";
import type { RejectedCandidate } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { gib, plural } from "../wording";
import { precisionFault, type ModelFacts } from "./planned-model";

/** One way to run a replica on the cheapest machine of its kind; how many replicas is decided by the search. */
export interface Configuration extends Parallelism {
  readonly offer: InstanceOffer;
  readonly gpu: Gpu;
  readonly quantization: Quantization;
  readonly kvCacheDtype: KvCacheDtype;
  readonly replicasPerNode: number;
}

/** Of a machine's memory, what pods may have; EC2's allocatable figures lie between 0.88 and 0.94. */
const ALLOCATABLE_SHARE = 0.9;
/** /dev/shm of a pod, beside the page cache that the weights are loaded through. */
const SHARED_MEMORY_GIB = 8;

/** Offers of the request's market in a fixed order, whatever the order of the catalog. */
export function marketOffers(request: ServingRequest, catalog: Catalog): InstanceOffer[] {
  const { clouds, regions, purchase } = request.market;
  return cheapestFirst(catalog.offers).filter(
    (offer) =>
      clouds.includes(offer.cloud) &&
      (regions.length === 0 || regions.includes(offer.region)) &&
      offer.purchase === purchase &&
      (request.gpu === undefined || offer.gpu === request.gpu),
  );
}

/** Whether the catalog has any price of the market's clouds for this way of paying: nobody may have written them down. */
export function isPriced({ market: { clouds, purchase } }: ServingRequest, { offers }: Catalog): boolean {
  return offers.some((offer) => clouds.includes(offer.cloud) && offer.purchase === purchase);
}

/** A price list is sorted once and not for each of the many searches in it. */
const sortedOffers = new WeakMap<readonly InstanceOffer[], readonly InstanceOffer[]>();

function cheapestFirst(offers: readonly InstanceOffer[]): readonly InstanceOffer[] {
  const sorted = sortedOffers.get(offers) ?? offers.toSorted(compareOffers);
  sortedOffers.set(offers, sorted);
  return sorted;
}

/** Cheapest first; the names make the order total. */
export function compareOffers(a: InstanceOffer, b: InstanceOffer): number {
  return a.usdPerHour - b.usdPerHour || compareText(offerKey(a), offerKey(b));
}

function offerKey(offer: InstanceOffer): string {
  return `${offer.instanceType} ${offer.cloud} ${offer.region}`;
}

/** By code units: the same everywhere, whatever the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Everything that could be run and the reasons why the rest cannot, grouped so that one line stands for its like. */
export function configurations(
  request: ServingRequest,
  catalog: Catalog,
  model: ModelFacts,
): { readonly possible: readonly Configuration[]; readonly rejected: readonly RejectedCandidate[] } {
  const cards = new Map(catalog.gpus.map((gpu) => [gpu.name, gpu]));
  const possible: Configuration[] = [];
  const rejected = new Map<string, RejectedCandidate>();
  const settled = new Set<string>();
  const reject = (candidate: RejectedCandidate): void => {
    const key = `${candidate.candidate} ${candidate.reason}`;
    if (!rejected.has(key)) rejected.set(key, candidate);
  };
  const hostMemory = hostMemoryOf(model);
  const splits = rememberedSplits(request, model);
  for (const offer of marketOffers(request, catalog)) {
    const gpu = cards.get(offer.gpu);
    if (gpu === undefined) continue;
    // Offers come cheapest first: a dearer machine with the same cards and link can only lose, or be refused alike.
    const { kind, gigabytesPerSecond } = offer.link;
    const machine = `${gpu.name} ${kind} ${gigabytesPerSecond} ${offer.gpuCount}`;
    for (const quantization of model.quantizations) {
      const shape = `${machine} ${quantization}`;
      if (settled.has(shape)) continue;
      settled.add(shape);
      for (const split of splits(quantization, offer.gpuCount)) {
        const refusal = refusalOf(offer, gpu, quantization, split, model, hostMemory);
        if (refusal !== undefined) {
          reject(refusal);
          // Another machine with the same cards may have more memory of its own; how a replica is cut changes nothing.
          if (refusal.reason === "host-memory") settled.delete(shape);
          continue;
        }
        const replicasPerNode = Math.floor(offer.gpuCount / gpusOf(split));
        for (const kvCacheDtype of searchedKvCacheDtypes(request, model.architecture, gpu)) {
          possible.push({ offer, gpu, quantization, kvCacheDtype, ...split, replicasPerNode });
        }
      }
    }
  }
  return { possible, rejected: [...rejected.values()] };
}

type Splits = (quantization: Quantization, gpuCount: number) => readonly Parallelism[];

function rememberedSplits(request: ServingRequest, { architecture }: ModelFacts): Splits {
  const known = new Map<string, readonly Parallelism[]>();
  return (quantization, gpuCount) => {
    const key = `${quantization} ${gpuCount}`;
    const splits = known.get(key) ?? splitsOf(request, architecture, quantization, gpuCount);
    known.set(key, splits);
    return splits;
  };
}

function refusalOf(
  offer: InstanceOffer,
  gpu: Gpu,
  quantization: Quantization,
  split: Parallelism,
  model: ModelFacts,
  hostMemory: HostMemory,
): RejectedCandidate | undefined {
  const { tensorParallel, pipelineParallel } = split;
  if (offer.gpuCount < gpusOf(split)) {
    return {
      candidate: `${gpu.name} in a machine of ${offer.gpuCount}`,
      reason: "tensor-parallel",
      explanation: `one replica needs ${gpusOf(split)} GPUs of one machine`,
      needed: `${gpusOf(split)} GPUs`,
      available: `${plural(offer.gpuCount, "GPU")} (${offer.instanceType})`,
    };
  }
  const precision = precisionFault(gpu, quantization);
  if (precision !== undefined) {
    const candidate = `${gpu.name} ${quantization}`;
    return {
      candidate,
      reason: "precision",
      explanation: precision,
      needed: quantization,
      available: "other precisions",
    };
  }
  const uneven = tensorParallelFault(model.architecture, quantization, tensorParallel, pipelineParallel);
  if (uneven !== undefined) {
    const candidate = `${quantization} ${parallelismText(split)}`;
    return { candidate, reason: "tensor-parallel", explanation: uneven, needed: "an even split", available: "none" };
  }
  return hostMemoryRefusal(offer, quantization, hostMemory(quantization));
}

/** GiB of all the weights of one model in a precision. */
type HostMemory = (quantization: Quantization) => number;

function hostMemoryOf({ architecture }: ModelFacts): HostMemory {
  const known = new Map<Quantization, number>();
  return (quantization) => {
    const shard = { architecture, quantization, tensorParallel: 1, pipelineParallel: 1 };
    const weightsGiB = known.get(quantization) ?? weightBytesPerGpu(shard) / 2 ** 30;
    known.set(quantization, weightsGiB);
    return weightsGiB;
  };
}

/** Weights pass through the page cache of the machine; with less memory than that, loading crawls or the pod is killed. */
function hostMemoryRefusal(
  offer: InstanceOffer,
  quantization: Quantization,
  weightsGiB: number,
): RejectedCandidate | undefined {
  const needed = weightsGiB + SHARED_MEMORY_GIB;
  const available = offer.memoryGiB * ALLOCATABLE_SHARE;
  if (needed <= available) return undefined;
  return {
    candidate: `${offer.instanceType} ${quantization}`,
    reason: "host-memory",
    explanation: `the machine's own memory is too small to load ${gib(weightsGiB)} of weights beside ${SHARED_MEMORY_GIB} GiB of shared memory`,
    needed: `${gib(needed)} of host memory`,
    available: gib(available),
  };
}
