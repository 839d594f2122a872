import type { Basis } from "../model/precision";
import { secondsOf, type StartUp } from "./start-up";

/** One part of the first `pulumi up` on its longest path, in seconds. */
export interface FirstUpPart {
  readonly name: "network" | "controlPlane" | "nodesAndCharts" | "fillBucket" | "engine";
  readonly seconds: number;
  readonly basis: Basis;
  readonly source: string;
}

export interface FirstUp {
  /** One after the other; what happens beside them (load balancer, GPU nodes) takes no longer. */
  readonly parts: readonly FirstUpPart[];
  readonly seconds: number;
}

export interface FirstUpInputs {
  readonly startUp: StartUp;
  /** The network is made; a given one is there. */
  readonly ownNetwork: boolean;
  /** Weights are copied from the hub into a bucket before an engine starts. */
  readonly fillsBucket: boolean;
  readonly weightsGB: number;
  readonly monitoring: boolean;
  /** GPU nodes are ordered by the first pod that wants one, and not beside the system nodes. */
  readonly nodesForPods: boolean;
}

/** Logs of `terraform apply` in public repositories: NAT gateways 1 min 25 s to 2 min 5 s. */
const NETWORK_SECONDS = 120;

/** The same logs: control planes 8 min 21 s to 11 min 23 s. */
const CONTROL_PLANE_SECONDS = 600;

/** The same logs: node groups 1 min 28 s to 3 min 41 s, add-ons that wait for nodes 14 s to 56 s. */
const SYSTEM_NODES_SECONDS = 150;
const ADD_ONS_SECONDS = 60;
const CHARTS_SECONDS = 120;
const MONITORING_SECONDS = 120;

/** Start of the job, its image, and the hashes of the files. */
const FILL_START_SECONDS = 60;
const FILL_GB_PER_SECOND = 0.25;

/** Predicts the first `pulumi up`, from an empty account to the first answer; a guide, not a measurement. */
export function predictFirstUp(inputs: FirstUpInputs): FirstUp {
  const parts = [
    ...(inputs.ownNetwork ? [NETWORK] : []),
    CONTROL_PLANE,
    nodesAndCharts(inputs),
    ...(inputs.fillsBucket ? [fillBucket(inputs)] : []),
    engine(inputs),
  ];
  return { parts, seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0) };
}

const NETWORK: FirstUpPart = {
  name: "network",
  seconds: NETWORK_SECONDS,
  basis: "published",
  source: "public logs of applies: NAT gateways 1.4 to 2.1 minutes",
};

const CONTROL_PLANE: FirstUpPart = {
  name: "controlPlane",
  seconds: CONTROL_PLANE_SECONDS,
  basis: "published",
  source: "public logs of applies: 8.4 to 11.4 minutes",
};

/** A group of GPU nodes is ordered at the same time as the system nodes, and nothing but the engine waits for it. */
function nodesAndCharts({ startUp, monitoring, nodesForPods }: FirstUpInputs): FirstUpPart {
  const system = SYSTEM_NODES_SECONDS + ADD_ONS_SECONDS + CHARTS_SECONDS + (monitoring ? MONITORING_SECONDS : 0);
  return {
    name: "nodesAndCharts",
    seconds: nodesForPods ? system : Math.max(system, secondsOf(startUp.parts, ["node"])),
    basis: "assumed",
    source: "public logs of applies: system nodes 1.5 to 3.7 minutes, add-ons up to one; charts two minutes each lot",
  };
}

function fillBucket({ weightsGB }: FirstUpInputs): FirstUpPart {
  return {
    name: "fillBucket",
    seconds: FILL_START_SECONDS + Math.ceil(weightsGB / FILL_GB_PER_SECOND),
    basis: "assumed",
    source: "0.25 GB/s from the hub through NAT into the bucket, checked",
  };
}

/** From a node that is there to the first answer, or from the order of the node on. */
function engine({ startUp, nodesForPods }: FirstUpInputs): FirstUpPart {
  return {
    name: "engine",
    seconds: nodesForPods ? startUp.coldSeconds : secondsOf(startUp.parts, ["image", "copy", "weights", "compilation"]),
    basis: "assumed",
    source: `${nodesForPods ? "node, image" : "image"}, weights and compilation of the start-up prediction`,
  };
}
