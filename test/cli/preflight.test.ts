import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answeringProgram } from "../support/answering-program";
import { CommandLine, type Run } from "../support/command-line";

const command = new CommandLine();
const ROOT = join(__dirname, "../..");

beforeAll(async () => {
  await command.build();
  for (const file of ["Pulumi.yaml", "Pulumi.aws.yaml"]) cpSync(join(ROOT, file), join(command.folder, file));
});
afterAll(() => command.remove());

interface Account {
  readonly id?: string;
  readonly zones?: readonly string[];
  readonly quota?: number;
  readonly reservation?: object;
  readonly key?: string;
  readonly zone?: object;
  readonly certificate?: object;
  readonly usdPerHour?: string;
  readonly arn?: string;
}

/** As the price list has it: products as texts, terms and dimensions under keys of their own. */
function product(USD: string): string {
  const priceDimensions = { "X.Y.Z": { pricePerUnit: { USD } } };
  return JSON.stringify({ product: {}, terms: { OnDemand: { "X.Y": { priceDimensions } } } });
}

function program(name: string, answers: object): string {
  return answeringProgram(command.folder, name, answers);
}

/** Runs the command with an `aws` that answers as an account would. */
function preflight(
  {
    id = "123456789012",
    zones = ["use1-az1", "use1-az2", "use1-az4", "use1-az6"],
    quota = 192,
    reservation = {},
    usdPerHour = "0.5",
    key = "alias/aws/ebs",
    zone = { Name: "example.org.", Config: { PrivateZone: false } },
    certificate = { Status: "ISSUED", DomainName: "*.example.org" },
    arn = "arn:aws:sts::123456789012:assumed-role/ci/run",
  }: Account,
  args: readonly string[] = [],
): Run {
  const answers = {
    "sts get-caller-identity": { Account: id, Arn: arn },
    "ec2 describe-instance-type-offerings": {
      InstanceTypeOfferings: zones.map((Location) => ({ Location })),
    },
    "service-quotas get-service-quota": { Quota: { Value: quota } },
    "pricing get-products": { PriceList: [product(usdPerHour)] },
    "ec2 get-ebs-default-kms-key-id": { KmsKeyId: key },
    "route53 get-hosted-zone": { HostedZone: zone },
    "acm describe-certificate": { Certificate: certificate },
    "ec2 describe-spot-price-history": { SpotPriceHistory: [{ SpotPrice: usdPerHour }] },
    "ec2 describe-capacity-reservations": { CapacityReservations: [reservation] },
  };
  const bin = program("aws", answers);
  return command.run(["preflight", ...args], "", { PATH: bin });
}

/** The example's stack with this of its front beside what it has. */
function withFront(front: string, answers: Account = {}): Run {
  const file = readFileSync(join(command.folder, "Pulumi.aws.yaml"), "utf8");
  const changed = file.replace("      scheme: internal", `      {scheme: internal, sourceRanges: [], ${front}}`);
  writeFileSync(join(command.folder, "front.yaml"), changed);
  return preflight(answers, ["--request", "front.yaml"]);
}

