import type { Catalog, InstanceOffer } from "./catalog";
import type { Configuration } from "./configurations";
import { eksParts, HOURS_PER_MONTH, NO_PARTS } from "./cost-parts";
import type { CostFigure, CostLine, CostPlan } from "./serving-plan";
import type { ServingRequest } from "./serving-request";

export { HOURS_PER_MONTH } from "./cost-parts";

const NOT_INCLUDED = ["taxes and support plans", "nodes that autoscaling adds beyond the worst case"];

function figure(usdPerHour: number): CostFigure {
  return { usdPerHour, usdPerMonth: usdPerHour * HOURS_PER_MONTH };
}

/** Of a cluster that is counted: what its parts leave out; of another one: all of them. */
const SMALL_PARTS = "images through NAT, logs, encryption keys, the bucket of the weights";
const FLOWING_PARTS = "disks, the transfer of data and the load balancer's usage";

/**
 * Expected is the sum of the shown lines; floor the cheapest purchase of the same machines without traffic, worst the list
 * price with one node more and traffic to the internet.
 */
export function costPlan(
  request: ServingRequest,
  catalog: Catalog,
  { offer }: Configuration,
  nodes: number,
  outputTokensPerSecond: number,
): CostPlan {
  const parts = counted(request, offer) ? eksParts(nodes, outputTokensPerSecond) : NO_PARTS;
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
      ...NOT_INCLUDED,
      ...(request.pricing === undefined ? ["negotiated discounts (pricing.negotiated)"] : []),
    ],
  };
}

/** The aws target makes what is counted; the local one plans with its prices. */
function counted(request: ServingRequest, offer: InstanceOffer): boolean {
  return request.target !== "existing" && offer.cloud === "aws";
}

function sum(lines: readonly CostLine[]): number {
  return lines.reduce((total, { usdPerHour }) => total + usdPerHour, 0);
}
