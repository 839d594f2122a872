/** A version of Kubernetes on EKS; days as YYYY-MM-DD. */
export interface EksVersion {
  readonly version: string;
  /** Last day of standard support; after it EKS bills $0.60 an hour, or upgrades a cluster of policy STANDARD itself. */
  readonly standardUntil: string;
  /** Release of the Amazon Linux 2023 images that nodes of this version run; absent: not known, so that it has to be given. */
  readonly amiRelease?: string;
}

/**
 * Sources: endoflife.date/amazon-eks and aws-samples sample-apex-skills (verified 2026-04-24) for the dates, that of
 * 1.36 by the rule of 14 months (unverified); awslabs/amazon-eks-ami CHANGELOG, v20260714, for the images of 1.35 and
 * 1.36.
 */
const EKS_VERSIONS: readonly EksVersion[] = [
  { version: "1.36", standardUntil: "2027-08-01", amiRelease: "1.36.2-20260714" },
  { version: "1.35", standardUntil: "2027-03-27", amiRelease: "1.35.6-20260714" },
  { version: "1.34", standardUntil: "2026-12-02" },
  { version: "1.33", standardUntil: "2026-07-29" },
  { version: "1.32", standardUntil: "2026-03-23" },
];

/** Long enough in support, and old enough for every add-on. */
export const DEFAULT_KUBERNETES = "1.35";

/** What this release knows of a version; undefined: nothing. */
export function eksVersion(version: string): EksVersion | undefined {
  return EKS_VERSIONS.find((one) => one.version === version);
}

/** Why a cluster of this version cannot be made on that day, or undefined. */
export function versionFault(version: string, today: string): string | undefined {
  const known = eksVersion(version);
  const supported = EKS_VERSIONS.filter(({ standardUntil }) => standardUntil >= today).map((one) => one.version);
  const choice = `EKS supports ${supported.join(", ")}`;
  if (known === undefined) return `${version} is no version that this release knows; ${choice}`;
  if (known.standardUntil >= today) return undefined;
  return `standard support of ${version} ended on ${known.standardUntil}; ${choice}`;
}
