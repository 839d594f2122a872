import type { InstanceOffer } from "../catalog";
import type { FeasiblePlan } from "../serving-plan";
import type { AwsMachine } from "./machine";
import type { AwsSettings, OwnNetwork } from "./settings";
import { controlPlaneZones } from "./zones";

/** Range of the Services' addresses; neither the network nor what it is routed to may overlap it. */
export const SERVICE_CIDR = "172.20.0.0/16";

/** Everything that the plan of a cluster for one model follows from. */
export interface AwsClusterInputs {
  readonly plan: FeasiblePlan;
  readonly settings: AwsSettings;
  /** Name of the model where the cluster has several; absent: the only one. */
  readonly model?: string;
  /** How many models the cluster carries; absent: one. */
  readonly models?: number;
  /** Project and stack, from which names are made. */
  readonly project: string;
  readonly stack: string;
  /** What the catalog's list sells, to say where a machine is sold. */
  readonly offers: readonly InstanceOffer[];
  readonly machines: readonly AwsMachine[];
  /** Disk that one GPU node needs for images, caches and weights. */
  readonly nodeStorageGiB: number;
  /** Disk that one GPU node needs where it keeps a copy of the weights for all of its engines. */
  readonly nodeCacheGiB: number;
  /** The gateway has a certificate of its own. */
  readonly tlsAtGateway: boolean;
  /** YYYY-MM-DD. */
  readonly today: string;
}

/** The name that is given, or project and stack. */
export function nameOfCluster({ settings, project, stack }: AwsClusterInputs): string {
  return settings.clusterName ?? `${project}-${stack}`;
}

/** Zones of control plane and system nodes. */
export function zonesOfCluster(settings: AwsSettings, network: OwnNetwork): readonly string[] {
  return network.zones ?? controlPlaneZones(settings.region);
}
