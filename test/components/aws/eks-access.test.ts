import { describe, expect, test } from "vitest";
import type { AwsSettings } from "../../../sizing/aws/settings";
import { registeredOnAws } from "../../support/aws-program";
import { awsCluster } from "../../support/aws-settings";

const GIVEN = {
  kind: "given",
  vpcId: "vpc-01234567",
  privateSubnetIds: ["subnet-01234567", "subnet-01234568"],
  publicSubnetIds: [],
} as const;
const FROM_TEN = { scheme: "internal", sourceRanges: ["10.0.0.0/8"] } as const;

/** Rules that let somebody into the security group of the control plane, by name. */
async function apiRules(settings: Partial<AwsSettings>): Promise<Record<string, unknown>> {
  const { resources } = await registeredOnAws(awsCluster(settings));
  const rules = resources.filter(({ name }) => name.startsWith("cluster-api-from-"));
  return Object.fromEntries(rules.map(({ name, inputs }) => [name, inputs]));
}

describe("a private Kubernetes API", () => {
  test("lets in the network, which EKS does not: only its own security group may connect", async () => {
    expect(await apiRules({ endpoint: { access: "private", sourceRanges: [] } })).toEqual({
      "cluster-api-from-10.42.0.0-16": {
        securityGroupId: expect.stringMatching(/^sg-/),
        cidrIpv4: "10.42.0.0/16",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
      },
    });
  });

  test("lets in the ranges that are named for a network of somebody's, each once", async () => {
    const sourceRanges = ["10.1.0.0/16", "192.168.0.0/24", "10.1.0.0/16"];
    const rules = await apiRules({
      network: GIVEN,
      front: FROM_TEN,
      endpoint: { access: "private", sourceRanges },
    });
    expect(Object.keys(rules)).toEqual(["cluster-api-from-10.1.0.0-16", "cluster-api-from-192.168.0.0-24"]);
  });

  test("is none where the API is public, which EKS itself limits to its ranges", async () => {
    expect(await apiRules({ endpoint: { access: "public", sourceRanges: ["203.0.113.0/24"] } })).toEqual({});
  });
});
