import type { Catalog } from "../catalog";
import { costPlan } from "../cost/cost";
import { kvCacheBytesPerToken } from "../memory/kv-cache";
import { shareOfCase } from "../search/cases";
import type { ModelFacts } from "../search/planned-model";
import { historyCachingOf, type Replica } from "../search/replica";
import { usedGpus, type Solution } from "../search/solution";
import type { FittedPlan, HardwarePlan, KvCachePlan, MemoryAddend, MemoryPerGpu } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { requestsHeld, sharedTokens } from "../time/workload";
import { enginePlan } from "./engine-plan";
import { performancePlan } from "./performance";
import type { PrefixCachePlan } from "./scenario-plan";
import { bindingLimit, scenarioOutcomes } from "./scenarios";
import { trafficPlan } from "./traffic";

/** Everything that follows from the chosen solution. */
export function fittedPlan(
  request: ServingRequest,
  catalog: Catalog,
  model: ModelFacts,
  solution: Solution,
): FittedPlan {
  const { replica } = solution;
  const performance = performancePlan(request, solution);
  const scenarios = scenarioOutcomes(request, solution);
  const binding = bindingLimit(scenarios);
  const prefixCache = prefixCachePlan(request, replica);
  const cost = costPlan(request, catalog, solution, performance.outputTokensPerSecond.value);
  const traffic = trafficPlan(request, solution, cost.expected.usdPerHour - solution.usdPerHour);
  return {
    quantization: replica.configuration.quantization,
    engine: enginePlan(model, replica, performance),
    memoryPerGpu: memoryPerGpu(replica),
    kvCache: kvCachePlan(request, replica),
    ...(prefixCache === undefined ? {} : { prefixCache }),
    hardware: hardwarePlan(solution),
    performance,
    scenarios,
    ...(binding === undefined ? {} : { binding }),
    ...(traffic === undefined ? {} : { traffic }),
    cost: traffic === undefined ? cost : { ...cost, usdPerMillionOutputTokens: traffic.usdPerMillionOutputTokens },
  };
}

/** The card from bottom to top; the addends sum up to what the driver reports. */
function memoryPerGpu({ memory, deployment }: Replica): MemoryPerGpu {
  const { weightsGiB, activationGiB, nonTorchGiB, cudaGraphGiB, cudaGraphsInBudget, kvCacheGiB, basis } = memory;
  const graphsGiB = cudaGraphsInBudget ? cudaGraphGiB : 0;
  const reserveGiB = deployment.gpu.usableGiB - (weightsGiB + activationGiB + nonTorchGiB + graphsGiB + kvCacheGiB);
  const share = Math.round((1 - deployment.gpuMemoryUtilization) * 100);
  const reserveNote =
    `${share} % that gpu-memory-utilization leaves out: context, NCCL, allocator` +
    (cudaGraphsInBudget ? "" : ` and ${cudaGraphGiB.toFixed(1)} GiB of CUDA graphs`);
  const addends: MemoryAddend[] = [
    { name: "weights", gib: weightsGiB, basis: "computed", note: "of the fullest rank" },
    { name: "activation", gib: activationGiB, basis, note: "peak while the engine profiles itself" },
    { name: "non-torch", gib: nonTorchGiB, basis, note: "CUDA, NCCL and the sampler's tables" },
    {
      name: "cuda-graphs",
      gib: graphsGiB,
      basis,
      note: cudaGraphsInBudget ? "estimated by the engine" : "outside of the budget",
    },
    { name: "kv-cache", gib: kvCacheGiB, basis, note: "what is left of the budget" },
    { name: "reserve", gib: reserveGiB, basis: "computed", note: reserveNote },
  ];
  return { addends, totalGiB: addends.reduce((sum, addend) => sum + addend.gib, 0) };
}

function kvCachePlan(request: ServingRequest, { memory, deployment, concurrency }: Replica): KvCachePlan {
  const { workload } = request;
  return {
    dtype: deployment.kvCacheDtype,
    // Over all stages, whatever share of the layers the fullest rank has.
    bytesPerToken: kvCacheBytesPerToken({ ...deployment, pipelineParallel: 1 }) * deployment.tensorParallel,
    tokens: memory.kvCacheTokens,
    requestsAtMeanLength: requestsHeld(workload, memory.kvCacheTokens),
    requestsAtWorstLength: Math.floor(memory.kvCacheTokens / deployment.maxModelLen),
    requestsNeeded: shareOfCase(request, request, concurrency),
  };
}

/** What requests share in the KV cache of a replica. */
function prefixCachePlan(request: ServingRequest, replica: Replica): PrefixCachePlan | undefined {
  const { workload } = request;
  const shared = sharedTokens(workload);
  const history = historyCachingOf(request, replica);
  if (shared === 0 && history === undefined) return undefined;
  return {
    sharedTokens: shared,
    ...(history === undefined
      ? {}
      : {
          waitingConversations: history.waitingConversations,
          historyTokens: history.historyTokens,
          historyKeptShare: history.keptShare,
          historyHitShare: history.hitShare,
        }),
    basis: "assumed",
  };
}

function hardwarePlan(solution: Solution): HardwarePlan {
  const { configuration } = solution.replica;
  const { offer, gpu, tensorParallel, pipelineParallel, replicasPerNode } = configuration;
  return {
    cloud: offer.cloud,
    region: offer.region,
    purchase: offer.purchase,
    instanceType: offer.instanceType,
    gpu: gpu.name,
    gpusPerNode: offer.gpuCount,
    vcpusPerNode: offer.vcpus,
    memoryGiBPerNode: offer.memoryGiB,
    tensorParallel,
    pipelineParallel,
    replicas: solution.replicas,
    replicasPerNode,
    nodes: solution.nodes,
    idleGpus: solution.nodes * offer.gpuCount - usedGpus(solution),
  };
}
