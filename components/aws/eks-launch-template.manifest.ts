import type * as aws from "@pulumi/aws";
import type { SharedClusterPlan, SystemPool } from "../../sizing/aws/cluster-plan";
import type { GpuPool } from "../../sizing/aws/gpu-pool";
import { FREE_GP3, type Volume } from "../../sizing/cost/cluster-shape";

type LaunchTemplateArgs = aws.ec2.LaunchTemplateArgs;

/** Where Amazon Linux 2023 has its root file system. */
export const ROOT_DEVICE = "/dev/xvda";

/**
 * Tokens of the metadata service, which hold the node's role, end on the node: pods are one hop further. What needs
 * region or VPC in a pod gets them as values.
 */
export const METADATA = { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 };

/** A group with a template takes neither disk, nor key, nor instance profile of its own; the type stays with the group. */
function template(cluster: SharedClusterPlan, volume: Volume, role: string): LaunchTemplateArgs {
  const tags = { ...cluster.tags, Name: `${cluster.clusterName}-${role}` };
  return {
    description: `${role} nodes of ${cluster.clusterName}`,
    updateDefaultVersion: true,
    metadataOptions: METADATA,
    blockDeviceMappings: [
      {
        deviceName: ROOT_DEVICE,
        ebs: {
          volumeType: "gp3",
          volumeSize: volume.sizeGiB,
          iops: volume.iops,
          throughput: volume.throughputMiBps,
          encrypted: "true",
          deleteOnTermination: "true",
        },
      },
    ],
    // The provider's default tags end at the template: what the group starts has only these.
    tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
  };
}

/** Template of the nodes for everything that needs no GPU. */
export function systemTemplate(cluster: SharedClusterPlan, pool: SystemPool): LaunchTemplateArgs {
  return template(cluster, { sizeGiB: pool.volumeGiB, ...FREE_GP3 }, "system");
}

/** Template of the GPU nodes. */
export function gpuTemplate(cluster: SharedClusterPlan, pool: GpuPool): LaunchTemplateArgs {
  const block = pool.capacity === "CAPACITY_BLOCK";
  return {
    ...template(cluster, pool.volume, "gpu"),
    ...(pool.instanceStore ? { userData: Buffer.from(nodeUserData()).toString("base64") } : {}),
    ...(pool.reservationId === undefined
      ? {}
      : {
          capacityReservationSpecification: {
            capacityReservationTarget: { capacityReservationId: pool.reservationId },
          },
        }),
    // Of a block EC2 takes the type from the template alone.
    ...(block
      ? { instanceMarketOptions: { marketType: "capacity-block" }, instanceType: pool.instanceTypes[0] ?? "" }
      : {}),
  };
}

/**
 * MIME parts that EKS merges with its own: kubelet and containerd on the joined NVMe disks.
 * Source: awslabs/amazon-eks-ami nodeadm/doc/examples.md, EKS User Guide nodes/launch-templates.adoc.
 */
function nodeUserData(): string {
  const config = [
    "apiVersion: node.eks.aws/v1alpha1",
    "kind: NodeConfig",
    "spec:",
    "  instance:",
    "    localStorage:",
    "      strategy: RAID0",
  ];
  return [
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="//"',
    "",
    "--//",
    "Content-Type: application/node.eks.aws",
    "",
    ...config,
    "",
    "--//--",
    "",
  ].join("\n");
}
