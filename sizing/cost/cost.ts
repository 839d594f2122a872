import type { Catalog, InstanceOffer } from "../catalog";
import { gpusOf } from "../model/parallelism";
import type { Replica } from "../search/replica";
import type { CostLine, CostPlan } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { USUAL_SHAPE, type ClusterShape } from "./cluster-shape";
import { figure } from "./cost-line";
import { eksParts, NO_PARTS, type ClusterParts } from "./cost-parts";

const NOT_INCLUDED = ["taxes and support plans", "nodes that autoscaling adds beyond the worst case"];

/** Of a cluster that is counted: what its parts leave out; of another one: all of them. */
const SMALL_PARTS = "requests to the bucket and the key, kept logs, DNS";
const FLOWING_PARTS = "disks, the transfer of data and the load balancer's usage";
const OWN_NETWORK = "NAT and endpoints of the network that is given";

const GB_PER_GIB = 2 ** 30 / 1e9;

/** What is to be paid for. */
export interface Costed {
  readonly request: ServingRequest;
  readonly catalog: Catalog;
  readonly offer: InstanceOffer;
  readonly nodes: number;
  readonly replicas: number;
  /** Of one replica, over all its cards. */
  readonly weightsGB: number;
  readonly outputTokensPerSecond: number;
  readonly shape: ClusterShape;
}

/** The cost of a plan before a cluster is planned for it, around which there is then what a cluster usually has. */
export function costPlan(
  request: ServingRequest,
  catalog: Catalog,
  { replica, nodes, replicas }: { readonly replica: Replica; readonly nodes: number; readonly replicas: number },
  outputTokensPerSecond: number,
): CostPlan {
  const { configuration, memory } = replica;
  const weightsGB = memory.weightsGiB * gpusOf(configuration) * GB_PER_GIB;
  const { offer } = configuration;
  return costOf({ request, catalog, offer, nodes, replicas, weightsGB, outputTokensPerSecond, shape: USUAL_SHAPE });
}

/**
 * Expected is the sum of the shown lines; floor the cheapest purchase of the same machines without traffic, worst the list
 * price with one node more and traffic to the internet.
 */
export function costOf(costed: Costed): CostPlan {
  const { request, catalog, offer, nodes, outputTokensPerSecond } = costed;
  const parts = partsOf(costed);
  const gpuLine: CostLine = {
    name: `${offer.instanceType} (${offer.gpuCount}x ${offer.gpu}), ${offer.purchase}, ${offer.region}`,
    quantity: nodes,
    usdPerHourEach: offer.usdPerHour,
    usdPerHour: nodes * offer.usdPerHour,
    source: offer.source,
    date: offer.date,
  };
  const same = catalog.offers.filter(
    (one) => one.cloud === offer.cloud && one.region === offer.region && one.instanceType === offer.instanceType,
  );
  const cheapest = same.reduce((least, one) => Math.min(least, one.usdPerHour), offer.usdPerHour);
  const list = same.find((one) => one.purchase === "on-demand")?.usdPerHour ?? offer.usdPerHour;
  const expected = gpuLine.usdPerHour + sum(parts.expected);
  return {
    lines: [gpuLine, ...parts.expected],
    floor: figure(nodes * cheapest + sum(parts.floor)),
    expected: figure(expected),
    worst: figure((nodes + 1) * Math.max(list, offer.usdPerHour) + sum(parts.worst)),
    usdPerMillionOutputTokens: (expected * 1e6) / (outputTokensPerSecond * 3600),
    notIncluded: [
      ...(parts === NO_PARTS ? ["the cluster around the GPU nodes", FLOWING_PARTS] : [SMALL_PARTS]),
      ...(parts !== NO_PARTS && costed.shape.natGateways === 0 ? [OWN_NETWORK] : []),
      ...NOT_INCLUDED,
      ...(request.pricing === undefined ? ["negotiated discounts (pricing.negotiated)"] : []),
    ],
  };
}

/** The aws target makes what is counted; the local one plans with its prices. */
function partsOf({ request, catalog, offer, shape, ...costed }: Costed): ClusterParts {
  if (request.target === "existing" || offer.cloud !== "aws") return NO_PARTS;
  const { nodes, replicas, weightsGB, outputTokensPerSecond } = costed;
  const flow = { outputTokensPerSecond, replicas };
  return eksParts({ prices: catalog.awsPrices, region: offer.region, shape, nodes, weightsGB, flow });
}

function sum(lines: readonly CostLine[]): number {
  return lines.reduce((total, { usdPerHour }) => total + usdPerHour, 0);
}