describe("fitserve preflight", () => {
  test("says of an account that has everything that nothing stands against it", () => {
    const { code, out, err } = preflight({});
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n").filter((line) => line.startsWith("  ok"))).toHaveLength(5);
    expect(out).toMatch(/ok +price in the region: g\w+\.12xlarge is \$0\.5000\/h on-demand in us-east-1/);
    expect(out).toMatch(/^1 x g\w+\.12xlarge in us-east-1, .*: \$\d+ a month, about \d+ minutes to the first answer\n/);
    expect(out).toMatch(/1 x g\w+\.12xlarge need 48, L-DB2E81BA is 192 in us-east-1/);
  });

  test.each<[string, Account, RegExp]>([
    [
      "credentials of another account",
      { id: "210987654321" },
      /FAILS +credentials: are of account 210987654321; .*accountId is 123456789012/,
    ],
    [
      "a machine that no zone of the network offers",
      { zones: ["use1-az5"] },
      /FAILS +offers of the zones: .*offered in use1-az5, .*gpu\.zone/,
    ],
    [
      "a machine that one zone of the group does not offer",
      { zones: ["use1-az1", "use1-az2"] },
      /FAILS +offers of the zones: .*offered in use1-az1, use1-az2, EKS takes no group that may stand in use1-az4 as well; .*gpu\.zone/,
    ],
    [
      "a machine that is dearer today",
      { usdPerHour: "99.5" },
      /FAILS +price in the region: .*is \$99\.5000\/h .*the plan counts with \$\d+\.\d{4}; give yours/,
    ],
    [
      "a quota of a new account",
      { quota: 0 },
      /FAILS +quota of vCPUs: .*need 48, L-DB2E81BA is 0 .*--desired-value 96/,
    ],
  ])("%s would fail, with what to do, and exit 5", (_, account, wanted) => {
    const { code, out } = preflight(account);
    expect(out).toMatch(wanted);
    expect(code).toBe(5);
  });

  test("Karpenter takes a zone that offers the machine, and the others do not matter", () => {
    const file = readFileSync(join(command.folder, "Pulumi.aws.yaml"), "utf8");
    writeFileSync(join(command.folder, "karpenter.yaml"), `${file}    gpu: {provisioner: karpenter}\n`);
    const { code, out } = preflight({ zones: ["use1-az2"] }, ["--request", "karpenter.yaml"]);
    expect(out).toMatch(/ok +offers of the zones: g7e\.12xlarge in use1-az2\n/);
    expect(code).toBe(0);
  });

  test("a key of one's own for volumes is a warning of what it has to allow", () => {
    const { code, out } = preflight({ key: "arn:aws:kms:us-east-1:123456789012:key/1" });
    expect(out).toMatch(
      /warns +key of the volumes: is arn:\S+; its policy has to let AWSServiceRoleForAutoScaling use it/,
    );
    expect(code).toBe(0);
  });

  test.each<[string, string, Account, RegExp]>([
    [
      "a zone that the host is not in",
      "host: llm.example.com, hostedZoneId: Z0123456789ABC",
      {},
      /FAILS +hosted zone: Z0123456789ABC is of example\.org, which .*llm\.example\.com is not in/,
    ],
    [
      "a private zone, where a certificate would wait for its proof",
      "host: llm.example.org, hostedZoneId: Z0123456789ABC",
      { zone: { Name: "example.org.", Config: { PrivateZone: true } } },
      /FAILS +hosted zone: Z0123456789ABC is private, where no certificate can be proven; give front\.certificateArn/,
    ],
    [
      "a certificate that is not issued",
      "certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a'",
      { certificate: { Status: "PENDING_VALIDATION", DomainName: "x" } },
      /FAILS +certificate: arn:\S+ is PENDING_VALIDATION; a listener takes an issued one/,
    ],
    [
      "a certificate of other names",
      "certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a', host: a.llm.example.org",
      {},
      /FAILS +certificate: arn:\S+ is for \*\.example\.org and not for a\.llm\.example\.org/,
    ],
  ])("%s would fail", (_, front, answers, wanted) => {
    const { code, out } = withFront(front, answers);
    expect(out).toMatch(wanted);
    expect(code).toBe(5);
  });

  test("a zone and a certificate that suit the host are said to", () => {
    expect(withFront("host: llm.example.org, hostedZoneId: Z0123456789ABC").out).toMatch(
      /ok +hosted zone: Z0123456789ABC is of example\.org\n/,
    );
    const certified = "certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a', host: llm.example.org";
    expect(withFront(certified).out).toMatch(/ok +certificate: is issued for \*\.example\.org\n/);
  });

  test("a spot price of today that is above that of the plan is a warning", () => {
    const file = readFileSync(join(command.folder, "Pulumi.aws.yaml"), "utf8");
    const spot = file.replace("purchase: on-demand", "purchase: spot");
    writeFileSync(join(command.folder, "spot.yaml"), spot);
    const { code, out } = preflight({ usdPerHour: "900" }, ["--request", "spot.yaml"]);
    expect(out).toMatch(/warns +price in the region: \S+ is \$900\.0000\/h spot in us-east-1, the plan counts with/);
    expect(code).toBe(0);
  });

  test("a quota that lets nodes start, but no more beside them while they are updated, is a warning", () => {
    const { code, out } = preflight({ quota: 95 });
    expect(out).toMatch(
      /warns +quota of vCPUs: .*need 48, L-DB2E81BA is 95 .*; an update of the nodes starts one more/,
    );
    expect(code).toBe(0);
  });

  test("a reservation that is full, elsewhere or of another machine would fail, with all of it at once", () => {
    const reserved = "    gpu: {zone: use1-az1, reservation: {id: cr-0123456789abcdef0, kind: on-demand}}\n";
    const file = readFileSync(join(command.folder, "Pulumi.aws.yaml"), "utf8");
    writeFileSync(join(command.folder, "reserved.yaml"), `${file}${reserved}`);
    const reservation = { State: "expired", InstanceType: "p5.48xlarge", AvailabilityZoneId: "use1-az6" };
    const { code, out } = preflight({ reservation: { ...reservation, AvailableInstanceCount: 0 } }, [
      "--request",
      "reserved.yaml",
    ]);
    expect(out).toMatch(
      /FAILS +capacity reservation: cr-\w+ is expired; is for p5\.48xlarge, .*; is in use1-az6, .*; has 0 free, the plan wants 1/,
    );
    expect(code).toBe(5);
  });

  test("names are those of the stack that is asked for", () => {
    const stack = "x".repeat(95);
    cpSync(join(ROOT, "Pulumi.aws.yaml"), join(command.folder, `Pulumi.${stack}.yaml`));
    const { code, err } = preflight({}, ["--stack", stack]);
    expect([code, err]).toEqual([2, expect.stringMatching(/104 characters, EKS takes 100/)]);
  });

  test("no credentials at all would fail, in the words of the aws command", () => {
    const { code, out } = command.run(["preflight"], "", { PATH: program("aws", {}) });
    expect(out).toMatch(/FAILS +credentials: An error occurred \(AccessDenied\)/);
    expect(code).toBe(5);
  });

  test("the role that makes the cluster must not be entered as administrator again", () => {
    const file = readFileSync(join(command.folder, "Pulumi.aws.yaml"), "utf8");
    const entered = `${file}    adminRoleArns: ["arn:aws:iam::123456789012:role/teams/ci"]\n`;
    writeFileSync(join(command.folder, "entered.yaml"), entered);
    const { code, out } = preflight({}, ["--request", "entered.yaml"]);
    expect(out).toMatch(/FAILS +credentials: are of arn:aws:iam::123456789012:role\/teams\/ci, .*adminRoleArns/);
    expect(code).toBe(5);
  });

  test.each<[string, string, RegExp]>([
    [
      "no JSON",
      "echo '<html>busy</html>'",
      /credentials: aws sts get-caller-identity answered with something that is no/,
    ],
    ["nothing and a code", "exit 255", /credentials: aws sts get-caller-identity failed with exit code 255/],
    ["JSON of another kind", "echo '[null]'", /credentials: the answer has no Account/],
  ])("an aws command that answers %s is told as what it is, without a stack trace", (_, body, wanted) => {
    const bin = join(command.folder, "odd");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "aws"), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, "aws"), 0o755);
    const { code, out, err } = command.run(["preflight"], "", { PATH: bin });
    expect(out).toMatch(wanted);
    expect([code, err]).toEqual([5, ""]);
    expect(out).not.toMatch(/undefined|\n +at /);
  });

  test("without the aws command it says what to install", () => {
    const { code, err } = command.run(["preflight"], "", { PATH: dirname("/nowhere/aws") });
    expect([code, err]).toEqual([5, "there is no aws command; install the AWS CLI, version 2\n"]);
  });

  test("settings that are wrong end it before anything is asked", () => {
    writeFileSync(join(command.folder, "bare.yaml"), "config:\n  fitserve:serving: {model: qwen3-32b, target: aws}\n");
    const { code, err } = preflight({}, ["--request", "bare.yaml"]);
    expect(code).toBe(2);
    expect(err).toMatch(/fitserve:aws\.accountId: got nothing/);
  });
});

