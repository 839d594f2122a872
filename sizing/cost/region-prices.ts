/** What stands and flows around the nodes, in the unit that its name ends in; USD. */
export const PRICED_PARTS = [
  "controlPlaneHour",
  "m6iLargeHour",
  "natGatewayHour",
  "natGB",
  "loadBalancerHour",
  "loadBalancerUnitHour",
  "publicAddressHour",
  "gp3GBMonth",
  "gp3IopsMonth",
  "gp3MiBpsMonth",
  "bucketGBMonth",
  "keyMonth",
  "controlPlaneLogGB",
  "zoneTransferGB",
  "egressGB",
] as const;
export type PricedPart = (typeof PRICED_PARTS)[number];

export interface RegionPrice {
  readonly usd: number;
  readonly source: string;
  /** YYYY-MM-DD on which the source read it; of an undated source the day on which it was read itself. */
  readonly date: string;
}

/** Region by region what a source says of it; of the first one everything. */
export interface AwsPrices {
  readonly "us-east-1": Readonly<Record<PricedPart, RegionPrice>>;
  readonly elsewhere: Readonly<Record<string, Partial<Readonly<Record<PricedPart, RegionPrice>>>>>;
}

/** Parts with one price in every region. Sources: the AWS pages on EKS and VPC pricing, which name no region for them. */
const SAME_EVERYWHERE: ReadonlySet<PricedPart> = new Set(["controlPlaneHour", "publicAddressHour", "keyMonth"]);

/** The price of a part in a region, or that of us-east-1 with the word that it is. */
export function regionPrice(prices: AwsPrices, region: string, part: PricedPart): RegionPrice {
  const own = prices.elsewhere[region]?.[part];
  if (own !== undefined) return own;
  const first = prices["us-east-1"][part];
  if (region === "us-east-1" || SAME_EVERYWHERE.has(part)) return first;
  return { ...first, source: `price of us-east-1, none of ${region} was found: ${first.source}` };
}
