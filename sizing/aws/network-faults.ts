import { isPrivate, overlaps, parseCidr, type Cidr } from "./cidr";
import { SERVICE_CIDR, zonesOfCluster } from "./cluster-inputs";
import type { AwsSettings, OwnNetwork } from "./settings";
import { takesControlPlane, zonesOf } from "./zones";

/** Networks between these prefixes: a /16 is the largest of a VPC; a /20 leaves 507 addresses for the pods of a zone. */
const PREFIXES = { largest: 16, smallest: 20 } as const;

/** What is wrong with a network of its own, its zones and its ranges; of a given one the account knows. */
export function networkFaults(settings: AwsSettings): string[] {
  const { network, gpu, region } = settings;
  const known = zonesOf(region) ?? [];
  const zoneFault = (path: string, zone: string): string[] =>
    known.length === 0 || known.includes(zone)
      ? []
      : [`${path} is ${zone}, which is no zone of ${region}; its zones are ${known.join(", ")} (ids, not names).`];
  if (network.kind === "given") {
    return gpu.zone === undefined
      ? []
      : [
          "fitserve:aws.gpu.zone belongs to a network of its own; here network.gpuSubnetIds says where GPU nodes stand.",
        ];
  }
  const zones = zonesOfCluster(settings, network);
  return [
    ...(network.zones ?? []).flatMap((zone) => zoneFault("fitserve:aws.network.zones", zone)),
    ...(gpu.zone === undefined ? [] : zoneFault("fitserve:aws.gpu.zone", gpu.zone)),
    ...zones
      .filter((zone) => !takesControlPlane(zone))
      .map((zone) => `fitserve:aws.network.zones: EKS puts no control plane into ${zone}; as gpu.zone it is allowed.`),
    ...(known.length > 0 && new Set(zones).size < 2
      ? ["fitserve:aws.network.zones: EKS wants subnets in at least two zones."]
      : []),
    ...(zones.length > 3 ? ["fitserve:aws.network.zones: at most three."] : []),
    ...(new Set(zones).size < zones.length ? ["fitserve:aws.network.zones: a zone is named twice."] : []),
    ...cidrFaults(network),
  ];
}

function cidrFaults({ cidr, reservedCidrs }: OwnNetwork): string[] {
  const path = "fitserve:aws.network.cidr";
  const own = parseCidr(cidr);
  if (own === undefined) return [`${path} is ${cidr}, which is no range such as 10.42.0.0/16.`];
  return [
    ...(own.prefix > PREFIXES.smallest
      ? [`${path} is ${cidr}: too small, every pod takes an address of it; wanted /${PREFIXES.smallest} or larger.`]
      : []),
    ...(own.prefix < PREFIXES.largest ? [`${path} is ${cidr}: a VPC is /16 at most.`] : []),
    ...(isPrivate(own) ? [] : [`${path} is ${cidr}, which is no private range (RFC 1918).`]),
    ...(overlapsServices(own) ? [`${path} ${cidr} overlaps ${SERVICE_CIDR}, the range of the Services.`] : []),
    ...reservedCidrs.flatMap((reserved) => reservedFaults(own, cidr, reserved)),
  ];
}

function reservedFaults(own: Cidr, cidr: string, reserved: string): string[] {
  const path = "fitserve:aws.network.reservedCidrs";
  const taken = parseCidr(reserved);
  if (taken === undefined) return [`${path}: ${reserved} is no range such as 10.0.0.0/16.`];
  return [
    ...(overlaps(own, taken) ? [`fitserve:aws.network.cidr ${cidr} overlaps ${reserved}, a reserved range.`] : []),
    ...(overlapsServices(taken)
      ? [
          `${path}: ${reserved} overlaps ${SERVICE_CIDR}, the range of the Services: what a pod sends there may reach one ` +
            "of them instead. Name the ranges around it.",
        ]
      : []),
  ];
}

function overlapsServices(range: Cidr): boolean {
  const services = parseCidr(SERVICE_CIDR);
  return services !== undefined && overlaps(range, services);
}
