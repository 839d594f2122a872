import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatCidr, overlaps, parseCidr, part } from "../../../sizing/aws/cidr";
import { AWS_MACHINES } from "../../../config/data/aws-machines";
import { awsName, LONGEST_NAME } from "../../../sizing/aws/names";
import { planAwsCluster } from "../../../sizing/aws/cluster-plan";
import type { Alternative } from "../../../sizing/serving-plan";
import { awsCluster, awsFaults, awsInputs, awsPlan } from "../../support/aws-settings";
import { CATALOG } from "../../support/requests";

const PUBLIC = { scheme: "internet-facing", sourceRanges: ["198.51.100.0/24"] } as const;

const FROM_TEN = { scheme: "internal", sourceRanges: ["10.0.0.0/8"] } as const;
const GIVEN = {
  kind: "given",
  vpcId: "vpc-01234567",
  privateSubnetIds: ["subnet-01234567", "subnet-01234568"],
  publicSubnetIds: [],
} as const;

describe("the network of a cluster", () => {
  test("has three private subnets in zones that take a control plane, none overlapping another", () => {
    const { network } = awsCluster();
    if (network.kind !== "own") throw new Error("the network is not its own");
    expect(network.privateSubnets.map(({ zone }) => zone)).toEqual(["use1-az1", "use1-az2", "use1-az4"]);
    const subnets = [...network.publicSubnets, ...network.privateSubnets].map(({ cidr }) => parseCidr(cidr));
    const pairs = subnets.flatMap((a, index) => subnets.slice(index + 1).map((b) => [a, b] as const));
    expect(pairs.filter(([a, b]) => a === undefined || b === undefined || overlaps(a, b))).toEqual([]);
  });

  test("gives GPU nodes a subnet of their own in a zone that takes no control plane", () => {
    const { network, gpuPool } = awsCluster({ gpu: { disk: "auto", zone: "use1-az3" } });
    expect(network).toMatchObject({ gpuSubnets: [{ zone: "use1-az3", cidr: "10.42.128.0/19" }] });
    expect(gpuPool.zone).toBe("use1-az3");
  });

  test("has one NAT gateway, and one in each zone for production", () => {
    expect(awsCluster().network).toMatchObject({ natZones: ["use1-az1"] });
    expect(awsCluster({ production: true }).network).toMatchObject({ natZones: ["use1-az1", "use1-az2", "use1-az4"] });
  });
});

/** As good as the tests' plan, on another machine. */
function alternative(instanceType: string): Alternative {
  const { hardware, quantization } = awsPlan();
  return {
    ...hardware,
    cloud: "aws",
    instanceType,
    quantization,
    kvCacheDtype: "auto",
    usdPerHour: 1,
    usdPerMonth: 730,
    ttftP95Ms: 900,
    tokensPerSecondPerUser: 30,
    requestsAtMeanLength: 60,
    reason: "as dear",
  };
}

describe("the group of GPU nodes", () => {
  test("keeps images and caches on the machine's NVMe disks where they suffice", () => {
    expect(awsCluster().gpuPool).toMatchObject({
      instanceTypes: ["g6e.12xlarge"],
      capacity: "ON_DEMAND",
      instanceStore: true,
      volume: { sizeGiB: 100 },
      nodes: { min: 1, desired: 1, max: 1 },
    });
  });

  test("has a gp3 volume of the size that the weights ask for, fast enough for the image, where they do not", () => {
    const { gpuPool } = awsCluster({}, { nodeStorageGiB: 8192 });
    expect(gpuPool).toMatchObject({
      instanceStore: false,
      volume: { sizeGiB: 8192, iops: 4000, throughputMiBps: 1000 },
    });
  });

  test("lets only a machine of the same cards and size stand in, and a larger one for spot", () => {
    const listed = CATALOG.offers.find(
      (one) => one.instanceType === "g6e.12xlarge" && one.region === "us-east-1" && one.purchase === "on-demand",
    );
    if (listed === undefined) throw new Error("the list has no g6e.12xlarge");
    const disks = { architecture: "amd64", localNvmeGB: 3800, networkGbps: 100 } as const;
    const as = (instanceType: string, vcpus: number) => ({ ...listed, instanceType, vcpus });
    const twins = [as("g6x.twin", listed.vcpus), as("g6x.larger", listed.vcpus * 2), as("g6x.unplanned", listed.vcpus)];
    const known = ["g6x.twin", "g6x.larger"].map(alternative);
    const group = (purchase: "on-demand" | "spot"): readonly string[] =>
      awsCluster(
        {},
        {
          plan: {
            ...awsPlan({ purchase, vcpusPerNode: listed.vcpus, memoryGiBPerNode: listed.memoryGiB }),
            alternatives: known,
          },
          offers: [...CATALOG.offers, ...twins.map((twin) => ({ ...twin, purchase }))],
          machines: [...AWS_MACHINES, ...twins.map(({ instanceType }) => ({ ...disks, instanceType }))],
        },
      ).gpuPool.instanceTypes;
    expect(group("on-demand")).toEqual(["g6e.12xlarge", "g6x.twin"]);
    expect(group("spot")).toEqual(["g6e.12xlarge", "g6x.larger", "g6x.twin"]);
  });

  test("names only the machine of the reservation when there is one", () => {
    const gpu = { disk: "auto", zone: "use1-az4", reservation: { id: "cr-0123456789abcdef0", kind: "block" } } as const;
    const plan = awsPlan({ instanceType: "p5.48xlarge" });
    expect(awsCluster({ gpu }, { plan }).gpuPool).toMatchObject({
      instanceTypes: ["p5.48xlarge"],
      capacity: "CAPACITY_BLOCK",
      reservationId: "cr-0123456789abcdef0",
    });
  });
});

