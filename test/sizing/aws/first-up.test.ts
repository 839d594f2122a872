import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startUpOnAws } from "../../../components/aws/start-up";
import { clusterOutput } from "../../../components/stack-outputs";
import { predictFirstUp, type FirstUpInputs } from "../../../sizing/aws/first-up";
import { predictStartUp } from "../../../sizing/aws/start-up";
import { awsCluster, awsPlan } from "../../support/aws-settings";

const inputs: fc.Arbitrary<FirstUpInputs> = fc
  .record({
    weightsGB: fc.integer({ min: 1, max: 1500 }),
    networkGbps: fc.integer({ min: 5, max: 3200 }),
    ownNetwork: fc.boolean(),
    fillsBucket: fc.boolean(),
    monitoring: fc.boolean(),
    nodesForPods: fc.boolean(),
  })
  .map(({ networkGbps, ...given }) => ({
    ...given,
    startUp: predictStartUp({ weightsGB: given.weightsGB, networkGbps, streamed: given.fillsBucket }),
  }));

describe("the first pulumi up", () => {
  test("takes as long as its parts, each of which says what it rests on, and longer than an engine's start", () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const { parts, seconds } = predictFirstUp(given);
        expect(parts.reduce((sum, part) => sum + part.seconds, 0)).toBe(seconds);
        expect(parts.filter((part) => part.source === "" || part.seconds <= 0)).toEqual([]);
        expect(seconds).toBeGreaterThan(given.startUp.coldSeconds);
      }),
    );
  });

  test("of the example is a matter of 25 to 30 minutes, most of it the control plane", () => {
    const { firstUp } = startUpOnAws(awsPlan(), awsCluster());
    expect(firstUp.parts.map(({ name }) => name)).toEqual([
      "network",
      "controlPlane",
      "nodesAndCharts",
      "fillBucket",
      "engine",
    ]);
    expect(firstUp.seconds / 60).toBeGreaterThan(25);
    expect(firstUp.seconds / 60).toBeLessThan(30);
    expect(Math.max(...firstUp.parts.map(({ seconds }) => seconds))).toBe(600);
  });

  test("makes no network where one is given, and fills no bucket where there is none", () => {
    const front = { scheme: "internal", sourceRanges: ["10.0.0.0/8"] } as const;
    const subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
    const network = {
      kind: "given",
      vpcId: "vpc-0123456789abcdef0",
      privateSubnetIds: subnets,
      publicSubnetIds: [],
    } as const;
    const { firstUp } = startUpOnAws(awsPlan(), awsCluster({ network, front, modelCache: false }));
    expect(firstUp.parts.map(({ name }) => name)).toEqual(["controlPlane", "nodesAndCharts", "engine"]);
  });

  test("waits for GPU nodes where pods order them, and nowhere else", () => {
    const startUp = predictStartUp({ weightsGB: 20, networkGbps: 100, streamed: true });
    const given = { startUp, weightsGB: 20, ownNetwork: true, fillsBucket: true, monitoring: true };
    const [group, pods] = [false, true].map((nodesForPods) => predictFirstUp({ ...given, nodesForPods }).seconds);
    const node = startUp.parts.find(({ name }) => name === "node")?.seconds ?? 0;
    expect((pods ?? 0) - (group ?? 0)).toBe(node);
  });

  test("is an output of the stack, part by part with basis and source", () => {
    const { startUp, firstUp } = startUpOnAws(awsPlan(), awsCluster());
    const { firstUpSeconds, firstUpBasis } = clusterOutput(awsCluster(), startUp, firstUp);
    expect(firstUpSeconds).toMatchObject({ controlPlane: 600, total: firstUp.seconds });
    expect(firstUpBasis).toMatchObject({ controlPlane: "published: public logs of applies: 8.4 to 11.4 minutes" });
  });
});
