import { overlaps, parseCidr } from "../../sizing/aws/cidr";
import type { AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import type { GivenNetwork } from "../../sizing/aws/settings";
import { takesControlPlane } from "../../sizing/aws/zones";
import { regionPrice } from "../../sizing/cost/region-prices";
import type { AwsPrices } from "../../sizing/cost/region-prices";
import { routeFaults, tableOf } from "./aws-routes";
import { check, field, list, number, text, type Ask, type Check } from "./checks";

/** EKS wants six free addresses in each subnet of the control plane and advises 16. Source: EKS User Guide, network-reqs. */
const ADDRESSES_OF_CONTROL_PLANE = 16;

/** Assumed: two network interfaces of ten addresses, and their spare ones, which the network add-on holds ready. */
const ADDRESSES_OF_NODE = 30;

export interface GivenSubnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly freeAddresses: number;
}

interface Given {
  readonly cluster: AwsClusterPlan;
  readonly network: GivenNetwork;
  readonly prices: AwsPrices;
  /** What passes NAT at each start of an engine where S3 is not reached past it. */
  readonly weightsGB: number;
}

/** What a network of the user's own says about the cluster that is to stand in it. */
export async function networkChecks(given: Given, ask: Ask): Promise<Check[]> {
  const { cluster, network } = given;
  const subnets: GivenSubnet[] = [];
  const read = await check("subnets", async () => {
    subnets.push(...(await subnetsOf(given, ask)));
    const faults = subnetFaults(cluster, network, subnets);
    const zones = [...new Set(subnets.map(({ zone }) => zone))].toSorted();
    return faults.length === 0
      ? { status: "ok", detail: `${subnets.length} of ${network.vpcId}, in ${zones.join(", ")}` }
      : { status: "fails", detail: faults.join("; ") };
  });
  return [read, await vpcCheck(given, ask), ...(await wayChecks(given, ask))];
}

/** Ids of the zones of the subnets for GPU nodes; empty where they are not known. */
export async function gpuZonesOf(cluster: AwsClusterPlan, network: GivenNetwork, ask: Ask): Promise<string[]> {
  const wanted = network.gpuSubnetIds ?? network.privateSubnetIds;
  const subnets = await subnetsOf({ cluster, network }, ask);
  return [...new Set(subnets.filter(({ id }) => wanted.includes(id)).map(({ zone }) => zone))].toSorted();
}

function idsOf({ privateSubnetIds, publicSubnetIds, gpuSubnetIds = [] }: GivenNetwork): string[] {
  return [...new Set([...privateSubnetIds, ...gpuSubnetIds, ...publicSubnetIds])];
}

async function subnetsOf({ cluster, network }: Pick<Given, "cluster" | "network">, ask: Ask): Promise<GivenSubnet[]> {
  const answer = await ask("ec2 describe-subnets", {
    region: cluster.region,
    filters: `Name=subnet-id,Values=${idsOf(network).join(",")}`,
  });
  return list(answer, "Subnets").map((one) => ({
    id: text(one, "SubnetId"),
    vpcId: text(one, "VpcId"),
    zone: text(one, "AvailabilityZoneId"),
    freeAddresses: number(one, "AvailableIpAddressCount"),
  }));
}

function subnetFaults(cluster: AwsClusterPlan, network: GivenNetwork, subnets: readonly GivenSubnet[]): string[] {
  const byId = new Map(subnets.map((one) => [one.id, one]));
  const missing = idsOf(network).filter((id) => !byId.has(id));
  const inside = network.privateSubnetIds.flatMap((id) => byId.get(id) ?? []);
  const nodeSubnets = new Set([...inside, ...(network.gpuSubnetIds ?? []).flatMap((id) => byId.get(id) ?? [])]);
  const nodes = cluster.systemPool.nodes + cluster.gpuPool.nodes.max;
  const free = [...nodeSubnets].reduce((sum, { freeAddresses }) => sum + freeAddresses, 0);
  const zones = new Set(inside.map(({ zone }) => zone));
  return [
    ...missing.map((id) => `${id} does not exist in ${cluster.region}`),
    ...subnets.filter(({ vpcId }) => vpcId !== network.vpcId).map(({ id, vpcId }) => `${id} is in ${vpcId}`),
    ...(zones.size >= 2 || missing.length > 0
      ? []
      : [`privateSubnetIds are all in ${[...zones].join(", ")}; EKS wants two zones`]),
    ...inside
      .filter(({ zone }) => !takesControlPlane(zone))
      .map(({ id, zone }) => `${id} is in ${zone}, where EKS puts no control plane; name it in gpuSubnetIds`),
    ...inside
      .filter(({ freeAddresses }) => freeAddresses < ADDRESSES_OF_CONTROL_PLANE)
      .map(
        ({ id, freeAddresses }) =>
          `${id} has ${freeAddresses} free addresses, EKS advises ${ADDRESSES_OF_CONTROL_PLANE}`,
      ),
    ...(missing.length > 0 || free >= nodes * ADDRESSES_OF_NODE
      ? []
      : [`${free} addresses are free for ${nodes} nodes, which want about ${ADDRESSES_OF_NODE} each`]),
  ];
}

