import { isPrivate, parseCidr, type Cidr } from "./cidr";
import type { AwsClusterInputs } from "./cluster-inputs";
import { hasCertificate, type AwsSettings } from "./settings";

const CLIENT_RANGES = "fitserve:aws.front.sourceRanges";

/** Source: EKS User Guide, service quotas: public endpoint access ranges of a cluster. */
const MOST_ENDPOINT_RANGES = 40;

/** Rules of a security group into one direction; each range is one. Source: VPC User Guide, quotas. */
const MOST_CLIENT_RANGES = 60;

/** No organisation has more than a /8; what is wider is the internet in parts. */
const WIDEST_PREFIX = 8;

/** What is wrong with who may reach the Kubernetes API and the endpoint, and in which way. */
export function accessFaults(inputs: AwsClusterInputs): string[] {
  return [...endpointFaults(inputs.settings), ...clientFaults(inputs.settings), ...frontFaults(inputs)];
}

function endpointFaults(settings: AwsSettings): string[] {
  const { endpoint } = settings;
  const path = "fitserve:aws.endpoint.sourceRanges";
  if (endpoint.access === "private") return privateEndpointFaults(path, settings);
  const within = endpoint.sourceRanges.filter((range) => isPrivateRange(parseCidr(range)));
  return [
    ...rangeFaults(
      path,
      endpoint.sourceRanges,
      "the Kubernetes API would be open to the internet. List who may reach it, or set endpoint.access to private.",
    ),
    // EKS takes no reserved addresses here (EKS User Guide, config-cluster-endpoint); nobody has one on the internet.
    ...within.map(
      (range) => `${path}: ${range} is private; give the public addresses, or set endpoint.access to private.`,
    ),
    ...(endpoint.sourceRanges.length > MOST_ENDPOINT_RANGES
      ? [`${path} has ${endpoint.sourceRanges.length} ranges, EKS takes ${MOST_ENDPOINT_RANGES}.`]
      : []),
  ];
}

/** The range of a network of the stack's own is known; of a given one it is not. */
function privateEndpointFaults(path: string, { endpoint, network }: AwsSettings): string[] {
  if (network.kind === "own" && endpoint.sourceRanges.length === 0) return [];
  const nobody =
    "the range of a given network is not known here. List who may reach the Kubernetes API, the runner included.";
  return rangeFaults(path, endpoint.sourceRanges, nobody);
}

function clientFaults({ front: { sourceRanges } }: AwsSettings): string[] {
  const count = new Set(sourceRanges).size;
  return count <= MOST_CLIENT_RANGES
    ? []
    : [`${CLIENT_RANGES} has ${count} ranges, a security group takes ${MOST_CLIENT_RANGES}.`];
}

function isPrivateRange(range: Cidr | undefined): boolean {
  return range !== undefined && isPrivate(range);
}

function frontFaults({ settings, tlsAtGateway }: AwsClusterInputs): string[] {
  const { front } = settings;
  return [
    ...(front.scheme === "internal" ? internalFaults(settings) : internetFacingFaults(settings, tlsAtGateway)),
    ...certificateFaults(settings),
    ...(front.certificateArn !== undefined && tlsAtGateway
      ? ["fitserve:aws.front.certificateArn and fitserve:tlsSecret: one of them ends TLS, not both."]
      : []),
    ...(front.hostedZoneId !== undefined && front.host === undefined
      ? ["fitserve:aws.front.hostedZoneId without front.host: which name is to be made?"]
      : []),
  ];
}

function internetFacingFaults({ front, network }: AwsSettings, tlsAtGateway: boolean): string[] {
  const open =
    "scanners find an open model endpoint within minutes. List who may connect, or set front.scheme to internal.";
  return [
    ...rangeFaults(CLIENT_RANGES, front.sourceRanges, open),
    ...(network.kind === "given" && network.publicSubnetIds.length === 0
      ? ["fitserve:aws.network.publicSubnetIds is missing: an internet-facing load balancer stands in them."]
      : []),
    ...(hasCertificate(front) || tlsAtGateway
      ? []
      : [
          "fitserve:aws.front: API keys would cross the internet in the clear. Give certificateArn, or host and " +
            "hostedZoneId, or fitserve:tlsSecret.",
        ]),
  ];
}

function internalFaults({ front: { sourceRanges }, network }: AwsSettings): string[] {
  return [
    ...(network.kind === "given" && sourceRanges.length === 0
      ? [`${CLIENT_RANGES} is missing: the range of a given network is not known here. List who may connect.`]
      : []),
    ...sourceRanges.filter((range) => parseCidr(range) === undefined).map((range) => noRange(CLIENT_RANGES, range)),
  ];
}

/** A load balancer finds certificates of its own region alone. */
function certificateFaults({ front: { certificateArn }, region }: AwsSettings): string[] {
  const where = certificateArn?.split(":")[3];
  if (where === undefined || where === region) return [];
  return [`fitserve:aws.front.certificateArn is of ${where}; a load balancer in ${region} takes one of ${region}.`];
}

function noRange(path: string, range: string): string {
  return `${path}: ${range} is no range such as 203.0.113.0/24.`;
}

function rangeFaults(path: string, ranges: readonly string[], consequence: string): string[] {
  if (ranges.length === 0) return [`${path} is missing: ${consequence}`];
  return ranges.flatMap((range) => {
    const parsed = parseCidr(range);
    if (parsed === undefined) return [noRange(path, range)];
    return parsed.prefix < WIDEST_PREFIX ? [`${path}: ${range} is everybody, or nearly; ${consequence}`] : [];
  });
}
