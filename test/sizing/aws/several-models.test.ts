import { describe, expect, test } from "vitest";
import { planSeveralModels, type ModelOnCluster, type SeveralModelsInputs } from "../../../sizing/aws/several-models";
import { awsCluster, awsInputs } from "../../support/aws-settings";

function model(name: string, more: Partial<ModelOnCluster> = {}): ModelOnCluster {
  const { plan, nodeStorageGiB, nodeCacheGiB, tlsAtGateway } = awsInputs();
  return { name, plan, nodeStorageGiB, nodeCacheGiB, tlsAtGateway, ...more };
}

function outcome(models: readonly ModelOnCluster[], settings: Partial<SeveralModelsInputs["settings"]> = {}) {
  const { project, stack, offers, machines, today, settings: all } = awsInputs(settings);
  return planSeveralModels({ project, stack, offers, machines, today, settings: all, models });
}

function planned(models: readonly ModelOnCluster[], settings: Partial<SeveralModelsInputs["settings"]> = {}) {
  const found = outcome(models, settings);
  if (!found.ok) throw new Error(found.faults.join("\n"));
  return found;
}

function faults(models: readonly ModelOnCluster[], settings: Partial<SeveralModelsInputs["settings"]> = {}) {
  const found = outcome(models, settings);
  return found.ok ? [] : found.faults;
}

describe("a cluster for several models", () => {
  test("is the one of a single model", () => {
    expect(awsCluster()).toMatchObject(planned([model("a"), model("b")]).cluster);
  });

  test("has one Karpenter where any of them wants it, which the other's managed group does not mind", () => {
    const { cluster, models } = planned([model("a"), model("b", { gpu: { provisioner: "karpenter" } })]);
    expect(cluster.karpenter).toBe(true);
    expect(models.map(({ gpuPool }) => gpuPool.provisioner)).toEqual(["managed-group", "karpenter"]);
  });

  test("gives each a bucket and a tag of its own", () => {
    expect(planned([model("a"), model("b")]).models).toMatchObject([
      { modelBucket: "fitserve-test-models-123456789012-us-east-1-a", tags: { "fitserve:model": "a" } },
      { modelBucket: "fitserve-test-models-123456789012-us-east-1-b", tags: { "fitserve:model": "b" } },
    ]);
  });

  test("lets each have its own limits, load balancer and place of the weights, beside what is common", () => {
    const own = model("b", { gpu: { minNodes: 0 }, front: { host: "b.example.com" }, modelCache: false });
    const [a, b] = planned([model("a"), own], { front: { scheme: "internal", sourceRanges: ["10.0.0.0/8"] } }).models;
    expect(a?.gpuPool.nodes.min).toBe(awsCluster().gpuPool.nodes.min);
    expect(b?.gpuPool.nodes.min).toBe(0);
    expect(b?.front).toEqual({ scheme: "internal", sourceRanges: ["10.0.0.0/8"], host: "b.example.com" });
    expect(a).toHaveProperty("modelBucket");
    expect(b).not.toHaveProperty("modelBucket");
  });

  test("has a subnet for the odd zone of each, which stays where it is when the other goes", () => {
    const [three, five] = ["use1-az3", "use1-az5"].map((zone) => model(zone, { gpu: { zone } }));
    if (three === undefined || five === undefined) throw new Error("no models");
    const both = planned([five, three]).cluster.network;
    const alone = planned([five]).cluster.network;
    expect(both).toMatchObject({
      gpuSubnets: [
        { role: "gpu-use1-az3", cidr: "10.42.128.0/19" },
        { role: "gpu-use1-az5", cidr: "10.42.160.0/19" },
      ],
    });
    expect(alone).toMatchObject({ gpuSubnets: [{ role: "gpu-use1-az5", cidr: "10.42.160.0/19" }] });
  });

  test.each<[string, readonly ModelOnCluster[], RegExp]>([
    ["no model", [], /no model is named/],
    ["two of one name", [model("a"), model("a")], /two models are called a/],
    ["a name that is no name", [model("a_b")], /"a_b" cannot be a model's name/],
    ["a name that a node group cannot carry", [model("a".repeat(41))], /40 characters at most/],
    [
      "one host for two",
      [model("a", { front: { host: "x.example.com" } }), model("b", { front: { host: "x.example.com" } })],
      /x\.example\.com is given to two models/,
    ],
  ])("is refused for %s", (_, models, wanted) => {
    expect(faults(models).join("\n")).toMatch(wanted);
  });

  test("tells a fault of the cluster once, and one of a model with its name", () => {
    expect(faults([model("a"), model("b")], { kubernetes: "1.32" })).toHaveLength(1);
    const pinned = faults([model("a"), model("b", { gpu: { zone: "use1-az9" } })]);
    expect(pinned).toEqual([expect.stringMatching(/^b: fitserve:aws\.gpu\.zone is use1-az9/)]);
  });

  test("counts the proxies of every model on the system nodes", () => {
    const many = Array.from({ length: 14 }, (_, index) => model(`m${index}`));
    expect(faults(many.slice(0, 2))).toEqual([]);
    expect(faults(many)).toEqual([expect.stringContaining("fitserve:aws.system: 2 x m6i.large")]);
  });
});
