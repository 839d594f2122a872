import { describe, expect, test } from "vitest";
import { costOnCluster } from "../../../sizing/aws/cluster-cost";
import type { AwsSettings } from "../../../sizing/aws/settings";
import type { CostPlan } from "../../../sizing/serving-plan";
import { awsCluster } from "../../support/aws-settings";
import { CATALOG, feasiblePlanOf } from "../../support/requests";

const MODEL = { model: "qwen3-32b", quantization: "int4-w4a16", tensorParallel: 2, target: "aws" };

function costIn(region: string, settings: Partial<AwsSettings> = {}): CostPlan {
  const plan = feasiblePlanOf({ ...MODEL, market: { clouds: ["aws"], regions: [region] } });
  return costOnCluster(plan, awsCluster({ region, ...settings }, { plan }), CATALOG);
}

function lineOf({ lines }: CostPlan, name: RegExp): { quantity: number; usdPerHourEach: number; source: string } {
  const found = lines.find((line) => name.test(line.name));
  if (found === undefined) throw new Error(`no line is called ${String(name)}`);
  return found;
}

function natGBOf(cost: CostPlan): number {
  return lineOf(cost, /through NAT/).quantity;
}

describe("the cost on a planned cluster", () => {
  test("of the usual settings is that of the plan", () => {
    const plan = feasiblePlanOf({ ...MODEL, market: { clouds: ["aws"], regions: ["us-east-1"] } });
    const cost = costOnCluster(plan, awsCluster({}, { plan }), CATALOG);
    expect(cost.lines).toEqual(plan.cost.lines);
    expect(cost.usdPerMillionOutputTokens).toBeCloseTo(plan.cost.usdPerMillionOutputTokens, 9);
  });

  test("says that a capacity block has a price of its own, and that a reservation is paid for while it idles", () => {
    const plan = feasiblePlanOf({ ...MODEL, market: { clouds: ["aws"], regions: ["us-east-1"] } });
    const cluster = awsCluster({}, { plan });
    const reserved = (capacity: "CAPACITY_BLOCK" | "ON_DEMAND"): readonly string[] => {
      const gpuPool = { ...cluster.gpuPool, reservationId: "cr-0123456789abcdef0", capacity };
      return costOnCluster(plan, { ...cluster, gpuPool }, CATALOG).notIncluded;
    };
    expect(reserved("CAPACITY_BLOCK")[0]).toMatch(/^the price of the capacity block, which is paid in advance/);
    expect(reserved("ON_DEMAND")[0]).toBe("hours of the reservation in which no node uses it");
    expect(costIn("us-east-1").notIncluded.join()).not.toMatch(/block|reservation/);
  });

  test("has a NAT gateway with an address in each zone for production", () => {
    const cost = costIn("us-east-1", { production: true });
    expect(lineOf(cost, /^NAT gateway/).quantity).toBe(3);
    expect(lineOf(cost, /address of NAT/).quantity).toBe(3);
    const more = cost.expected.usdPerMonth - costIn("us-east-1").expected.usdPerMonth;
    expect(more).toBeCloseTo(2 * (0.045 + 0.005) * 730, 6);
  });

  test("has the prices of its region, with the usage types under which AWS lists them", () => {
    const cost = costIn("eu-west-2");
    expect(lineOf(cost, /^NAT gateway/)).toMatchObject({ usdPerHourEach: 0.05 });
    expect(lineOf(cost, /^NAT gateway/).source).toContain("EUW2-NatGateway-Hours");
    expect(lineOf(cost, /system nodes/)).toMatchObject({ quantity: 2, usdPerHourEach: 0.111 });
    expect(lineOf(cost, /gp3 volumes/).usdPerHourEach).toBeCloseTo(9.28 / 730, 12);
    expect(lineOf(cost, /control-plane logs/).usdPerHourEach).toBeCloseTo(5.985 / 730, 12);
    expect(lineOf(cost, /^weights in S3/).source).toMatch(/^price of us-east-1, none of eu-west-2 was found: /);
  });

  test("counts the answers' way to the internet and an address in each zone for a public load balancer", () => {
    const front = { scheme: "internet-facing", sourceRanges: ["198.51.100.0/24"], host: "llm.example.com" } as const;
    const cost = costIn("us-east-1", { front: { ...front, hostedZoneId: "Z0123456789ABCDEFGHIJ" } });
    expect(lineOf(cost, /address of the load balancer/).quantity).toBe(3);
    expect(lineOf(cost, /to the internet/).usdPerHourEach).toBe(0.09);
    expect(costIn("us-east-1").lines.some(({ name }) => name.includes("to the internet"))).toBe(false);
  });

  test("counts the speed of a volume that does more than every gp3", () => {
    const cost = costIn("us-east-1", { gpu: { disk: "gp3" } });
    expect(lineOf(cost, /^gp3 speed/).usdPerHourEach).toBeCloseTo((1000 * 0.005 + 875 * 0.04) / 730, 12);
  });

  test("has no NAT of a network that is given, and says that it is left out", () => {
    const subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
    const network = { kind: "given", vpcId: "vpc-0123456789abcdef0", privateSubnetIds: subnets, publicSubnetIds: [] };
    const front = { scheme: "internal", sourceRanges: ["10.0.0.0/8"] } as const;
    const cost = costIn("us-east-1", { front, network: { ...network, kind: "given" } });
    expect(cost.lines.some(({ name }) => /NAT/.test(name))).toBe(false);
    expect(cost.notIncluded).toContain("NAT and endpoints of the network that is given");
  });

  test("without a bucket pays for every download of every replica", () => {
    const [cached, bare] = [costIn("us-east-1"), costIn("us-east-1", { modelCache: false })];
    expect(bare.lines.some(({ name }) => name.startsWith("weights in S3"))).toBe(false);
    expect(natGBOf(bare)).toBeGreaterThanOrEqual(natGBOf(cached));
    expect(bare.worst.usdPerHour).toBeGreaterThan(cached.worst.usdPerHour);
  });

  test("takes an m6i of its size for system nodes of another family, and says so", () => {
    const larger = lineOf(costIn("us-east-1", { system: { instanceType: "m6i.xlarge", nodes: 2 } }), /system nodes/);
    expect(larger).toMatchObject({ usdPerHourEach: 0.192 });
    const other = lineOf(costIn("us-east-1", { system: { instanceType: "m7g.xlarge", nodes: 2 } }), /system nodes/);
    expect(other.source).toMatch(/^assumed: as much as an m6i of its size/);
  });
});
