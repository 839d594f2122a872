import { FAST_GP3, FREE_GP3, type Volume } from "../cost/cluster-shape";
import type { AwsClusterInputs } from "./cluster-inputs";

/** The group of GPU nodes that a plan asks for. */
export interface GpuPool {
  /** First the machine of the plan, then those that may stand in for it. */
  readonly instanceTypes: readonly string[];
  readonly capacity: "ON_DEMAND" | "SPOT" | "CAPACITY_BLOCK";
  readonly reservationId?: string;
  /** Pinned zone; absent: all of the private subnets. */
  readonly zone?: string;
  readonly nodes: { readonly min: number; readonly desired: number; readonly max: number };
  /** Kubelet and images lie on the machine's own NVMe disks, joined as RAID 0. */
  readonly instanceStore: boolean;
  /** Disk of the system; with the instance store it holds neither images nor weights. */
  readonly volume: Volume;
  readonly provisioner: "managed-group" | "karpenter";
}

/** Root volume beside an instance store, which has images and weights. */
const SYSTEM_GIB = 100;

/** Share of the raw disks that a file system offers. */
const USABLE_SHARE = 0.9;

/** GiB in a decimal GB. */
const GIB_PER_GB = 1e9 / 2 ** 30;

/** Decides machines, number and disks of the GPU nodes; `clusterFaults` has judged the settings before. */
export function gpuPool(inputs: AwsClusterInputs): GpuPool {
  const { plan, settings } = inputs;
  const { nodes } = plan.hardware;
  const { reservation, zone } = settings.gpu;
  const instanceStore = usesInstanceStore(inputs);
  return {
    instanceTypes: reservation === undefined ? instanceTypes(inputs, instanceStore) : [plan.hardware.instanceType],
    capacity: capacityOf(inputs),
    ...(reservation === undefined ? {} : { reservationId: reservation.id }),
    ...(zone === undefined ? {} : { zone }),
    nodes: { min: settings.gpu.minNodes ?? nodes, desired: nodes, max: settings.gpu.maxNodes ?? nodes },
    instanceStore,
    provisioner: settings.gpu.provisioner ?? "managed-group",
    volume: instanceStore ? { sizeGiB: SYSTEM_GIB, ...FREE_GP3 } : { sizeGiB: inputs.nodeStorageGiB, ...FAST_GP3 },
  };
}

function capacityOf({ plan, settings }: AwsClusterInputs): GpuPool["capacity"] {
  if (settings.gpu.reservation?.kind === "block") return "CAPACITY_BLOCK";
  return plan.hardware.purchase === "spot" ? "SPOT" : "ON_DEMAND";
}

/** What the disks of a machine hold, by the raw size of the list; of the plan's machine unless another is named. */
export function instanceStoreGiB(inputs: AwsClusterInputs, instanceType = inputs.plan.hardware.instanceType): number {
  const machine = inputs.machines.find((one) => one.instanceType === instanceType);
  return Math.floor((machine?.localNvmeGB ?? 0) * GIB_PER_GB * USABLE_SHARE);
}

/** Disk of its own that a node needs: less where one copy of the weights serves all of its engines. */
export function wantedStoreGiB({ settings, nodeStorageGiB, nodeCacheGiB }: AwsClusterInputs): number {
  return settings.modelCache === "node-nvme" ? nodeCacheGiB : nodeStorageGiB;
}

function usesInstanceStore(inputs: AwsClusterInputs): boolean {
  const { disk } = inputs.settings.gpu;
  return disk === "instance-store" || (disk === "auto" && instanceStoreGiB(inputs) >= wantedStoreGiB(inputs));
}

/**
 * Machines with the same cards that the plan holds for as good: of one size for on-demand, because a managed group
 * counts on equal nodes (EKS User Guide, ml-cluster-setup-cli); of at least that size for spot. What lies on the
 * machine's own disks has to fit theirs.
 */
function instanceTypes(inputs: AwsClusterInputs, instanceStore: boolean): string[] {
  const { plan, offers } = inputs;
  const { instanceType, region, purchase, gpu, gpusPerNode, vcpusPerNode, memoryGiBPerNode } = plan.hardware;
  const feasible = new Set(
    plan.alternatives
      .filter((one) => one.quantization === plan.quantization && one.tensorParallel === plan.hardware.tensorParallel)
      .map((one) => one.instanceType),
  );
  const others = offers.filter(
    (offer) =>
      offer.cloud === "aws" &&
      offer.region === region &&
      offer.purchase === purchase &&
      offer.gpu === gpu &&
      offer.gpuCount === gpusPerNode &&
      offer.instanceType !== instanceType &&
      feasible.has(offer.instanceType) &&
      (!instanceStore || instanceStoreGiB(inputs, offer.instanceType) >= wantedStoreGiB(inputs)) &&
      (purchase === "spot"
        ? offer.vcpus >= vcpusPerNode && offer.memoryGiB >= memoryGiBPerNode
        : offer.vcpus === vcpusPerNode && offer.memoryGiB === memoryGiBPerNode),
  );
  return [instanceType, ...others.map((offer) => offer.instanceType).toSorted()];
}
