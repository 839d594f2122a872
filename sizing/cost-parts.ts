import type { CostLine } from "./serving-plan";

/** A year of 8,760 hours over twelve months. */
export const HOURS_PER_MONTH = 730;

/** Day on which the prices of the fixed parts were looked up; the sources themselves carry no date. */
const READ = "2026-11-22";

/** What stands and flows around the GPU nodes, at its least, as expected, and at its most. */
export interface ClusterParts {
  readonly floor: readonly CostLine[];
  readonly expected: readonly CostLine[];
  readonly worst: readonly CostLine[];
}

export const NO_PARTS: ClusterParts = { floor: [], expected: [], worst: [] };

/** Disk of a node whose images lie on its own NVMe, and of one that has none; system nodes have 50 GiB each. */
const VOLUME_GIB = { system: 50, withNvme: 100, without: 512 } as const;
const SYSTEM_NODES = 2;

/** One chunk of a stream is a JSON object of about 250 bytes for each token, before compression. */
const BYTES_PER_TOKEN = 250;

/** A streamed answer passes load balancer, proxy and engine; two of three zones are another one, billed on both sides. */
const CROSS_ZONE_PASSES = 2 * (2 / 3) * 2;

/**
 * EKS around the nodes, us-east-1 list prices: those that stand, and estimates of those that flow. Expected is a load
 * balancer within the network; at worst the answers leave for the internet and every node's image lies on EBS.
 */
export function eksParts(nodes: number, outputTokensPerSecond: number): ClusterParts {
  const gbPerHour = (outputTokensPerSecond * 3600 * BYTES_PER_TOKEN) / 1e9;
  const standing = [shared(controlPlane), shared(systemNodes), shared(natGateway), loadBalancer, shared(publicAddress)];
  const flowing = [capacityUnits(gbPerHour), crossZone(gbPerHour)];
  return {
    floor: [...standing, volumes(nodes, VOLUME_GIB.withNvme)],
    expected: [...standing, volumes(nodes, VOLUME_GIB.withNvme), ...flowing],
    worst: [...standing, volumes(nodes + 1, VOLUME_GIB.without), ...flowing, egress(gbPerHour)],
  };
}

/** Quantities that are estimates have three decimals, as they are shown. */
function line(name: string, amount: number, usdPerHourEach: number, source: string): CostLine {
  const quantity = Math.round(amount * 1000) / 1000;
  return { name, quantity, usdPerHourEach, usdPerHour: quantity * usdPerHourEach, source, date: READ };
}

/** Once for a cluster, however many models are served on it. */
function shared(of: CostLine, sharedUsdPerHour = of.usdPerHour): CostLine {
  return { ...of, sharedUsdPerHour };
}

const controlPlane = line("EKS control plane", 1, 0.1, "infracost eks_cluster_test.golden; AWS containers blog");

const systemNodes = line(
  "m6i.large system nodes",
  SYSTEM_NODES,
  0.096,
  "assumed: about $140 a month for two, not read from a price list",
);

const natGateway = line("NAT gateway", 1, 0.045, "infracost nat_gateway_test.golden");

const loadBalancer = line("load balancer", 1, 0.0225, "infracost, Application Load Balancer");

const publicAddress = line("public IPv4 address", 1, 0.005, "AWS charge since 2024-02-01, not read from a price list");

function volumes(nodes: number, gibPerNode: number): CostLine {
  const systemGiB = SYSTEM_NODES * VOLUME_GIB.system;
  const each = 8 / HOURS_PER_MONTH;
  const count = (systemGiB + nodes * gibPerNode) / 100;
  return shared(
    line("gp3 volumes, 100 GiB each", count, each, "infracost ebs_volume_test.golden"),
    (systemGiB / 100) * each,
  );
}

/** A unit is one GB an hour; connections and handshakes are few for long answers. */
function capacityUnits(gbPerHour: number): CostLine {
  return line("load balancer units (estimate)", gbPerHour, 0.006, "assumed, Elastic Load Balancing price list");
}

function crossZone(gbPerHour: number): CostLine {
  const passed = gbPerHour * CROSS_ZONE_PASSES;
  return line("GB between zones (estimate)", passed, 0.01, "assumed, EC2 data transfer price list");
}

function egress(gbPerHour: number): CostLine {
  return line("GB to the internet (estimate)", gbPerHour, 0.09, "assumed, EC2 data transfer price list");
}
