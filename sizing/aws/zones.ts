/**
 * Availability zones by their ids, which name the same place in every account (names such as us-east-1a do not).
 * Sources: getmoto/moto ec2 models (zone ids of 21 regions); for ap-south-1, ca-central-1, us-west-2 the zone opened
 * later, and for ap-southeast-3, eu-south-2, me-central-1 all of them: AWS pattern of three zones (unverified).
 */
const ZONES: Readonly<Record<string, readonly string[]>> = {
  "ap-east-1": zones("ape1", 1, 2, 3),
  "ap-northeast-1": zones("apne1", 1, 2, 4),
  "ap-northeast-2": zones("apne2", 1, 2, 3, 4),
  "ap-northeast-3": zones("apne3", 1, 2, 3),
  "ap-south-1": zones("aps1", 1, 2, 3),
  "ap-southeast-1": zones("apse1", 1, 2, 3),
  "ap-southeast-2": zones("apse2", 1, 2, 3),
  "ap-southeast-3": zones("apse3", 1, 2, 3),
  "ca-central-1": zones("cac1", 1, 2, 4),
  "eu-central-1": zones("euc1", 1, 2, 3),
  "eu-north-1": zones("eun1", 1, 2, 3),
  "eu-south-2": zones("eus2", 1, 2, 3),
  "eu-west-1": zones("euw1", 1, 2, 3),
  "eu-west-2": zones("euw2", 1, 2, 3),
  "eu-west-3": zones("euw3", 1, 2, 3),
  "me-central-1": zones("mec1", 1, 2, 3),
  "us-east-1": zones("use1", 1, 2, 3, 4, 5, 6),
  "us-east-2": zones("use2", 1, 2, 3),
  "us-west-1": zones("usw1", 1, 3),
  "us-west-2": zones("usw2", 1, 2, 3, 4),
};

/** Zones in which EKS puts no control plane; nodes may stand there. Source: EKS User Guide, ml-cluster-setup-cli. */
const WITHOUT_CONTROL_PLANE: readonly string[] = ["use1-az3", "usw1-az2", "cac1-az3"];

function zones(prefix: string, ...numbers: readonly number[]): string[] {
  return numbers.map((number) => `${prefix}-az${number}`);
}

/** Zones of a region that any subnet may lie in; undefined for a region that is not known here. */
export function zonesOf(region: string): readonly string[] | undefined {
  return ZONES[region];
}

/** Whether EKS puts a control plane, and so system nodes, into the zone of this id. */
export function takesControlPlane(zone: string): boolean {
  return !WITHOUT_CONTROL_PLANE.includes(zone);
}

/** Up to three zones for the control plane and the system nodes, the first of the region that EKS takes. */
export function controlPlaneZones(region: string): readonly string[] {
  return (ZONES[region] ?? []).filter(takesControlPlane).slice(0, 3);
}
