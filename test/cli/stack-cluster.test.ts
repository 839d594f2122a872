import { expect, test } from "vitest";
import { clusterOf } from "../../cli/stack-cluster";
import { awsPlan } from "../support/aws-settings";

const OPEN = {
  accountId: "123456789012",
  region: "us-east-1",
  endpoint: { access: "private" },
  front: { scheme: "internet-facing", sourceRanges: ["203.0.113.0/24"] },
};

function faultsOf(config: object): readonly string[] {
  const outcome = clusterOf(awsPlan(), { "fitserve:aws": OPEN, ...config }, "aws");
  return outcome.ok ? [] : outcome.faults;
}

test("the cluster of a stack file ends TLS at the gateway with a certificate that is there, or that an issuer fills", () => {
  expect(faultsOf({})).toEqual([expect.stringMatching(/API keys would cross the internet in the clear/)]);
  expect(faultsOf({ "fitserve:tlsSecret": "llm-tls" })).toEqual([]);
  expect(faultsOf({ "fitserve:certificateIssuer": { kind: "Issuer", name: "letsencrypt" } })).toEqual([]);
});

test("the cluster of a stack file cannot have its engine in the namespace of the monitoring", () => {
  const closed = { ...OPEN, front: { scheme: "internal" } };
  const config = { "fitserve:namespace": "monitoring", "fitserve:aws": closed };
  expect(faultsOf(config)).toEqual([expect.stringMatching(/^fitserve:namespace is monitoring/)]);
  expect(faultsOf({ ...config, "fitserve:aws": { ...closed, monitoring: false } })).toEqual([]);
});
