import type { Basis } from "../precision";

/** One part of the time from nothing to the first answer, in seconds. */
export interface StartUpPart {
  readonly name: "node" | "image" | "weights" | "compilation";
  readonly seconds: number;
  readonly basis: Basis;
  readonly source: string;
}

export interface StartUp {
  readonly parts: readonly StartUpPart[];
  /** Node, image, weights and compilation one after the other. */
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

export interface StartUpInputs {
  /** Of one replica, over all its cards. */
  readonly weightsGB: number;
  readonly networkGbps: number;
  /** Weights come from a bucket of the region instead of the hub. */
  readonly streamed: boolean;
}

/** Predicts the start of the first replica; a guide, not a measurement. */
export function predictStartUp({ weightsGB, networkGbps, streamed }: StartUpInputs): StartUp {
  const rate = streamed
    ? Math.min(MOST_STREAMED_GB_PER_SECOND, (networkGbps / 8) * STREAMED_SHARE_OF_NETWORK)
    : Math.min(HUB_GB_PER_SECOND, networkGbps / 8);
  const parts: StartUpPart[] = [
    {
      name: "node",
      seconds: NODE_SECONDS,
      basis: "assumed",
      source: "from the order to a ready node, driver included",
    },
    { name: "image", seconds: IMAGE_SECONDS, basis: "assumed", source: "9 GB to pull, 25 GB to unpack" },
    {
      name: "weights",
      seconds: Math.ceil(weightsGB / rate),
      basis: streamed ? "predicted" : "assumed",
      source: streamed
        ? "EKS User Guide: 10.4 GB in 5 s at 20 Gbps, in proportion to the network"
        : "0.25 GB/s from the hub",
    },
    {
      name: "compilation",
      seconds: COMPILATION_SECONDS,
      basis: "published",
      source: "EKS User Guide: 53 to 80 s without a compiler cache",
    },
  ];
  const seconds = (names: readonly StartUpPart["name"][]): number =>
    parts.filter(({ name }) => names.includes(name)).reduce((sum, part) => sum + part.seconds, 0);
  return {
    parts,
    coldSeconds: seconds(["node", "image", "weights", "compilation"]),
    warmSeconds: seconds(["weights", "compilation"]),
  };
}
