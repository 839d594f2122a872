import { describe, expect, test } from "vitest";
import { awsPackage } from "../../tools/aws-provider/aws-package";
import { FORCE_NEW } from "../../tools/aws-provider/force-new";
import type { ResourceShape } from "../../tools/aws-provider/shape";
import shapes from "../../tools/aws-provider/shapes.generated.json";
import { USED_TYPES } from "../../tools/aws-provider/used-types";
import { UNKNOWN } from "../../tools/kubernetes-provider/properties";
import type { JsonObject } from "../../tools/kubernetes-provider/kube-object";

const SHAPES: Readonly<Record<string, ResourceShape>> = Object.fromEntries(
  Object.entries(shapes).map(([type, shape]) => [type, Object(shape)]),
);
const SEED = new Uint8Array([1, 2, 3]);
const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const GROUP = {
  clusterName: "llm",
  nodeRoleArn: "arn:aws:iam::123456789012:role/node",
  scalingConfig: { minSize: 1, desiredSize: 1, maxSize: 1 },
  subnetIds: ["subnet-1"],
};

function check(type: string, news: JsonObject, olds: JsonObject = {}) {
  return awsPackage(SHAPES).check({ type, name: "gpu-nodes" }, news, olds, SEED);
}

function faults(type: string, news: JsonObject): string[] {
  return check(type, news).faults.map(({ path, reason }) => `${path} ${reason}`);
}

describe("inputs that the SDK's typings do not allow", () => {
  test("a group that is right has no fault", () => {
    expect(faults(NODE_GROUP, GROUP)).toEqual([]);
  });

  test.each<[string, JsonObject, RegExp]>([
    ["a property that is missing", { ...GROUP, subnetIds: undefined }, /^subnetIds is required$/],
    [
      "a property of a property that is missing",
      { ...GROUP, scalingConfig: { minSize: 1, maxSize: 1 } },
      /^scalingConfig\.desiredSize is required$/,
    ],
    [
      "a property that there is not",
      { ...GROUP, instanceType: "p5.48xlarge" },
      /^instanceType is no property; known are .*instanceTypes/,
    ],
    [
      "a number as text",
      { ...GROUP, scalingConfig: { minSize: "1", desiredSize: 1, maxSize: 1 } },
      /^scalingConfig\.minSize is 1, wanted a number$/,
    ],
    ["one thing for a list", { ...GROUP, subnetIds: "subnet-1" }, /^subnetIds is subnet-1, wanted a list$/],
    [
      "a list with a wrong item",
      { ...GROUP, taints: [{ key: "a", effect: 3 }] },
      /^taints\[0\]\.effect is 3, wanted a string$/,
    ],
    [
      "a disk beside a template",
      { ...GROUP, diskSize: 100, launchTemplate: { id: "lt-1", version: "1" } },
      /^diskSize must be specified within the launch template$/,
    ],
    [
      "the newest version of a template",
      { ...GROUP, launchTemplate: { id: "lt-1", version: "$Latest" } },
      /permanent diff/,
    ],
    [
      "fewer nodes than the minimum",
      { ...GROUP, scalingConfig: { minSize: 2, desiredSize: 1, maxSize: 2 } },
      /minimum capacity 2 can't be greater than desired size 1/,
    ],
    [
      "more nodes than the maximum",
      { ...GROUP, scalingConfig: { minSize: 0, desiredSize: 3, maxSize: 2 } },
      /desired capacity 3 can't be greater than max size 2/,
    ],
    [
      "a group that can have no node",
      { ...GROUP, scalingConfig: { minSize: 0, desiredSize: 0, maxSize: 0 } },
      /maxSize has to be at least 1/,
    ],
    [
      "a block with its type in the group",
      {
        ...GROUP,
        capacityType: "CAPACITY_BLOCK",
        instanceTypes: ["p5.48xlarge"],
        launchTemplate: { id: "lt-1", version: "1" },
      },
      /capacity block/,
    ],
  ])("%s is refused at its path", (_, inputs, wanted) => {
    expect(faults(NODE_GROUP, inputs).filter((fault) => wanted.test(fault))).toHaveLength(1);
  });

  test("what only an update will tell is taken for right", () => {
    expect(faults(NODE_GROUP, { ...GROUP, clusterName: UNKNOWN, scalingConfig: UNKNOWN })).toEqual([]);
  });

  test("a policy may be text or an object", () => {
    expect(faults("aws:iam/role:Role", { assumeRolePolicy: "{}" })).toEqual([]);
    expect(faults("aws:iam/role:Role", { assumeRolePolicy: 7 })).toHaveLength(1);
  });

  test("a volume that is not encrypted is refused", () => {
    const plain = { blockDeviceMappings: [{ ebs: { volumeSize: 10 } }] };
    expect(faults("aws:ec2/launchTemplate:LaunchTemplate", plain)).toEqual([
      "blockDeviceMappings has a volume that is not encrypted",
    ]);
  });

  test("a prefix of more than six characters is refused for a load balancer's name", () => {
    expect(faults("aws:lb/loadBalancer:LoadBalancer", { namePrefix: "llm-large" })).toEqual([
      "namePrefix cannot be longer than 6 characters",
    ]);
    expect(faults("aws:lb/loadBalancer:LoadBalancer", { namePrefix: "llm-la" })).toEqual([]);
  });

  test("a type that nobody has listed is refused, with where to list it", () => {
    expect(() => check("aws:rds/instance:Instance", {})).toThrow(/used-types\.ts/);
  });
});

