import type { Catalog } from "./catalog";
import { costPlan } from "./cost";
import { enginePlan } from "./engine-plan";
import { kvCacheBytesPerToken } from "./kv-cache";
import { performancePlan } from "./performance";
import type { ModelFacts } from "./planned-model";
import type { Replica } from "./replica";
import { usedGpus, type Solution } from "./solution";
import type { FittedPlan, HardwarePlan, KvCachePlan, MemoryAddend, MemoryPerGpu } from "./serving-plan";
import type { ServingRequest } from "./serving-request";

/** Everything that follows from the chosen solution. */
export function fittedPlan(
  request: ServingRequest,
  catalog: Catalog,
  model: ModelFacts,
  solution: Solution,
): FittedPlan {
  const { replica, nodes } = solution;
  const performance = performancePlan(request, solution);
  return {
    quantization: replica.configuration.quantization,
    engine: enginePlan(model, replica, performance),
    memoryPerGpu: memoryPerGpu(replica),
    kvCache: kvCachePlan(request, replica),
    hardware: hardwarePlan(solution),
    performance,
    cost: costPlan(request, catalog, replica.configuration, nodes, performance.outputTokensPerSecond.value),
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
    { name: "non-torch", gib: nonTorchGiB, basis, note: "CUDA and NCCL" },
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
  const { promptTokens, outputTokens } = request.workload;
  return {
    dtype: deployment.kvCacheDtype,
    // Over all stages, whatever share of the layers the fullest rank has.
    bytesPerToken: kvCacheBytesPerToken({ ...deployment, pipelineParallel: 1 }) * deployment.tensorParallel,
    tokens: memory.kvCacheTokens,
    requestsAtMeanLength: Math.floor(memory.kvCacheTokens / (promptTokens + outputTokens)),
    requestsAtWorstLength: Math.floor(memory.kvCacheTokens / deployment.maxModelLen),
    requestsNeeded: concurrency,
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
