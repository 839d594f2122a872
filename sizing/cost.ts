import type { Catalog, InstanceOffer } from "./catalog";
import type { Configuration } from "./configurations";
import type { CostFigure, CostLine, CostPlan } from "./serving-plan";
import type { ServingRequest } from "./serving-request";

/** A year of 8,760 hours over twelve months. */
export const HOURS_PER_MONTH = 730;

/** Day on which the prices of the fixed parts were looked up; the sources themselves carry no date. */
const FIXED_PARTS_READ = "2026-11-22";

/** What EKS needs around the GPU nodes, us-east-1 list prices. */
const EKS_FIXED_PARTS: readonly Omit<CostLine, "usdPerHour">[] = [
  {
    name: "EKS control plane",
    quantity: 1,
    usdPerHourEach: 0.1,
    source: "infracost eks_cluster_test.golden; AWS containers blog",
    date: FIXED_PARTS_READ,
  },
  {
    name: "m6i.large system nodes",
    quantity: 2,
    usdPerHourEach: 0.096,
    source: "assumed: about $140 a month for two, not read from a price list",
    date: FIXED_PARTS_READ,
  },
  {
    name: "NAT gateway",
    quantity: 1,
    usdPerHourEach: 0.045,
    source: "infracost nat_gateway_test.golden",
    date: FIXED_PARTS_READ,
  },
  {
    name: "load balancer",
    quantity: 1,
    usdPerHourEach: 0.0225,
    source: "infracost, Application Load Balancer",
    date: FIXED_PARTS_READ,
  },
];

const NOT_INCLUDED = [
  "disks, the transfer of data and the load balancer's usage",
  "taxes and support plans",
  "nodes that autoscaling adds beyond the worst case",
];

function figure(usdPerHour: number): CostFigure {
  return { usdPerHour, usdPerMonth: usdPerHour * HOURS_PER_MONTH };
}

/** Sum of shown lines: floor at the cheapest purchase of the same machines, worst at list price with one node more. */
export function costPlan(
  request: ServingRequest,
  catalog: Catalog,
  { offer }: Configuration,
  nodes: number,
  outputTokensPerSecond: number,
): CostPlan {
  const fixed = fixedParts(request, offer);
  const gpuLine: CostLine = {
    name: `${offer.instanceType} (${offer.gpuCount}x ${offer.gpu}), ${offer.purchase}, ${offer.region}`,
    quantity: nodes,
    usdPerHourEach: offer.usdPerHour,
    usdPerHour: nodes * offer.usdPerHour,
    source: offer.source,
    date: offer.date,
  };
  const lines = [gpuLine, ...fixed];
  const fixedUsdPerHour = fixed.reduce((sum, line) => sum + line.usdPerHour, 0);
  const same = catalog.offers.filter(
    (one) => one.cloud === offer.cloud && one.region === offer.region && one.instanceType === offer.instanceType,
  );
  const cheapest = same.reduce((least, one) => Math.min(least, one.usdPerHour), offer.usdPerHour);
  const list = same.find((one) => one.purchase === "on-demand")?.usdPerHour ?? offer.usdPerHour;
  const expected = gpuLine.usdPerHour + fixedUsdPerHour;
  return {
    lines,
    floor: figure(nodes * cheapest + fixedUsdPerHour),
    expected: figure(expected),
    worst: figure((nodes + 1) * Math.max(list, offer.usdPerHour) + fixedUsdPerHour),
    usdPerMillionOutputTokens: (expected * 1e6) / (outputTokensPerSecond * 3600),
    notIncluded: [
      ...(fixed.length > 0 ? [] : ["the cluster around the GPU nodes"]),
      ...NOT_INCLUDED,
      ...(request.pricing === undefined ? ["negotiated discounts (pricing.negotiated)"] : []),
    ],
  };
}

function fixedParts(request: ServingRequest, offer: InstanceOffer): CostLine[] {
  if (request.target === "existing" || offer.cloud !== "aws") return [];
  return EKS_FIXED_PARTS.map((part) => ({
    name: part.name,
    quantity: part.quantity,
    usdPerHourEach: part.usdPerHourEach,
    usdPerHour: part.quantity * part.usdPerHourEach,
    source: part.source,
    date: part.date,
  }));
}
