import { clusterFaults } from "./cluster-faults";
import { formatCidr, parseCidr, part } from "./cidr";
import { gpuPool, type GpuPool } from "./gpu-pool";
import { nameOfCluster, SERVICE_CIDR, zonesOfCluster, type AwsClusterInputs } from "./cluster-inputs";
import { eksVersion } from "./kubernetes-versions";
import { awsName } from "./names";
import { zonesOf } from "./zones";
import type { AwsSettings, EndpointAccess, FrontSettings, GivenNetwork, OwnNetwork } from "./settings";

export interface PlannedSubnet {
  /** End of the resource's name; says what the subnet is for. */
  readonly role: string;
  readonly zone: string;
  readonly cidr: string;
}

export interface PlannedNetwork {
  readonly kind: "own";
  readonly cidr: string;
  readonly publicSubnets: readonly PlannedSubnet[];
  /** Control plane, system nodes and, where no zone is pinned, GPU nodes. */
  readonly privateSubnets: readonly PlannedSubnet[];
  /** Zones of GPU nodes where EKS takes no control plane, or which are none of the three. */
  readonly gpuSubnets: readonly PlannedSubnet[];
  /** Zones with a NAT gateway; the others use the first. */
  readonly natZones: readonly string[];
}

export interface SystemPool {
  readonly instanceType: string;
  readonly nodes: number;
  readonly volumeGiB: number;
}

/** What all models of a cluster have in common; no resource exists yet. */
export interface SharedClusterPlan {
  readonly accountId: string;
  readonly region: string;
  readonly clusterName: string;
  readonly kubernetes: string;
  readonly amiRelease: string;
  readonly serviceCidr: string;
  readonly production: boolean;
  readonly network: PlannedNetwork | GivenNetwork;
  readonly endpoint: EndpointAccess;
  readonly adminRoleArns: readonly string[];
  /** Policy with the most that any role of the stack may do; absent: none. */
  readonly permissionsBoundaryArn?: string;
  readonly systemPool: SystemPool;
  /** Its controller runs on the system nodes, and makes the GPU nodes of models that want it. */
  readonly karpenter: boolean;
  /** Prometheus and Grafana on the system nodes. */
  readonly monitoring: boolean;
  /** Who is told of alerts, as scheme, host and port; absent: nobody. */
  readonly alertmanager?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A cluster with what one model has on it: everything that decides which resources there are. */
export interface AwsClusterPlan extends SharedClusterPlan {
  readonly gpuPool: GpuPool;
  readonly front: FrontSettings;
  /** Bucket with the weights; absent: each start downloads them from the hub. */
  readonly modelBucket?: string;
  /** Each GPU node keeps a copy of the weights on its own disks, from which engines load. */
  readonly nodeCache: boolean;
}

export type AwsClusterOutcome =
  { readonly ok: true; readonly cluster: AwsClusterPlan } | { readonly ok: false; readonly faults: readonly string[] };

const SYSTEM_VOLUME_GIB = 50;

/** Decides the shape of the cluster for a plan, or says everything that stands against it. */
export function planAwsCluster(inputs: AwsClusterInputs): AwsClusterOutcome {
  const faults = clusterFaults(inputs);
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, cluster: { ...sharedClusterPlan(inputs), ...modelPlan(inputs) } };
}

/** What does not depend on which of several models asks, but for the subnet of an odd zone. */
export function sharedClusterPlan(inputs: AwsClusterInputs): SharedClusterPlan {
  const { settings } = inputs;
  return {
    accountId: settings.accountId,
    region: settings.region,
    clusterName: nameOfCluster(inputs),
    kubernetes: settings.kubernetes,
    amiRelease: settings.amiRelease ?? eksVersion(settings.kubernetes)?.amiRelease ?? "",
    serviceCidr: SERVICE_CIDR,
    production: settings.production,
    network: settings.network.kind === "given" ? settings.network : plannedNetwork(settings, settings.network),
    endpoint: settings.endpoint,
    adminRoleArns: settings.adminRoleArns,
    ...(settings.permissionsBoundaryArn === undefined
      ? {}
      : { permissionsBoundaryArn: settings.permissionsBoundaryArn }),
    systemPool: { ...settings.system, volumeGiB: SYSTEM_VOLUME_GIB },
    karpenter: settings.gpu.provisioner === "karpenter",
    monitoring: settings.monitoring,
    ...(settings.alertmanager === undefined ? {} : { alertmanager: settings.alertmanager }),
    tags: { "fitserve:stack": `${inputs.project}/${inputs.stack}`, ...settings.tags },
  };
}

function modelPlan(inputs: AwsClusterInputs): Omit<AwsClusterPlan, keyof SharedClusterPlan> {
  const { settings } = inputs;
  return {
    gpuPool: gpuPool(inputs),
    front: settings.front,
    nodeCache: settings.modelCache === "node-nvme",
    ...(settings.modelCache === false ? {} : { modelBucket: bucketName(inputs) }),
  };
}

/** Account and region between the names: the cluster `x` with the model `a` has another bucket than the cluster `x-a`. */
function bucketName(inputs: AwsClusterInputs): string {
  const { settings, model } = inputs;
  const ofModel = model === undefined ? [] : [model];
  return awsName("bucket", nameOfCluster(inputs), "models", settings.accountId, settings.region, ...ofModel);
}

/** The network in eighths: the first for public subnets, three for private ones, the others for odd GPU zones. */
function plannedNetwork(settings: AwsSettings, network: OwnNetwork): PlannedNetwork {
  const whole = parseCidr(network.cidr);
  if (whole === undefined) throw new Error(`${network.cidr} was not checked`);
  const zones = zonesOfCluster(settings, network);
  const subnet = (role: string, zone: string, bits: number, number: number): PlannedSubnet => ({
    role: `${role}-${zone}`,
    zone,
    cidr: formatCidr(part(whole, bits, number)),
  });
  const { zone: gpuZone } = settings.gpu;
  // By its place among the region's other zones, so that another model's zone moves nothing.
  const odd = (zonesOf(settings.region) ?? []).filter((zone) => !zones.includes(zone));
  return {
    kind: "own",
    cidr: network.cidr,
    publicSubnets: zones.map((zone, index) => subnet("public", zone, 5, index)),
    privateSubnets: zones.map((zone, index) => subnet("private", zone, 3, index + 1)),
    gpuSubnets: odd.flatMap((zone, index) => (zone === gpuZone ? [subnet("gpu", zone, 3, 4 + index)] : [])),
    natZones: settings.production ? zones : zones.slice(0, 1),
  };
}
