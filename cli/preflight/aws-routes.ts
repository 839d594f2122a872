import type { GivenNetwork } from "../../sizing/aws/settings";
import { field, list } from "./checks";

/** The table of a subnet: its own, or the network's main one. */
export function tableOf(subnetId: string, tables: readonly unknown[]): unknown {
  const associated = (key: string, value: unknown) =>
    tables.find((table) => list(table, "Associations").some((one) => field(one, key) === value));
  return associated("SubnetId", subnetId) ?? associated("Main", true);
}

/** What keeps nodes from the internet, from which images and weights come, and a public load balancer from its clients. */
export function routeFaults(network: GivenNetwork, tables: readonly unknown[]): string[] {
  const inside = [...new Set([...network.privateSubnetIds, ...(network.gpuSubnetIds ?? [])])];
  return [
    ...inside.flatMap((id) => wayOutFault(id, defaultRoute(id, tables))),
    ...network.publicSubnetIds
      .filter((id) => !isInternetGateway(defaultRoute(id, tables)))
      .map((id) => `${id} is named as public and has no route to an internet gateway`),
  ];
}

function wayOutFault(id: string, route: unknown): string[] {
  if (route === undefined) {
    return [`${id} has no route to 0.0.0.0/0: images and weights come from the internet; give it one through NAT`];
  }
  if (field(route, "State") === "blackhole") return [`${id} has a route to 0.0.0.0/0 that leads nowhere`];
  return isInternetGateway(route)
    ? [`${id} leads to an internet gateway, but nodes have no public address; give it a route through NAT`]
    : [];
}

function defaultRoute(subnetId: string, tables: readonly unknown[]): unknown {
  return list(tableOf(subnetId, tables), "Routes").find((one) => field(one, "DestinationCidrBlock") === "0.0.0.0/0");
}

function isInternetGateway(route: unknown): boolean {
  const gateway = field(route, "GatewayId");
  return typeof gateway === "string" && gateway.startsWith("igw-");
}
