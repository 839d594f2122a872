import type { CostLine } from "../serving-plan";
import { HOURS_PER_MONTH, line } from "./cost-line";
import type { PartsInputs } from "./cost-parts";
import { regionPrice, type PricedPart, type RegionPrice } from "./region-prices";

/** What leaves the engines. */
export interface Flow {
  readonly outputTokensPerSecond: number;
  /** Each of them loads the weights by itself where there is no bucket. */
  readonly replicas: number;
}

/** One chunk of a stream is a JSON object of about 250 bytes for each token, before compression. */
const BYTES_PER_TOKEN = 250;

/** A streamed answer passes load balancer, proxy and engine; two of three zones are another one, billed on both sides. */
const CROSS_ZONE_PASSES = 2 * (2 / 3) * 2;

/**
 * All five kinds of logs of a control plane. A quiet cluster writes some hundred MB a day, a busy one some GB (sources:
 * bookstore-kubernetes-guide, logging and metrics cost; public bills of $28 to $144 a month): estimates.
 */
const LOG_GB_PER_MONTH = { expected: 15, worst: 150 } as const;

/** A price of 10 GB in each month as one of each hour: of a single GB it would be shown as nothing. */
const TEN = 10 / HOURS_PER_MONTH;

/** What a GPU node pulls when it starts: the engine's image of 9 GB, and those of the services. */
const NODE_IMAGES_GB = 11;
const SYSTEM_IMAGES_GB = 3;

/** Starts of every node in a month: one for a new node image; at worst every night, as spot or scaling brings it. */
const STARTS_PER_MONTH = { expected: 1, worst: 30 } as const;

type Case = keyof typeof STARTS_PER_MONTH;

/** Estimates, each called one: logs, images and weights through NAT, the answers' way out. */
export function flowingParts(inputs: PartsInputs): Readonly<Record<Case, readonly CostLine[]>> {
  const at = (part: PricedPart): RegionPrice => regionPrice(inputs.prices, inputs.region, part);
  const gbPerHour = (inputs.flow.outputTokensPerSecond * 3600 * BYTES_PER_TOKEN) / 1e9;
  const answers = [
    // A unit is one GB an hour; connections and handshakes are few for long answers.
    line("load balancer units (estimate)", gbPerHour, at("loadBalancerUnitHour")),
    line("GB between zones (estimate)", gbPerHour * CROSS_ZONE_PASSES, at("zoneTransferGB")),
  ];
  const egress = [line("GB to the internet (estimate)", gbPerHour, at("egressGB"))];
  const monthly = (which: Case): CostLine[] => [
    // Of each model: more engines, gateways and routes are asked for and watched.
    line("10 GB of control-plane logs a month (estimate)", LOG_GB_PER_MONTH[which] / 10, at("controlPlaneLogGB"), TEN),
    ...(inputs.shape.natGateways === 0
      ? []
      : [line("10 GB through NAT a month (estimate)", natGBPerMonth(inputs, which) / 10, at("natGB"), TEN)]),
  ];
  return {
    expected: [...monthly("expected"), ...answers, ...(inputs.shape.balancerAddresses === 0 ? [] : egress)],
    worst: [...monthly("worst"), ...answers, ...egress],
  };
}

/** Weights pass NAT on their way from the hub: once into the bucket, past which S3 is reached without it, or at each start. */
function natGBPerMonth({ shape, nodes, weightsGB, flow }: PartsInputs, which: Case): number {
  const count = which === "worst" ? nodes + 1 : nodes;
  const starts = STARTS_PER_MONTH[which];
  const images = starts * (count * NODE_IMAGES_GB + shape.system.nodes * SYSTEM_IMAGES_GB);
  const loads = shape.hasBucket ? 1 : starts * flow.replicas * (count / nodes);
  return images + loads * weightsGB;
}
