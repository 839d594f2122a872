import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { AWS_ANSWERS } from "../support/aws-answers";
import { registeredBy, settled } from "../support/pulumi-mocks";

interface Example {
  readonly config: { readonly "models-on-aws:aws": object };
}

const EXAMPLE: Example = parse(readFileSync("examples/two-models-on-aws/Pulumi.aws.yaml", "utf8"));

/** Runs the example as Pulumi does: configuration first, then the module. */
function runExample(aws: object = {}) {
  // Under mocks the project is called so.
  const settings = { ...EXAMPLE.config["models-on-aws:aws"], ...aws };
  pulumi.runtime.setAllConfig(
    {
      "fitserve:aws": JSON.stringify(settings),
      "fitserve:clientKeys": JSON.stringify({ ada: "0123456789abcdef" }),
    },
    ["fitserve:clientKeys"],
  );
  return registeredBy(() => import("../../examples/two-models-on-aws"), AWS_ANSWERS);
}

beforeEach(() => {
  vi.resetModules();
});

afterEach(() => pulumi.runtime.setAllConfig({}));

// Two hundred registrations, and the SDK of AWS, take their time on a busy machine.
describe("two models on one EKS cluster", { timeout: 60_000 }, () => {
  test("are two stacks on one cluster, each with its endpoint", async () => {
    const { resources, built } = await runExample();
    const named = (type: string) => resources.filter((one) => one.type === type).map(({ name }) => name);
    expect(named("aws:eks/cluster:Cluster")).toEqual(["cluster-cluster"]);
    expect(named("fitserve:serving:ServingStack")).toEqual(["llm-large-serving", "llm-small-serving"]);
    const endpoints = await Promise.all(Object.values(built.endpoints).map(settled));
    expect(endpoints.map(({ value }) => value)).toMatchObject([
      { model: "qwen3-32b", gateway: "llm-large/qwen3-32b", url: "http://nlb.example.amazonaws.com/v1" },
      { model: "qwen3-14b", gateway: "llm-small/qwen3-14b", url: "http://nlb.example.amazonaws.com/v1" },
    ]);
  });

  test("cost the cluster once, with a NAT gateway in each zone where it serves people", async () => {
    const { usdPerMonth } = (await runExample()).built;
    vi.resetModules();
    const inProduction = (await runExample({ production: true })).built.usdPerMonth;
    const natAndAddress = (0.045 + 0.005) * 730;
    expect(inProduction.cluster - usdPerMonth.cluster).toBeCloseTo(2 * natAndAddress, -1);
    expect(usdPerMonth.togetherAtLeast).toBeLessThan(usdPerMonth.together);
    expect(usdPerMonth.together).toBeLessThan(usdPerMonth.togetherAtWorst);
  });

  test.each<[string, object, RegExp]>([
    ["settings that are not valid", { region: 7 }, /The configuration of this stack is not valid:\n {2}aws\.region/],
    ["a region where nobody sells a card", { region: "us-moon-1" }, /llm-large: [^]*llm-small: /],
    ["Kubernetes out of support", { kubernetes: "1.32" }, /No cluster can be made for these models:\n {2}fitserve:aws/],
  ])("%s are told before anything is made", async (_, aws, message) => {
    await expect(runExample(aws)).rejects.toThrow(message);
    await pulumi.runtime.disconnect();
  });
});