test("fitserve plan counts the cluster of the stack that it is asked for", () => {
  const file = readFileSync(join(command.folder, "Pulumi.aws.yaml"), "utf8");
  writeFileSync(join(command.folder, "Pulumi.live.yaml"), file.replace("production: false", "production: true"));
  const nats = (stack: string): string =>
    /NAT gateway +(\d) x/.exec(command.run(["plan", "--stack", stack]).out)?.[1] ?? "";
  expect([nats("aws"), nats("live")]).toEqual(["1", "3"]);
});

const EXISTING = `config:
  fitserve:serving: {model: qwen3-32b, quantization: int4-w4a16, gpu: L40S, tensorParallel: 2, replicas: 2, target: existing}
`;

function node(name: string, gpus: number, more: { product?: string; taints?: object[] } = {}): object {
  const labels = { "nvidia.com/gpu.product": more.product ?? "NVIDIA-L40S", "nvidia.com/cuda.driver.major": "580" };
  const taints = [{ key: "nvidia.com/gpu", effect: "NoSchedule" }, ...(more.taints ?? [])];
  return { metadata: { name, labels }, spec: { taints }, status: { allocatable: { "nvidia.com/gpu": String(gpus) } } };
}

/** Runs the command with a `kubectl` that answers as a cluster would. */
function onCluster(nodes: readonly object[], classes: readonly object[], definitions: readonly string[]): Run {
  writeFileSync(join(command.folder, "existing.yaml"), EXISTING);
  const answers = {
    "get nodes": { items: nodes },
    "get gatewayclasses": { items: classes },
    "get customresourcedefinitions": { items: definitions.map((name) => ({ metadata: { name } })) },
  };
  const bin = program("kubectl", answers);
  return command.run(["preflight", "--request", "existing.yaml"], "", { PATH: bin });
}

