import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseAwsSettings } from "../../config/aws-settings";
import { generatedAwsSchema } from "../../scripts/generate-schema";

const LEAST = { accountId: "123456789012", region: "us-east-1", endpoint: { access: "private" } };

function faultsOf(input: unknown): string[] {
  const parsed = parseAwsSettings(input);
  return parsed.ok ? [] : parsed.faults.map(({ message }) => message);
}

describe("fitserve:aws", () => {
  test("needs an account, a region and who reaches the API; the rest has defaults", () => {
    expect(parseAwsSettings(LEAST)).toMatchObject({
      ok: true,
      settings: {
        kubernetes: "1.35",
        network: { kind: "own", cidr: "10.42.0.0/16" },
        system: { instanceType: "m6i.large", nodes: 2 },
        front: { scheme: "internal", sourceRanges: [] },
        gpu: { disk: "auto" },
        modelCache: true,
      },
    });
    expect(faultsOf(undefined).map((fault) => fault.split(":")[0])).toEqual(["accountId", "region", "endpoint"]);
  });

  test.each<[string, object, RegExp]>([
    ["a number as account", { accountId: 123456789012 }, /^accountId: got 123456789012; wanted the twelve digits/],
    [
      "a version without quotes",
      { kubernetes: 1.35 },
      /^kubernetes: got 1\.35; wanted a version such as "1\.35", in quotes/,
    ],
    ["the name of a zone", { gpu: { zone: "us-east-1a" } }, /^gpu\.zone: got "us-east-1a"; wanted the id of a zone/],
    [
      "a misspelt key",
      { endpoint: { access: "private", sourceRange: [] } },
      /^endpoint\.sourceRange: .*did you mean sourceRanges\?/,
    ],
    ["an unknown section", { netwrk: {} }, /^netwrk: .*did you mean network\?/],
    ["a tag of AWS's own", { tags: { "aws:team": "a" } }, /^tags\.aws:team: .*no name that begins with aws:/],
    ["a tag with signs that AWS does not take", { tags: { team: "a&b" } }, /^tags\.team: got "a&b"; wanted .*blanks/],
    [
      "the same subnet twice",
      { network: { vpcId: "vpc-01234567", privateSubnetIds: ["subnet-01234567", "subnet-01234567"] } },
      /^network\.privateSubnetIds: .*at least two subnets/,
    ],
    ["one system node", { system: { nodes: 1 } }, /^system\.nodes: got 1; wanted a whole number from 2 on/],
    [
      "a wrong item of a list",
      { network: { zones: ["use1-az1", 7] } },
      /^network\.zones\[1\]: got 7; wanted the id of a zone/,
    ],
    [
      "subnets without a VPC",
      { network: { privateSubnetIds: ["subnet-01234567"] } },
      /^network\.privateSubnetIds: .*network\.vpcId beside it/,
    ],
    [
      "a VPC with a range",
      { network: { vpcId: "vpc-01234567", cidr: "10.0.0.0/16" } },
      /^network\.cidr: .*nothing beside network\.vpcId/,
    ],
    [
      "a VPC with one subnet",
      { network: { vpcId: "vpc-01234567", privateSubnetIds: ["subnet-01234567"] } },
      /^network\.privateSubnetIds: .*two zones/,
    ],
    [
      "a boundary by its name alone",
      { permissionsBoundaryArn: "most" },
      /^permissionsBoundaryArn: got "most"; wanted the ARN of a policy/,
    ],
    ["a word for an object", { gpu: "H100" }, /^gpu: got "H100"; wanted an object: zone/],
  ])("%s is refused by its path", (_, change, wanted) => {
    expect(faultsOf({ ...LEAST, ...change }).filter((fault) => wanted.test(fault))).toHaveLength(1);
  });

  test("a value that is wrong in two ways is one fault", () => {
    expect(faultsOf({ ...LEAST, gpu: { maxNodes: 1e308 } })).toHaveLength(1);
  });

  test("what is no object is told what it should be", () => {
    expect(faultsOf(5)).toEqual([expect.stringMatching(/^request: got 5; wanted an object: accountId, region, /)]);
  });

  test("every fault is listed at once", () => {
    expect(faultsOf({ ...LEAST, accountId: "1", kubernetes: "1", front: { scheme: "open" } })).toHaveLength(3);
  });
});

test("the schema for editors is that of the code", async () => {
  const { path, text } = await generatedAwsSchema();
  expect(readFileSync(path, "utf8")).toBe(text);
});
