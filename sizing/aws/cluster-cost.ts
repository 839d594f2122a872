import type { Catalog } from "../catalog";
import type { ClusterShape } from "../cost/cluster-shape";
import { costOf } from "../cost/cost";
import { withNegotiatedPrices } from "../cost/negotiated-prices";
import { weightsGBPerReplica } from "../model/replica-weights";
import type { CostPlan, FeasiblePlan } from "../serving-plan";
import type { AwsClusterPlan } from "./cluster-plan";

/** What of a planned cluster costs money. */
export function shapeOf({ network, systemPool, gpuPool, front, modelBucket }: AwsClusterPlan): ClusterShape {
  const publicSubnets = network.kind === "own" ? network.publicSubnets : network.publicSubnetIds;
  return {
    natGateways: network.kind === "own" ? network.natZones.length : 0,
    system: systemPool,
    gpuVolume: gpuPool.volume,
    largestGpuVolume: gpuPool.volume,
    balancerAddresses: front.scheme === "internet-facing" ? publicSubnets.length : 0,
    hasBucket: modelBucket !== undefined,
  };
}

/** What a plan costs on the cluster that is planned for it: its NAT gateways, nodes, disks and addresses. */
export function costOnCluster(plan: FeasiblePlan, cluster: AwsClusterPlan, listed: Catalog): CostPlan {
  const { request, hardware, performance } = plan;
  const catalog = withNegotiatedPrices(request, listed);
  const offer = catalog.offers.find(
    (one) =>
      one.cloud === hardware.cloud &&
      one.region === hardware.region &&
      one.purchase === hardware.purchase &&
      one.instanceType === hardware.instanceType,
  );
  if (offer === undefined) return plan.cost;
  const cost = costOf({
    request,
    catalog,
    offer,
    nodes: hardware.nodes,
    replicas: hardware.replicas,
    weightsGB: weightsGBPerReplica(plan),
    outputTokensPerSecond: performance.outputTokensPerSecond.value,
    shape: shapeOf(cluster),
  });
  // Over a day of changing load the plan has the tokens; they stay as they are.
  const share = cost.expected.usdPerHour / plan.cost.expected.usdPerHour;
  return {
    ...cost,
    usdPerMillionOutputTokens: plan.cost.usdPerMillionOutputTokens * share,
    notIncluded: [...ofReservation(cluster, request), ...cost.notIncluded],
  };
}

/** No price list has what a block costs; and a reservation is paid for as long as it is there. */
function ofReservation({ gpuPool }: AwsClusterPlan, { pricing }: FeasiblePlan["request"]): string[] {
  if (gpuPool.reservationId === undefined) return [];
  if (gpuPool.capacity !== "CAPACITY_BLOCK") return ["hours of the reservation in which no node uses it"];
  return pricing === undefined
    ? [
        "the price of the capacity block, which is paid in advance: the machines' list price stands in its place (pricing.negotiated)",
      ]
    : [];
}