describe("what the recording says as AWS would", () => {
  test("an automatic name is kept from run to run", () => {
    const first = check(NODE_GROUP, GROUP).inputs["nodeGroupName"];
    expect(first).toMatch(/^gpu-nodes-[0-9a-f]{7}$/);
    expect(check(NODE_GROUP, GROUP, { nodeGroupName: "gpu-nodes-old" }).inputs["nodeGroupName"]).toBe("gpu-nodes-old");
  });

  test("an automatic name that is too long is an error, and there is none beside a prefix", () => {
    const balancer = { type: "aws:lb/loadBalancer:LoadBalancer", name: "llm-large-front-load-balancer" };
    const recorded = awsPackage(SHAPES);
    expect(() => recorded.check(balancer, {}, {}, SEED)).toThrow(/longer than 32/);
    const prefixed = { namePrefix: "llm-la" };
    expect(recorded.check(balancer, prefixed, {}, SEED).inputs).toEqual(prefixed);
  });

  test("a template has a new version with each update", () => {
    const template = { type: "aws:ec2/launchTemplate:LaunchTemplate", name: "t" };
    const recorded = awsPackage(SHAPES);
    const made = recorded.outputs(template, "lt-1", {}, {});
    expect(made["latestVersion"]).toBe(1);
    expect(recorded.outputs(template, "lt-1", {}, made)["latestVersion"]).toBe(2);
  });

  test("credentials of an account that is not allowed are refused", () => {
    const recorded = awsPackage(SHAPES);
    expect(recorded.configurationFault({ "aws:config:allowedAccountIds": '["123456789012"]' })).toBeUndefined();
    expect(recorded.configurationFault({ "aws:config:allowedAccountIds": '["210987654321"]' })).toMatch(/not allowed/);
  });
});

describe("the table of what replaces", () => {
  test("names properties that the SDK has, of types that are used", () => {
    for (const [type, entries] of Object.entries(FORCE_NEW)) {
      expect(Object.keys(USED_TYPES)).toContain(type);
      const known = Object.keys(SHAPES[type]?.inputs ?? {});
      const named = entries.flatMap(({ properties }) => properties.map((property) => property.split(".")[0] ?? ""));
      expect(named.filter((property) => !known.includes(property))).toEqual([]);
    }
  });

  test("says for each entry where it is written, or that nobody has read it", () => {
    const sources = Object.values(FORCE_NEW).flatMap((entries) => entries.map(({ source }) => source));
    expect(sources.filter((source) => source !== "unverified" && !/\.go@[0-9a-f]{8}$/.test(source))).toEqual([]);
  });
});
