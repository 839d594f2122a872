import type { AwsClusterPlan } from "../../../sizing/aws/cluster-plan";
import type { GpuPool } from "../../../sizing/aws/gpu-pool";
import { mostNodes } from "../../../sizing/aws/karpenter";
import { gpuNodeLabels } from "../../gpu-product-label";
import { GPU_RESOURCE, kubernetesName } from "../../kubernetes-object";
import { METADATA, ROOT_DEVICE } from "../eks-launch-template.manifest";

/** Set by the controller on each node, with the name of its NodePool. */
export const NODE_POOL_LABEL = "karpenter.sh/nodepool";

const NODE_CLASS = { group: "karpenter.k8s.aws", kind: "EC2NodeClass" } as const;

/**
 * How a node ends: it is drained for two hours at most, more than the longest drain of an engine, so that no pod can keep
 * a machine that nobody wants; it never ends by its age, because an engine that moves loads its weights again, and a
 * release of the image replaces it anyway.
 */
const LIFE = { terminationGracePeriod: "2h", expireAfter: "Never" } as const;

/** Between the job that fills the bucket and the engine, or while somebody begins an engine again, a node is empty. */
const EMPTY_FOR = "15m";

const CAPACITY_TYPES = { ON_DEMAND: "on-demand", SPOT: "spot", CAPACITY_BLOCK: "reserved" } as const;

/** What the node class takes from resources of AWS. */
export interface NodePlace {
  readonly subnetIds: unknown;
  readonly securityGroupId: unknown;
  readonly instanceProfile: unknown;
}

/**
 * Name of a model's NodePool: another machine, kind of capacity, zone or reservation is another pool, so that new nodes
 * come while the old ones still serve.
 */
export function karpenterPoolName(pool: string, gpuPool: GpuPool): string {
  const { instanceTypes, zone, reservationId } = gpuPool;
  return kubernetesName([pool, ...instanceTypes, capacityType(gpuPool), zone, reservationId].join("-"));
}

function capacityType({ capacity, reservationId }: GpuPool): string {
  return reservationId === undefined ? CAPACITY_TYPES[capacity] : "reserved";
}

/**
 * How EC2 makes a node: image, disks, network, metadata service.
 * Source: Karpenter 1.14, concepts/nodeclasses; of an AL2023 alias Karpenter takes the NVIDIA image where a machine has
 * such cards (pkg/providers/amifamily/al2023.go).
 */
export function ec2NodeClass(
  { amiRelease, clusterName, gpuPool, tags }: AwsClusterPlan,
  pool: string,
  place: NodePlace,
) {
  const { volume, reservationId } = gpuPool;
  return {
    apiVersion: "karpenter.k8s.aws/v1",
    kind: NODE_CLASS.kind,
    metadata: { name: karpenterPoolName(pool, gpuPool) },
    spec: {
      // Its day is all that Karpenter wants of "1.35.6-20260714"; the version is that of the control plane.
      amiSelectorTerms: [{ alias: `al2023@v${amiRelease.split("-").at(-1)}` }],
      instanceProfile: place.instanceProfile,
      subnetSelectorTerms: place.subnetIds,
      securityGroupSelectorTerms: [{ id: place.securityGroupId }],
      associatePublicIPAddress: false,
      metadataOptions: METADATA,
      blockDeviceMappings: [
        {
          deviceName: ROOT_DEVICE,
          rootVolume: true,
          ebs: {
            volumeType: "gp3",
            volumeSize: `${volume.sizeGiB}Gi`,
            iops: volume.iops,
            throughput: volume.throughputMiBps,
            encrypted: true,
            deleteOnTermination: true,
          },
        },
      ],
      ...(gpuPool.instanceStore ? { instanceStorePolicy: "RAID0" } : {}),
      ...(reservationId === undefined ? {} : { capacityReservationSelectorTerms: [{ id: reservationId }] }),
      // The provider's default tags do not reach what the controller makes.
      tags: { ...tags, Name: `${clusterName}-gpu` },
    },
  };
}

/** Which nodes there may be, and when one goes. Source: Karpenter 1.14, concepts/nodepools and concepts/disruption. */
export function nodePool({ gpuPool }: AwsClusterPlan, pool: string, gpu: string, gpusPerNode: number) {
  const nodes = mostNodes(gpuPool);
  const name = karpenterPoolName(pool, gpuPool);
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name },
    spec: {
      limits: { nodes: `${nodes}`, [GPU_RESOURCE]: `${nodes * gpusPerNode}` },
      disruption: {
        // A node with an engine on it is never taken away to save money.
        consolidationPolicy: "WhenEmpty",
        consolidateAfter: EMPTY_FOR,
        budgets: [{ nodes: "1" }],
      },
      template: {
        metadata: { labels: gpuNodeLabels(pool, gpu) },
        spec: {
          nodeClassRef: { ...NODE_CLASS, name },
          requirements: requirements(gpuPool),
          taints: [{ key: GPU_RESOURCE, value: "present", effect: "NoSchedule" }],
          ...LIFE,
        },
      },
    },
  };
}

function oneOf(key: string, values: readonly string[]) {
  return { key, operator: "In", values: [...values] };
}

function requirements(gpuPool: GpuPool) {
  const { instanceTypes, zone } = gpuPool;
  return [
    oneOf("node.kubernetes.io/instance-type", instanceTypes),
    oneOf("karpenter.sh/capacity-type", [capacityType(gpuPool)]),
    oneOf("kubernetes.io/arch", ["amd64"]),
    oneOf("kubernetes.io/os", ["linux"]),
    ...(zone === undefined ? [] : [oneOf("topology.k8s.aws/zone-id", [zone])]),
  ];
}
