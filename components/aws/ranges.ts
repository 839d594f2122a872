import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Lets ranges in to one TCP port of a security group. A rule is called by its range: by a number, the next one would
 * become a duplicate of its neighbour when one is taken out.
 */
export function admitRanges(
  name: string,
  securityGroupId: pulumi.Input<string>,
  port: number,
  ranges: readonly string[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const inward = { securityGroupId, ipProtocol: "tcp", fromPort: port, toPort: port };
  return ranges.map((cidrIpv4) => {
    const rule = `${name}-${cidrIpv4.replace("/", "-")}`;
    return new aws.vpc.SecurityGroupIngressRule(rule, { ...inward, cidrIpv4 }, opts);
  });
}