function vpcCheck({ cluster, network }: Given, ask: Ask): Promise<Check> {
  return check("network", async () => {
    const at = { region: cluster.region };
    const [vpc] = list(await ask("ec2 describe-vpcs", { ...at, "vpc-ids": network.vpcId }), "Vpcs");
    const services = parseCidr(cluster.serviceCidr);
    const ranges = list(vpc, "CidrBlockAssociationSet").map((one) => text(one, "CidrBlock"));
    const overlapping = ranges.filter((range) => {
      const own = parseCidr(range);
      return own !== undefined && services !== undefined && overlaps(own, services);
    });
    const dns = async (attribute: string, key: string): Promise<unknown> =>
      field(await ask("ec2 describe-vpc-attribute", { ...at, attribute, "vpc-id": network.vpcId }), key, "Value");
    const faults = [
      ...overlapping.map((range) => `${range} overlaps ${cluster.serviceCidr}, the range of the Services`),
      ...((await dns("enableDnsSupport", "EnableDnsSupport")) === false ? ["DNS resolution is off; EKS needs it"] : []),
      ...((await dns("enableDnsHostnames", "EnableDnsHostnames")) === false
        ? ["DNS hostnames are off; EKS needs them"]
        : []),
    ];
    return faults.length === 0
      ? { status: "ok", detail: `${network.vpcId} with ${ranges.join(", ")}` }
      : { status: "fails", detail: `${network.vpcId}: ${faults.join("; ")}` };
  });
}

/** How nodes reach the internet, and S3. */
async function wayChecks({ cluster, network, prices, weightsGB }: Given, ask: Ask): Promise<Check[]> {
  const inVpc = { region: cluster.region, filters: `Name=vpc-id,Values=${network.vpcId}` };
  const tables: unknown[] = [];
  const routes = await check("routes", async () => {
    tables.push(...list(await ask("ec2 describe-route-tables", inVpc), "RouteTables"));
    const faults = routeFaults(network, tables);
    return faults.length === 0
      ? { status: "ok", detail: "nodes reach the internet without an address of their own" }
      : { status: "fails", detail: faults.join("; ") };
  });
  const s3 = await check("gateway endpoint for S3", async () => {
    const endpoints = list(await ask("ec2 describe-vpc-endpoints", inVpc), "VpcEndpoints").filter(
      (one) =>
        field(one, "VpcEndpointType") === "Gateway" &&
        field(one, "ServiceName") === `com.amazonaws.${cluster.region}.s3`,
    );
    const reached = new Set(endpoints.flatMap((one) => list(one, "RouteTableIds")));
    const past = (network.gpuSubnetIds ?? network.privateSubnetIds).filter(
      (id) => !reached.has(field(tableOf(id, tables), "RouteTableId")),
    );
    if (past.length === 0) return { status: "ok", detail: "weights do not pass NAT" };
    const { usd } = regionPrice(prices, cluster.region, "natGB");
    const each = `$${(weightsGB * usd).toFixed(2)} for ${weightsGB.toFixed(0)} GB`;
    return {
      status: "warns",
      detail: `none for ${past.join(", ")}: weights pass NAT, ${each} at each start of an engine; a gateway endpoint costs nothing`,
    };
  });
  return [routes, s3];
}
