import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatCidr, overlaps, parseCidr, part } from "../../../sizing/aws/cidr";
import { awsName, LONGEST_NAME } from "../../../sizing/aws/names";
import { awsCluster, awsFaults, awsPlan } from "../../support/aws-settings";

const PUBLIC = { scheme: "internet-facing", sourceRanges: ["198.51.100.0/24"] } as const;

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
    expect(network).toMatchObject({ gpuSubnet: { zone: "use1-az3", cidr: "10.42.128.0/19" } });
    expect(gpuPool.zone).toBe("use1-az3");
  });

  test("has one NAT gateway, and one in each zone for production", () => {
    expect(awsCluster().network).toMatchObject({ natZones: ["use1-az1"] });
    expect(awsCluster({ production: true }).network).toMatchObject({ natZones: ["use1-az1", "use1-az2", "use1-az4"] });
  });
});

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

describe("names", () => {
  test("of any length fit AWS, and two long ones stay apart", () => {
    const long = fc.string({ minLength: 30, maxLength: 120, unit: fc.constantFrom(..."abc-1") });
    fc.assert(
      fc.property(long, long, (a, b) => {
        const [one, other] = [awsName("iamRole", a, "node"), awsName("iamRole", b, "node")];
        expect(one.length).toBeLessThanOrEqual(LONGEST_NAME.iamRole);
        if (a !== b) expect(one).not.toBe(other);
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
