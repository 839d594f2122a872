import { parseCidr } from "./cidr";
import type { AwsClusterInputs } from "./cluster-inputs";
import type { AwsSettings } from "./settings";

/** What is wrong with who may reach the Kubernetes API and the endpoint, and in which way. */
export function accessFaults(inputs: AwsClusterInputs): string[] {
  return [...endpointFaults(inputs.settings), ...frontFaults(inputs)];
}

function endpointFaults({ endpoint }: AwsSettings): string[] {
  if (endpoint.access === "private") {
    return endpoint.sourceRanges.length === 0
      ? []
      : ["fitserve:aws.endpoint.sourceRanges: a private endpoint is reached from its network alone; leave them out."];
  }
  return rangeFaults(
    "fitserve:aws.endpoint.sourceRanges",
    endpoint.sourceRanges,
    "the Kubernetes API would be open to the internet. List who may reach it, or set endpoint.access to private.",
  );
}

function frontFaults({ settings, tlsAtGateway }: AwsClusterInputs): string[] {
  const { front, network } = settings;
  const faults: string[] = [];
  if (front.scheme === "internet-facing") {
    faults.push(
      ...rangeFaults(
        "fitserve:aws.front.sourceRanges",
        front.sourceRanges,
        "scanners find an open model endpoint within minutes. List who may connect, or set front.scheme to internal.",
      ),
    );
    if (network.kind === "given" && network.publicSubnetIds.length === 0) {
      faults.push("fitserve:aws.network.publicSubnetIds is missing: an internet-facing load balancer stands in them.");
    }
    const makesCertificate = front.host !== undefined && front.hostedZoneId !== undefined;
    if (front.certificateArn === undefined && !makesCertificate && !tlsAtGateway) {
      faults.push(
        "fitserve:aws.front: API keys would cross the internet in the clear. Give certificateArn, or host and " +
          "hostedZoneId, or fitserve:tlsSecret.",
      );
    }
  }
  if (front.scheme === "internal" && network.kind === "given" && front.sourceRanges.length === 0) {
    faults.push(
      "fitserve:aws.front.sourceRanges is missing: the range of a given network is not known here. List who may connect.",
    );
  }
  if (front.certificateArn !== undefined && tlsAtGateway) {
    faults.push("fitserve:aws.front.certificateArn and fitserve:tlsSecret: one of them ends TLS, not both.");
  }
  if (front.hostedZoneId !== undefined && front.host === undefined) {
    faults.push("fitserve:aws.front.hostedZoneId without front.host: which name is to be made?");
  }
  return faults;
}

function rangeFaults(path: string, ranges: readonly string[], consequence: string): string[] {
  if (ranges.length === 0) return [`${path} is missing: ${consequence}`];
  return ranges.flatMap((range) => {
    const parsed = parseCidr(range);
    if (parsed === undefined) return [`${path}: ${range} is no range such as 203.0.113.0/24.`];
    return parsed.prefix === 0 ? [`${path}: ${range} is everybody; ${consequence}`] : [];
  });
}
