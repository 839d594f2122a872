import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { valueAt } from "../../tools/kubernetes-provider/kube-object";
import { answeringProgram } from "../support/answering-program";
import { CommandLine, type Run } from "../support/command-line";

const command = new CommandLine();
const ROOT = join(__dirname, "../..");

beforeAll(async () => {
  await command.build();
  cpSync(join(ROOT, "Pulumi.yaml"), join(command.folder, "Pulumi.yaml"));
});
afterAll(() => command.remove());

const [A, B] = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"] as const;
const VPC = "vpc-0123456789abcdef0";
const OFFERS = [{ Location: "use1-az1" }, { Location: "use1-az2" }];

/** What an account answers about a network in which nothing stands against a cluster. */
const NETWORK = {
  "ec2 describe-subnets": { Subnets: [subnet(A, "use1-az1"), subnet(B, "use1-az2")] },
  "ec2 describe-vpcs": { Vpcs: [{ CidrBlockAssociationSet: [{ CidrBlock: "10.0.0.0/16" }] }] },
  "ec2 describe-vpc-attribute": { EnableDnsSupport: { Value: true }, EnableDnsHostnames: { Value: true } },
  "ec2 describe-route-tables": { RouteTables: [mainTable({ NatGatewayId: "nat-1" })] },
  "ec2 describe-vpc-endpoints": {
    VpcEndpoints: [
      { VpcEndpointType: "Gateway", ServiceName: "com.amazonaws.us-east-1.s3", RouteTableIds: ["rtb-main"] },
    ],
  },
};

function subnet(SubnetId: string, AvailabilityZoneId: string, more: object = {}): object {
  return { SubnetId, AvailabilityZoneId, VpcId: VPC, AvailableIpAddressCount: 250, ...more };
}

function mainTable(route: object): object {
  const Routes = [
    { DestinationCidrBlock: "10.0.0.0/16", GatewayId: "local" },
    { DestinationCidrBlock: "0.0.0.0/0", State: "active", ...route },
  ];
  return { RouteTableId: "rtb-main", Associations: [{ Main: true }], Routes };
}

/** The example's stack with these settings in place of its own, asked of an account with these answers. */
function preflight(settings: object, answers: object): Run {
  const example: unknown = parse(readFileSync(join(ROOT, "Pulumi.aws.yaml"), "utf8"));
  const config: object = Object(valueAt(example, "config"));
  const aws = { ...Object(valueAt(config, "fitserve:aws")), ...settings };
  writeFileSync(join(command.folder, "given.yaml"), stringify({ config: { ...config, "fitserve:aws": aws } }));
  const price = { priceDimensions: { x: { pricePerUnit: { USD: "0.5" } } } };
  const bin = answeringProgram(command.folder, "aws", {
    "sts get-caller-identity": { Account: "123456789012", Arn: "arn:aws:sts::123456789012:assumed-role/ci/run" },
    "ec2 describe-instance-type-offerings": { InstanceTypeOfferings: OFFERS },
    "service-quotas get-service-quota": { Quota: { Value: 192 } },
    "pricing get-products": { PriceList: [JSON.stringify({ terms: { OnDemand: { x: price } } })] },
    ...answers,
  });
  return command.run(["preflight", "--request", "given.yaml"], "", { PATH: bin });
}

function inNetwork(answers: object): Run {
  const network = { vpcId: VPC, privateSubnetIds: [A, B] };
  const front = { scheme: "internal", sourceRanges: ["10.0.0.0/8"] };
  return preflight({ network, front }, { ...NETWORK, ...answers });
}