describe("what stands against a cluster", () => {
  const own = { kind: "own", cidr: "10.42.0.0/16", reservedCidrs: [] } as const;
  test.each<[string, readonly string[], RegExp]>([
    [
      "a region without the machine",
      awsFaults({ region: "eu-west-1" }),
      /no g6e\.12xlarge is sold; it is sold in .*us-east-1/,
    ],
    [
      "a region of another plan",
      awsFaults({ region: "us-west-2" }),
      /plan is for us-east-1.*market\.regions to \[us-west-2\]/,
    ],
    ["a region that nobody knows", awsFaults({ region: "xx-nowhere-1" }), /no region that this release knows/],
    [
      "a zone of another region",
      awsFaults({ gpu: { disk: "auto", zone: "usw2-az1" } }),
      /gpu\.zone is usw2-az1.*use1-az6/,
    ],
    [
      "a zone without control planes",
      awsFaults({ network: { ...own, zones: ["use1-az3", "use1-az1"] } }),
      /no control plane into use1-az3/,
    ],
    ["a single zone", awsFaults({ network: { ...own, zones: ["use1-az1"] } }), /at least two zones/],
    [
      "a range that is too small",
      awsFaults({ network: { ...own, cidr: "10.42.0.0/24" } }),
      /too small.*\/20 or larger/,
    ],
    ["a range that is too large", awsFaults({ network: { ...own, cidr: "10.0.0.0/8" } }), /VPC is \/16 at most/],
    ["a public range", awsFaults({ network: { ...own, cidr: "11.0.0.0/16" } }), /no private range/],
    [
      "a range that is reserved",
      awsFaults({ network: { ...own, reservedCidrs: ["10.42.128.0/17"] } }),
      /overlaps 10\.42\.128\.0\/17/,
    ],
    ["the range of the Services", awsFaults({ network: { ...own, cidr: "172.20.0.0/16" } }), /range of the Services/],
    [
      "a reserved range with the Services in it",
      awsFaults({ network: { ...own, reservedCidrs: ["172.16.0.0/12"] } }),
      /reservedCidrs: 172\.16\.0\.0\/12 overlaps 172\.20\.0\.0\/16, the range of the Services/,
    ],
    [
      "a public API without ranges",
      awsFaults({ endpoint: { access: "public", sourceRanges: [] } }),
      /open to the internet/,
    ],
    [
      "a public API for everybody",
      awsFaults({ endpoint: { access: "public", sourceRanges: ["0.0.0.0/0"] } }),
      /is everybody/,
    ],
    [
      "a public API for the internet in parts",
      awsFaults({ endpoint: { access: "public", sourceRanges: ["128.0.0.0/1"] } }),
      /128\.0\.0\.0\/1 is everybody, or nearly/,
    ],
    [
      "a public API for private addresses",
      awsFaults({ endpoint: { access: "public", sourceRanges: ["10.0.0.0/8"] } }),
      /10\.0\.0\.0\/8 is private; give the public addresses/,
    ],
    [
      "more ranges than EKS takes",
      awsFaults({
        endpoint: { access: "public", sourceRanges: Array.from({ length: 41 }, (_, i) => `198.51.100.${i}/32`) },
      }),
      /41 ranges, EKS takes 40/,
    ],
    [
      "an internal front with a range that is none",
      awsFaults({ front: { scheme: "internal", sourceRanges: ["10.0.0.1/8"] } }),
      /front\.sourceRanges: 10\.0\.0\.1\/8 is no range/,
    ],
    [
      "a certificate of another region",
      awsFaults({
        front: { ...PUBLIC, certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/1" },
      }),
      /certificateArn is of eu-west-1; a load balancer in us-east-1/,
    ],
    [
      "a zone that is named twice",
      awsFaults({ network: { ...own, zones: ["use1-az1", "use1-az1", "use1-az2"] } }),
      /a zone is named twice/,
    ],
    ["an open load balancer", awsFaults({ front: { scheme: "internet-facing", sourceRanges: [] } }), /scanners find/],
    [
      "a front whose clients nobody named",
      awsFaults({ network: { kind: "given", vpcId: "vpc-1", privateSubnetIds: [], publicSubnetIds: [] } }),
      /front\.sourceRanges is missing: .*range of a given network/,
    ],
    ["keys in the clear", awsFaults({ front: PUBLIC }), /in the clear/],
    [
      "one spot node in production",
      awsFaults({ production: true }, { plan: awsPlan({ purchase: "spot" }) }),
      /two minutes' notice/,
    ],
    [
      "two replicas on the one spot node",
      awsFaults({ production: true }, { plan: awsPlan({ purchase: "spot", replicas: 2, nodes: 1 }) }),
      /2 replicas on one node: .* two minutes' notice\. Set fitserve:serving\.replicas to 3/,
    ],
    [
      "a private API of a given network, whose ranges nobody named",
      awsFaults({ network: GIVEN, front: FROM_TEN, endpoint: { access: "private", sourceRanges: [] } }),
      /endpoint\.sourceRanges is missing: .*range of a given network/,
    ],
    [
      "a private API for everybody",
      awsFaults({ endpoint: { access: "private", sourceRanges: ["0.0.0.0/0"] } }),
      /0\.0\.0\.0\/0 is everybody/,
    ],
    [
      "more clients than a security group has rules",
      awsFaults({
        front: { scheme: "internal", sourceRanges: Array.from({ length: 61 }, (_, index) => `10.${index}.0.0/16`) },
      }),
      /front\.sourceRanges has 61 ranges, a security group takes 60/,
    ],
    [
      "tags that differ by their case alone",
      awsFaults({ tags: { team: "serving", Team: "serving" } }),
      /tags has team and Team/,
    ],
    [
      "a reservation in any zone of a given network",
      awsFaults({
        network: GIVEN,
        front: FROM_TEN,
        gpu: { disk: "auto", reservation: { id: "cr-0123456789abcdef0", kind: "on-demand" } },
      }),
      /gpuSubnetIds is missing: a reservation holds capacity in one zone/,
    ],
    [
      "Kubernetes out of support",
      awsFaults({ kubernetes: "1.33" }),
      /ended on 2026-07-29; EKS supports 1\.36, 1\.35, 1\.34/,
    ],
    ["Kubernetes of next year", awsFaults({ kubernetes: "1.40" }), /no version that this release knows/],
    ["an image of another version", awsFaults({ amiRelease: "1.36.2-20260714" }), /no release for 1\.35/],
    ["a name that is too long", awsFaults({ clusterName: "x".repeat(101) }), /101 characters, EKS takes 100/],
    ["a name with blanks", awsFaults({ clusterName: "my cluster" }), /characters that EKS does not take/],
    [
      "a block of a G machine",
      awsFaults({
        gpu: { disk: "auto", zone: "use1-az1", reservation: { id: "cr-0123456789abcdef0", kind: "block" } },
      }),
      /no capacity blocks of g6e/,
    ],
    [
      "a reservation without its zone",
      awsFaults({ gpu: { disk: "auto", reservation: { id: "cr-0123456789abcdef0", kind: "on-demand" } } }),
      /zone is missing/,
    ],
    [
      "disks that are too small",
      awsFaults({ gpu: { disk: "instance-store" } }, { nodeStorageGiB: 8192 }),
      /needs 8192 GiB, but the disks .* hold \d+ GiB/,
    ],
    ["a machine without an image", awsFaults({}, { plan: awsPlan({ instanceType: "g7.12xlarge" }) }), /driver 595/],
  ])("%s is said, with what would work", (_, faults, wanted) => {
    expect(faults.filter((fault) => wanted.test(fault))).toHaveLength(1);
  });

  test("all of it is said at once", () => {
    const faults = awsFaults({
      endpoint: { access: "public", sourceRanges: [] },
      network: { ...own, cidr: "10.42.0.0/24" },
      kubernetes: "1.32",
    });
    expect(faults).toHaveLength(3);
  });
});

describe("any settings", () => {
  const zone = fc.constantFrom("use1-az1", "use1-az2", "use1-az3", "use1-az4", "use1-az6", "use1-az9");
  const few = fc.constantFrom(0, 1, 2);
  const some = fc.record(
    {
      clusterName: fc.constantFrom("a", "My_Cluster", "X".repeat(99), "x".repeat(101), "a b"),
      production: fc.boolean(),
      kubernetes: fc.constantFrom("1.36", "1.35", "1.34", "1.30"),
      network: fc.record({
        kind: fc.constant("own" as const),
        cidr: fc.constantFrom("10.42.0.0/16", "10.0.0.0/20", "172.16.0.0/13", "10.0.0.1/16", "192.168.0.0/17"),
        reservedCidrs: fc.constant([]),
        zones: fc.array(zone, { minLength: 1, maxLength: 4 }),
      }),
      gpu: fc.record({ disk: fc.constantFrom("auto" as const, "gp3" as const), zone, minNodes: few, maxNodes: few }),
    },
    { requiredKeys: [] },
  );

  test("give a cluster whose parts have names of their own, or faults in words; never a throw or a gap", () => {
    fc.assert(
      fc.property(some, (settings) => {
        const outcome = planAwsCluster(awsInputs(settings));
        expect(JSON.stringify(outcome)).not.toMatch(/undefined|NaN|null/);
        const network = outcome.ok && outcome.cluster.network.kind === "own" ? outcome.cluster.network : undefined;
        const roles = [...(network?.publicSubnets ?? []), ...(network?.privateSubnets ?? [])].map(({ role }) => role);
        expect(new Set(roles).size).toBe(roles.length);
        expect(outcome.ok || outcome.faults.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("names", () => {
  test("of any length fit AWS, and two long ones stay apart", () => {
    const long = fc.string({ minLength: 30, maxLength: 120, unit: fc.constantFrom("a", "b", "c", "-", "1") });
    fc.assert(
      fc.property(long, long, (a, b) => {
        const [one, other] = [awsName("iamRole", a, "node"), awsName("iamRole", b, "node")];
        expect(one.length).toBeLessThanOrEqual(LONGEST_NAME.iamRole);
        expect(one === other).toBe(a === b);
      }),
    );
  });
});

describe("the name of a bucket", () => {
  test("is a host's name, whatever the cluster is called, and differs where the clusters' names do", () => {
    const names = ["My_Cluster", "my-cluster", "MY_cluster"].map(
      (name) => awsCluster({ clusterName: name }).modelBucket,
    );
    expect(names.filter((name) => !/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name ?? ""))).toEqual([]);
    expect(new Set(names).size).toBe(3);
    expect(names[1]).toBe("my-cluster-models-123456789012-us-east-1");
  });

  test("is never that of another cluster whose name ends as a model is called", () => {
    const owners = [["x-a-b"], ["x-a", "b"], ["x", "a-b"], ["x-a"], ["x", "a"]] as const;
    const buckets = owners.map(([clusterName, model]) => {
      return awsCluster({ clusterName }, model === undefined ? {} : { model }).modelBucket;
    });
    expect(new Set(buckets).size).toBe(owners.length);
  });
});

describe("ranges", () => {
  test("read and written are the same, and the parts of one never overlap", () => {
    const cidrs = fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 16, max: 24 }));
    fc.assert(
      fc.property(cidrs, fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }), ([octet, prefix], i, j) => {
        const whole = parseCidr(`10.${octet}.0.0/${prefix}`);
        if (whole === undefined) throw new Error("not a range");
        expect(formatCidr(whole)).toBe(`10.${octet}.0.0/${prefix}`);
        expect(overlaps(part(whole, 3, i), part(whole, 3, j))).toBe(i === j);
      }),
    );
  });

  test.each(["10.0.0.1/16", "10.0.0.0/33", "10.0.0.256/32", "10.0.0.0", "a/8"])("%s is none", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});