const ACCEPTED = { metadata: { name: "eg" }, status: { conditions: [{ type: "Accepted", status: "True" }] } };
const DEFINED = [
  "gateways.gateway.networking.k8s.io",
  "backends.gateway.envoyproxy.io",
  "aigatewayroutes.aigateway.envoyproxy.io",
];

describe("fitserve preflight for a cluster that is there", () => {
  test("says that there is room and a gateway where there is", () => {
    const { code, out, err } = onCluster([node("a", 4)], [ACCEPTED], DEFINED);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/ok +places for replicas: 2, wanted 2 of 2 x NVIDIA-L40S, before what already runs/);
    expect(out).toMatch(/ok +driver: 580/);
  });

  test.each<[string, Parameters<typeof onCluster>, RegExp]>([
    ["too few cards", [[node("a", 2)], [ACCEPTED], DEFINED], /FAILS +places for replicas: 1, wanted 2 of 2/],
    [
      "cards of another kind",
      [[node("a", 8, { product: "NVIDIA-L4" })], [ACCEPTED], DEFINED],
      /FAILS .*no node has NVIDIA-L40S/,
    ],
    [
      "a taint that nobody tolerates",
      [[node("a", 4, { taints: [{ key: "team", effect: "NoSchedule" }] })], [ACCEPTED], DEFINED],
      /FAILS .*a has the taint team/,
    ],
    [
      "no cards at all",
      [[{ metadata: { name: "a" } }], [ACCEPTED], DEFINED],
      /FAILS +nodes with cards: none offers nvidia\.com\/gpu/,
    ],
    ["no gateway class", [[node("a", 4)], [], DEFINED], /FAILS +GatewayClass eg: is not there \(there is none\)/],
    [
      "a class that nobody serves",
      [[node("a", 4)], [{ metadata: { name: "eg" } }], DEFINED],
      /FAILS +GatewayClass eg: is not accepted/,
    ],
    ["no AI gateway", [[node("a", 4)], [ACCEPTED], DEFINED.slice(0, 2)], /FAILS +aigatewayroutes.*is not defined/],
  ])("%s would fail, and exit 5", (_, cluster, wanted) => {
    const { code, out } = onCluster(...cluster);
    expect(out).toMatch(wanted);
    expect(code).toBe(5);
  });
});