describe("fitserve preflight in a network that is given", () => {
  test("says of one with two zones, NAT and an endpoint for S3 that nothing stands against it", () => {
    const { code, out, err } = inNetwork({});
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/ok +offers of the zones: .* in use1-az1, use1-az2\n/);
    expect(out).toMatch(/ok +subnets: 2 of vpc-0123456789abcdef0, in use1-az1, use1-az2/);
    expect(out).toMatch(/ok +network: vpc-0123456789abcdef0 with 10\.0\.0\.0\/16/);
    expect(out).toMatch(/ok +routes: /);
    expect(out).toMatch(/ok +gateway endpoint for S3: weights do not pass NAT/);
  });

  test.each<[string, object, RegExp]>([
    [
      "a subnet that is not there",
      { "ec2 describe-subnets": { Subnets: [subnet(A, "use1-az1")] } },
      /subnets: subnet-0123456789abcdef1 does not exist in us-east-1/,
    ],
    [
      "a subnet of another network",
      { "ec2 describe-subnets": { Subnets: [subnet(A, "use1-az1"), subnet(B, "use1-az2", { VpcId: "vpc-9" })] } },
      /subnets: subnet-0123456789abcdef1 is in vpc-9/,
    ],
    [
      "subnets of a single zone",
      { "ec2 describe-subnets": { Subnets: [subnet(A, "use1-az1"), subnet(B, "use1-az1")] } },
      /subnets: privateSubnetIds are all in use1-az1; EKS wants two zones/,
    ],
    [
      "a zone that takes no control plane",
      { "ec2 describe-subnets": { Subnets: [subnet(A, "use1-az1"), subnet(B, "use1-az3")] } },
      /subnets: subnet-0123456789abcdef1 is in use1-az3, where EKS puts no control plane; name it in gpuSubnetIds/,
    ],
    [
      "too few free addresses",
      {
        "ec2 describe-subnets": {
          Subnets: [
            subnet(A, "use1-az1", { AvailableIpAddressCount: 5 }),
            subnet(B, "use1-az2", { AvailableIpAddressCount: 20 }),
          ],
        },
      },
      /subnets: subnet-0123456789abcdef0 has 5 free addresses, EKS advises 16; 25 addresses are free for 3 nodes/,
    ],
    [
      "no subnet where the machine is sold",
      { "ec2 describe-subnets": { Subnets: [subnet(A, "use1-az2"), subnet(B, "use1-az4")] } },
      /offers of the zones: .*offered in use1-az1, use1-az2, EKS takes no group that may stand in use1-az4 as well; set fitserve:aws\.network\.gpuSubnetIds/,
    ],
    [
      "a range that is also the one of the Services",
      { "ec2 describe-vpcs": { Vpcs: [{ CidrBlockAssociationSet: [{ CidrBlock: "172.20.128.0/20" }] }] } },
      /network: .*172\.20\.128\.0\/20 overlaps 172\.20\.0\.0\/16, the range of the Services/,
    ],
    [
      "no DNS hostnames",
      { "ec2 describe-vpc-attribute": { EnableDnsSupport: { Value: true }, EnableDnsHostnames: { Value: false } } },
      /network: .*DNS hostnames are off; EKS needs them/,
    ],
    [
      "no way out",
      {
        "ec2 describe-route-tables": {
          RouteTables: [{ RouteTableId: "rtb-main", Associations: [{ Main: true }], Routes: [] }],
        },
      },
      /routes: subnet-0123456789abcdef0 has no route to 0\.0\.0\.0\/0: .*through NAT; subnet-0123456789abcdef1/,
    ],
    [
      "a way out that wants public addresses",
      { "ec2 describe-route-tables": { RouteTables: [mainTable({ GatewayId: "igw-1" })] } },
      /routes: subnet-0123456789abcdef0 leads to an internet gateway, but nodes have no public address/,
    ],
    [
      "a NAT gateway that is gone",
      { "ec2 describe-route-tables": { RouteTables: [mainTable({ NatGatewayId: "nat-1", State: "blackhole" })] } },
      /routes: subnet-0123456789abcdef0 has a route to 0\.0\.0\.0\/0 that leads nowhere/,
    ],
  ])("%s would fail, and exit 5", (_, answers, wanted) => {
    const { code, out } = inNetwork(answers);
    expect(out).toMatch(new RegExp(`FAILS +${wanted.source}`));
    expect(code).toBe(5);
  });

  test("without an endpoint for S3 it warns of what passes NAT, and fails nothing", () => {
    const { code, out } = inNetwork({ "ec2 describe-vpc-endpoints": { VpcEndpoints: [] } });
    expect(out).toMatch(
      /warns +gateway endpoint for S3: none for subnet-\w+, subnet-\w+: weights pass NAT, \$0\.88 for 20 GB at each start/,
    );
    expect(code).toBe(0);
  });

  test("a subnet's own table is stronger than the main one", () => {
    const own = { ...mainTable({ GatewayId: "igw-1" }), RouteTableId: "rtb-own", Associations: [{ SubnetId: B }] };
    const { out } = inNetwork({
      "ec2 describe-route-tables": { RouteTables: [mainTable({ NatGatewayId: "nat-1" }), own] },
    });
    expect(out).toMatch(/FAILS +routes: subnet-0123456789abcdef1 leads to an internet gateway/);
    expect(out).toMatch(/warns +gateway endpoint for S3: none for subnet-0123456789abcdef1:/);
  });

  test("what may not be looked at is unknown", () => {
    const { code, out } = inNetwork({ "ec2 describe-route-tables": undefined });
    expect(out).toMatch(/unknown +routes: An error occurred \(AccessDenied\)/);
    expect(code).toBe(0);
  });
});

