import type { AwsClusterPlan } from "../sizing/aws/cluster-plan";
import type { FirstUp } from "../sizing/aws/first-up";
import type { StartUp } from "../sizing/aws/start-up";
import { shown, systemCapacity, systemRequests } from "../sizing/cost/system-pool";
import type { Basis } from "../sizing/model/precision";
import type { Estimate, FeasiblePlan, MemoryAddend } from "../sizing/serving-plan";

/** Size of the plan as a stack output: flat and rounded, so that a preview shows which line changes and from what. */
export function sizingOutput(plan: FeasiblePlan) {
  const { hardware, kvCache, performance, engine } = plan;
  return {
    model: plan.model.key,
    quantization: plan.quantization,
    concurrency: plan.request.workload.concurrency,
    instanceType: hardware.instanceType,
    nodes: hardware.nodes,
    gpu: hardware.gpu,
    gpusPerReplica: hardware.tensorParallel * hardware.pipelineParallel,
    replicas: hardware.replicas,
    idleGpus: hardware.idleGpus,
    maxModelLen: engine.maxModelLen,
    memoryPerGpuGiB: memoryOutput(plan.memoryPerGpu.addends, plan.memoryPerGpu.totalGiB),
    kvCacheTokens: kvCache.tokens,
    requestsAtMeanLength: rounded(kvCache.requestsAtMeanLength, 1),
    ttftP95Ms: estimateOutput(performance.ttftP95Ms),
    tokensPerSecondPerUser: estimateOutput(performance.tokensPerSecondPerUser),
    outputTokensPerSecond: estimateOutput(performance.outputTokensPerSecond),
  };
}

/** USD; the month has 730 hours. */
export function costOutput({ cost }: FeasiblePlan) {
  return {
    usdPerHour: rounded(cost.expected.usdPerHour, 2),
    usdPerMonth: rounded(cost.expected.usdPerMonth, 0),
    usdPerMonthFloor: rounded(cost.floor.usdPerMonth, 0),
    usdPerMonthWorst: rounded(cost.worst.usdPerMonth, 0),
    usdPerMillionOutputTokens: rounded(cost.usdPerMillionOutputTokens, 2),
  };
}

export function verdictOutput({ verdict }: FeasiblePlan) {
  return { status: verdict.status, reasons: verdict.reasons.map(({ message }) => message) };
}

/** The cluster of an AWS target: what a change of it means for the bill and for the first answer. */
export function clusterOutput(cluster: AwsClusterPlan, startUp: StartUp, firstUp: FirstUp) {
  const { gpuPool, network } = cluster;
  return {
    name: cluster.clusterName,
    region: cluster.region,
    kubernetes: cluster.kubernetes,
    nodeImage: cluster.amiRelease,
    instanceTypes: [...gpuPool.instanceTypes],
    capacity: gpuPool.capacity,
    gpuNodesFrom: gpuPool.provisioner,
    zone: gpuPool.zone ?? "any",
    disk: gpuPool.instanceStore ? "instance store" : `gp3, ${gpuPool.volume.sizeGiB} GiB`,
    systemNodes: systemNodesOutput(cluster),
    natGateways: network.kind === "own" ? network.natZones.length : 0,
    weights: weightsOutput(cluster),
    startUpSeconds: {
      ...Object.fromEntries(startUp.parts.map(({ name, seconds }) => [name, seconds])),
      cold: startUp.coldSeconds,
      warm: startUp.warmSeconds,
    },
    startUpBasis: basesOf(startUp.parts),
    firstUpSeconds: {
      ...Object.fromEntries(firstUp.parts.map(({ name, seconds }) => [name, seconds])),
      total: firstUp.seconds,
    },
    firstUpBasis: basesOf(firstUp.parts),
  };
}

function basesOf(parts: readonly { name: string; basis: Basis; source: string }[]): Record<string, string> {
  return Object.fromEntries(parts.map(({ name, basis, source }) => [name, `${basis}: ${source}`]));
}

/** Where an engine has its weights from at each start. */
function weightsOutput({ modelBucket, nodeCache }: AwsClusterPlan): string {
  if (modelBucket === undefined) return "from the hub at each start";
  return nodeCache ? `on the nodes' disks, from ${modelBucket}` : modelBucket;
}

/** Beside the machines what runs on them asks for, so that a preview shows whether they have room. */
function systemNodesOutput({ systemPool, monitoring, karpenter }: AwsClusterPlan): string {
  const { nodes, instanceType } = systemPool;
  const capacity = systemCapacity(systemPool);
  const asked = shown(systemRequests(systemPool, monitoring, 1, karpenter));
  return `${nodes} x ${instanceType}; pods ask for ${asked}${capacity === undefined ? "" : ` of ${shown(capacity)}`}`;
}

function memoryOutput(addends: readonly MemoryAddend[], totalGiB: number): Record<string, number> {
  const named = addends.map(({ name, gib }) => [name, rounded(gib, 2)] as const);
  return { ...Object.fromEntries(named), total: rounded(totalGiB, 2) };
}

/** Value with its range, as a reader would say it. */
function estimateOutput({ value, low, high }: Estimate): string {
  return `${rounded(value, 0)} (${rounded(low, 0)} to ${rounded(high, 0)})`;
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
