import type { Basis } from "../model/precision";

/** One part of the time from nothing to the first answer, in seconds. */
export interface StartUpPart {
  /** `copy`: to the node's own disks, once a node. */
  readonly name: "node" | "image" | "copy" | "weights" | "compilation";
  readonly seconds: number;
  readonly basis: Basis;
  readonly source: string;
}

export interface StartUp {
  readonly parts: readonly StartUpPart[];
  /** Node, image, copy, weights and compilation one after the other. */
  readonly coldSeconds: number;
  /** A new pod on a node that has the image. */
  readonly warmSeconds: number;
}

const NODE_SECONDS = 150;
const IMAGE_SECONDS = 240;
const COMPILATION_SECONDS = 70;

/** 10.4 GB in 5 s through a network of 20 Gbps. Source: EKS User Guide, ml-inference-load-serve-model. */
const STREAMED_SHARE_OF_NETWORK = 10.4 / 5 / (20 / 8);

/** What a GPU node's readers attain at most, however wide the network is. */
const MOST_STREAMED_GB_PER_SECOND = 10;

const HUB_GB_PER_SECOND = 0.25;

/** What copies weights to a node's disks: four processes that download, then hash. */
const MOST_COPIED_GB_PER_SECOND = 1;

/**
 * 30 GB/s (EKS User Guide, ml-inference-fast-model-loading) of the largest machines, which have 30,400 GB. That smaller
 * ones have as much for each GB is an assumption.
 */
const NVME_READ_SHARE_PER_SECOND = 30 / 30_400;

export interface StartUpInputs {
  /** Of one replica, over all its cards. */
  readonly weightsGB: number;
  readonly networkGbps: number;
  /** Weights come from a bucket of the region instead of the hub. */
  readonly streamed: boolean;
  /** Disks of the node that keep a copy of the weights, decimal GB; absent: it keeps none. */
  readonly nodeCacheDiskGB?: number;
}

/** Predicts the start of the first replica; a guide, not a measurement. */
export function predictStartUp(inputs: StartUpInputs): StartUp {
  const parts: StartUpPart[] = [
    {
      name: "node",
      seconds: NODE_SECONDS,
      basis: "assumed",
      source: "from the order to a ready node, driver included",
    },
    { name: "image", seconds: IMAGE_SECONDS, basis: "assumed", source: "9 GB to pull, 25 GB to unpack" },
    ...weightsParts(inputs),
    {
      name: "compilation",
      seconds: COMPILATION_SECONDS,
      basis: "published",
      source: "EKS User Guide: 53 to 80 s without a compiler cache",
    },
  ];
  return {
    parts,
    coldSeconds: secondsOf(parts, ["node", "image", "copy", "weights", "compilation"]),
    warmSeconds: secondsOf(parts, ["weights", "compilation"]),
  };
}

/** Of these parts together, one after the other. */
export function secondsOf(parts: readonly StartUpPart[], names: readonly StartUpPart["name"][]): number {
  return parts.filter(({ name }) => names.includes(name)).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** What an engine waits for until its cards have the weights, in the order of its happening. */
function weightsParts({ weightsGB, networkGbps, streamed, nodeCacheDiskGB }: StartUpInputs): StartUpPart[] {
  const networkGB = networkGbps / 8;
  const streamedGB = Math.min(MOST_STREAMED_GB_PER_SECOND, networkGB * STREAMED_SHARE_OF_NETWORK);
  const during = (rateGB: number): number => Math.ceil(weightsGB / rateGB);
  if (nodeCacheDiskGB !== undefined) {
    const readGB = Math.min(MOST_STREAMED_GB_PER_SECOND, nodeCacheDiskGB * NVME_READ_SHARE_PER_SECOND);
    return [
      {
        name: "copy",
        seconds: during(Math.min(MOST_COPIED_GB_PER_SECOND, streamedGB)),
        basis: "assumed",
        source: "1 GB/s at most from the bucket to the node's disks, checked; once a node",
      },
      {
        name: "weights",
        seconds: during(readGB),
        basis: "assumed",
        source: "EKS User Guide: about 30 GB/s from 30,400 GB of NVMe, in proportion to the disks",
      },
    ];
  }
  return [
    streamed
      ? {
          name: "weights",
          seconds: during(streamedGB),
          basis: "predicted",
          source: "EKS User Guide: 10.4 GB in 5 s at 20 Gbps, in proportion to the network",
        }
      : {
          name: "weights",
          seconds: during(Math.min(HUB_GB_PER_SECOND, networkGB)),
          basis: "assumed",
          source: "0.25 GB/s from the hub",
        },
  ];
}