describe("fitserve preflight of a reservation", () => {
  const gpu = { zone: "use1-az1", reservation: { id: "cr-0123456789abcdef0", kind: "on-demand" } };
  const MACHINE = { AvailabilityZoneId: "use1-az1", TotalInstanceCount: 1, AvailableInstanceCount: 1 };
  const TIMES = { StartDate: "2026-12-01T11:30:00+00:00", EndDate: "2026-12-08T11:30:00.000Z" };

  /** Of the machine that the example's plan takes, whichever that is. */
  function reservation(more: object): Run {
    const [, InstanceType = ""] = /1 x (\S+) in/.exec(preflight({}, {}).out) ?? [];
    const CapacityReservations = [{ State: "active", InstanceType, ...MACHINE, ...more }];
    return preflight({ gpu }, { "ec2 describe-capacity-reservations": { CapacityReservations } });
  }

  test("that has not begun is told with its times, and with what can be made until then", () => {
    const { code, out } = reservation({ State: "scheduled", AvailableInstanceCount: 0, ...TIMES });
    expect(out).toMatch(
      /FAILS +capacity reservation: cr-\w+ begins 2026-12-01 11:30 UTC and ends 2026-12-08 11:30 UTC: before that no node starts\. .*: pulumi up --exclude '\*\*gpu-nodes' --exclude-dependents\n/,
    );
    expect(code).toBe(5);
  });

  test("in another zone than the subnets of the GPU nodes fails", () => {
    const network = { vpcId: VPC, privateSubnetIds: [A, B], gpuSubnetIds: [B] };
    const front = { scheme: "internal", sourceRanges: ["10.0.0.0/8"] };
    const CapacityReservations = [{ State: "active", InstanceType: "p5.48xlarge", ...MACHINE }];
    const settings = { network, front, gpu: { reservation: gpu.reservation } };
    const { code, out } = preflight(settings, {
      ...NETWORK,
      "ec2 describe-instance-type-offerings": {
        InstanceTypeOfferings: [{ Location: "use1-az2" }],
      },
      "ec2 describe-capacity-reservations": { CapacityReservations },
    });
    expect(code).toBe(5);
    expect(out).toMatch(
      /FAILS +capacity reservation: cr-\w+ .*; is in use1-az1, network\.gpuSubnetIds are in use1-az2; name a subnet there alone\n/,
    );
  });

  test("that is there is told with its end", () => {
    const { code, out } = reservation(TIMES);
    expect(out).toMatch(/ok +capacity reservation: cr-\w+ has 1 free of \S+ in use1-az1 until 2026-12-08 11:30 UTC\n/);
    expect(code).toBe(0);
  });

  test("of the other kind would fail, with the setting", () => {
    const { out } = reservation({ ReservationType: "capacity-block" });
    expect(out).toMatch(/FAILS +capacity reservation: cr-\w+ is a capacity block; set gpu\.reservation\.kind to block/);
  });
});
