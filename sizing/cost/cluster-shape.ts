/** What of a cluster costs money beside the GPU nodes and their traffic. */
export interface ClusterShape {
  /** None where the network is the user's own. */
  readonly natGateways: number;
  readonly system: { readonly instanceType: string; readonly nodes: number; readonly volumeGiB: number };
  /** Of one GPU node, as expected and at its largest. */
  readonly gpuVolume: Volume;
  readonly largestGpuVolume: Volume;
  /** Public addresses of the load balancer, one a zone; none within the network, where no answer leaves for the internet. */
  readonly balancerAddresses: number;
  /** Weights lie in a bucket; otherwise each start of an engine downloads them. */
  readonly hasBucket: boolean;
}

/** A disk of EBS. */
export interface Volume {
  readonly sizeGiB: number;
  readonly iops: number;
  readonly throughputMiBps: number;
}

/** What gp3 gives without a charge. Source: EBS User Guide, gp3. */
export const FREE_GP3 = { iops: 3000, throughputMiBps: 125 } as const;

/**
 * gp3 of 125 MiB/s takes minutes for an image of 9–20 GB: 1,000 MiB/s, which needs 4,000 IOPS (0.25 MiB/s each).
 * Source: awslabs/amazon-eks-ami nodeadm/doc/examples.md; EBS User Guide, gp3.
 */
export const FAST_GP3 = { iops: 4000, throughputMiBps: 1000 } as const;

/** What a plan counts with before `fitserve:aws` has said more: its defaults. At its largest no disk of the node suffices. */
export const USUAL_SHAPE: ClusterShape = {
  natGateways: 1,
  system: { instanceType: "m6i.large", nodes: 2, volumeGiB: 50 },
  gpuVolume: { sizeGiB: 100, ...FREE_GP3 },
  largestGpuVolume: { sizeGiB: 512, ...FAST_GP3 },
  balancerAddresses: 0,
  hasBucket: true,
};
