import type { CostLine } from "../serving-plan";
import { FREE_GP3, type ClusterShape, type Volume } from "./cluster-shape";
import { flowingParts, type Flow } from "./cost-flows";
import { HOURS_PER_MONTH, line, shared } from "./cost-line";
import { regionPrice, type AwsPrices, type PricedPart, type RegionPrice } from "./region-prices";
import { timesLarge } from "./system-pool";

/** What stands and flows around the GPU nodes, at its least, as expected, and at its most. */
export interface ClusterParts {
  readonly floor: readonly CostLine[];
  readonly expected: readonly CostLine[];
  readonly worst: readonly CostLine[];
}

export const NO_PARTS: ClusterParts = { floor: [], expected: [], worst: [] };

export interface PartsInputs {
  readonly prices: AwsPrices;
  readonly region: string;
  readonly shape: ClusterShape;
  readonly nodes: number;
  /** Of one replica, over all its cards. */
  readonly weightsGB: number;
  readonly flow: Flow;
}

/** Revisions of the weights that lie in the bucket: the one that is served, and the one before it; nothing deletes older ones. */
const MOST_VERSIONS = 2;

/**
 * EKS around the nodes at the list prices of the region: what stands without any traffic, what flows as expected, and at
 * worst with one node more, on the largest disks.
 */
export function eksParts(inputs: PartsInputs): ClusterParts {
  const { nodes, shape } = inputs;
  const standing = [...clusterLines(inputs), ...balancerLines(inputs)];
  const disks = volumeLines(inputs, nodes, shape.gpuVolume);
  const bucket = bucketLines(inputs, 1);
  const floor = [...standing, ...disks, ...bucket];
  const flowing = flowingParts(inputs);
  return {
    floor,
    expected: [...floor, ...flowing.expected],
    worst: [
      ...standing,
      ...volumeLines(inputs, nodes + 1, shape.largestGpuVolume),
      ...bucketLines(inputs, MOST_VERSIONS),
      ...flowing.worst,
    ],
  };
}

function clusterLines({ prices, region, shape }: PartsInputs): CostLine[] {
  const at = (part: PricedPart): RegionPrice => regionPrice(prices, region, part);
  const { natGateways, system } = shape;
  return [
    shared(line("EKS control plane", 1, at("controlPlaneHour"))),
    shared(line(`${system.instanceType} system nodes`, system.nodes, systemPrice(system, at("m6iLargeHour")))),
    ...(natGateways === 0
      ? []
      : [
          shared(line("NAT gateway", natGateways, at("natGatewayHour"))),
          shared(line("public IPv4 address of NAT", natGateways, at("publicAddressHour"))),
        ]),
    shared(line("KMS key of the Kubernetes secrets", 1, at("keyMonth"), 1 / HOURS_PER_MONTH)),
  ];
}

/** Sizes of m6i cost in proportion; of another family only the size is known here. */
function systemPrice({ instanceType }: ClusterShape["system"], large: RegionPrice): RegionPrice {
  const [family = "", size = ""] = instanceType.split(".");
  const usd = large.usd * (timesLarge(size) ?? 1);
  return family === "m6i"
    ? { ...large, usd }
    : { ...large, usd, source: `assumed: as much as an m6i of its size; ${large.source}` };
}

function balancerLines({ prices, region, shape }: PartsInputs): CostLine[] {
  const addresses = regionPrice(prices, region, "publicAddressHour");
  return [
    line("load balancer", 1, regionPrice(prices, region, "loadBalancerHour")),
    ...(shape.balancerAddresses === 0
      ? []
      : [line("public IPv4 address of the load balancer", shape.balancerAddresses, addresses)]),
  ];
}

function volumeLines({ prices, region, shape }: PartsInputs, nodes: number, volume: Volume): CostLine[] {
  const each = regionPrice(prices, region, "gp3GBMonth");
  const { system } = shape;
  const size = (gib: number) => line("gp3 volumes, 100 GiB each", gib / 100, each, 100 / HOURS_PER_MONTH);
  const systemGiB = system.nodes * system.volumeGiB;
  return [
    shared(size(systemGiB + nodes * volume.sizeGiB), size(systemGiB).usdPerHour),
    ...speedLines(prices, region, nodes, volume),
  ];
}

/** What a volume does beyond what every gp3 does. */
function speedLines(prices: AwsPrices, region: string, nodes: number, volume: Volume): CostLine[] {
  const iops = regionPrice(prices, region, "gp3IopsMonth");
  const throughput = regionPrice(prices, region, "gp3MiBpsMonth");
  const usdPerMonth =
    Math.max(0, volume.iops - FREE_GP3.iops) * iops.usd +
    Math.max(0, volume.throughputMiBps - FREE_GP3.throughputMiBps) * throughput.usd;
  if (usdPerMonth === 0) return [];
  const name = `gp3 speed of a GPU node, ${volume.throughputMiBps} MiB/s`;
  return [line(name, nodes, { ...throughput, usd: usdPerMonth }, 1 / HOURS_PER_MONTH)];
}

function bucketLines({ prices, region, shape, weightsGB }: PartsInputs, versions: number): CostLine[] {
  if (!shape.hasBucket) return [];
  const each = regionPrice(prices, region, "bucketGBMonth");
  return [line("weights in S3, 100 GB each", (versions * weightsGB) / 100, each, 100 / HOURS_PER_MONTH)];
}
