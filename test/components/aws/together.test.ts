import { describe, expect, test } from "vitest";
import { planModelsOnAws, type PlannedModels } from "../../../components/aws/models-on-aws";
import { buildCluster, serveOnCluster } from "../../../components/aws/program";
import type { AwsSettings } from "../../../sizing/aws/settings";
import type { FeasiblePlan } from "../../../sizing/serving-plan";
import { awsPackage } from "../../../tools/aws-provider/aws-package";
import type { ResourceShape } from "../../../tools/aws-provider/shape";
import shapes from "../../../tools/aws-provider/shapes.generated.json";
import { AWS_ANSWERS } from "../../support/aws-answers";
import { AWS_SETTINGS, awsPlan } from "../../support/aws-settings";
import { registeredBy, type Registered } from "../../support/pulumi-mocks";

/** Everything that decides what is made. */
interface Wish {
  readonly settings: AwsSettings;
  readonly hardware: Partial<FeasiblePlan["hardware"]>;
  readonly tlsSecret?: string;
  readonly models: readonly string[];
}

type Change = (wish: Wish) => Wish;

const DEFAULTS: Wish = { settings: AWS_SETTINGS, hardware: {}, models: ["llm"] };

const set =
  (change: Partial<AwsSettings>): Change =>
  (wish) => ({ ...wish, settings: { ...wish.settings, ...change } });
const gpu =
  (change: Partial<AwsSettings["gpu"]>): Change =>
  (wish) => ({ ...wish, settings: { ...wish.settings, gpu: { ...wish.settings.gpu, ...change } } });
const hardware =
  (change: Wish["hardware"]): Change =>
  (wish) => ({ ...wish, hardware: { ...wish.hardware, ...change } });

/** Capacity lies in one zone, which a given network has in its subnets. */
const reserved =
  (kind: "on-demand" | "block"): Change =>
  (wish) =>
    gpu({
      reservation: { id: "cr-0123456789abcdef0", kind },
      ...(wish.settings.network.kind === "own" ? { zone: "use1-az2" } : {}),
    })(wish);

const H100 = { instanceType: "p5.48xlarge", gpu: "H100-SXM5-80GB", gpusPerNode: 8, vcpusPerNode: 192 };
const GIVEN = {
  kind: "given",
  vpcId: "vpc-01234567",
  privateSubnetIds: ["subnet-01234567", "subnet-01234568"],
  publicSubnetIds: ["subnet-01234569"],
  gpuSubnetIds: ["subnet-01234567"],
} as const;
const HOST = { host: "llm.example.com", hostedZoneId: "Z0123456789" };
const WITHIN = { scheme: "internal", sourceRanges: ["10.0.0.0/8"] } as const;
const OPEN = { scheme: "internet-facing", sourceRanges: ["198.51.100.0/24"], ...HOST } as const;

/** What can be chosen beside the default; of each list one at a time. */
const CHOICES: readonly (readonly Change[])[] = [
  [set({ network: GIVEN })],
  [hardware(H100), hardware({ replicas: 3, nodes: 2 })],
  [hardware({ purchase: "spot" })],
  [gpu({ provisioner: "karpenter" })],
  [reserved("on-demand"), (wish) => hardware(H100)(reserved("block")(wish))],
  [gpu({ zone: "use1-az2" }), gpu({ zone: "use1-az3" })],
  [gpu({ minNodes: 0 })],
  [gpu({ disk: "gp3" })],
  [set({ modelCache: false }), set({ modelCache: "node-nvme" })],
  [
    set({ endpoint: { access: "private", sourceRanges: [] } }),
    set({ endpoint: { access: "private", sourceRanges: ["10.0.0.0/8"] } }),
  ],
  [set({ front: WITHIN }), set({ front: OPEN })],
  [(wish) => ({ ...wish, tlsSecret: "llm-tls" })],
  [set({ monitoring: false })],
  [set({ production: true, permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/most" })],
  [(wish) => ({ ...wish, models: ["llm-large", "llm-small"] })],
];

/** A choice of each list, or none; by the number of the list, in whose order they are made. */
type Combination = ReadonlyMap<number, Change>;

/** The defaults, each choice alone, and every two of different lists. */
function pairs(): Combination[] {
  const single = CHOICES.flatMap((list, of) => list.map((change) => [of, change] as const));
  const two = single.flatMap((one, index) =>
    single.slice(index + 1).flatMap((other) => (other[0] === one[0] ? [] : [new Map([one, other])])),
  );
  return [new Map(), ...single.map((one) => new Map([one])), ...two];
}

function planOf(combination: Combination): PlannedModels {
  const inOrder = [...combination].toSorted(([one], [other]) => one - other);
  const wish = inOrder.reduce((before, [, change]) => change(before), DEFAULTS);
  const options = wish.tlsSecret === undefined ? {} : { tlsSecret: wish.tlsSecret };
  const models = wish.models.map((name) => ({ name, plan: awsPlan(wish.hardware), options }));
  return planModelsOnAws({ settings: wish.settings, project: "fitserve", stack: "test", models });
}

/** Few combinations of many choices, in which every pair that is not refused is found. */
function covering(accepted: readonly Combination[]): Combination[] {
  const left = new Set(accepted);
  const found: Combination[] = [];
  for (const pair of accepted) {
    if (!left.has(pair)) continue;
    let whole = pair;
    for (const more of left) {
      const joined = new Map([...more, ...whole]);
      const clash = [...more].some(([of, change]) => joined.get(of) !== change);
      if (!clash && joined.size > whole.size && planOf(joined).ok) whole = joined;
    }
    for (const other of left) {
      if ([...other].every(([of, change]) => whole.get(of) === change)) left.delete(other);
    }
    found.push(whole);
  }
  return found;
}

const SHAPES: Readonly<Record<string, ResourceShape>> = Object.fromEntries(
  Object.entries(shapes).map(([type, shape]) => [type, Object(shape)]),
);

/** What AWS's typings and the rules of EKS have against a resource. */
function faultsOf({ type, name, inputs }: Registered): string[] {
  if (!type.startsWith("aws:")) return [];
  const news = JSON.parse(JSON.stringify(inputs));
  const { faults } = awsPackage(SHAPES).check({ type, name }, news, {}, new Uint8Array([1, 2, 3]));
  return faults.map(({ path, reason }) => `${name} ${path} ${reason}`);
}

async function madeOf(planned: PlannedModels): Promise<readonly Registered[]> {
  if (!planned.ok) throw new Error(planned.faults.join("\n"));
  const clientKeys = { ada: "ada-key-0123456789abcdef" };
  const { resources } = await registeredBy(() => {
    const built = buildCluster(planned.cluster, "fitserve-test", planned.models);
    return planned.models.map((one) => serveOnCluster(built, { ...one, clientKeys }));
  }, AWS_ANSWERS);
  return resources;
}

describe("settings of AWS together", () => {
  const planned = pairs().map((combination) => ({ combination, outcome: planOf(combination) }));
  const accepted = planned.flatMap(({ combination, outcome }) => (outcome.ok ? [combination] : []));

  test("are a cluster or are refused in words, every two of them", () => {
    const texts = planned.map(({ outcome }) => JSON.stringify(outcome));
    expect(texts.filter((text) => /undefined|NaN|null|\[object/.test(text))).toEqual([]);
    expect(planned.filter(({ outcome }) => !outcome.ok && outcome.faults.length === 0)).toEqual([]);
    expect(accepted.length).toBeGreaterThan(planned.length / 2);
  });

  test("make what AWS takes, every two of them that are not refused", { timeout: 180_000 }, async () => {
    const faults: string[] = [];
    for (const combination of covering(accepted)) {
      const resources = await madeOf(planOf(combination));
      const names = resources.map(({ type, name }) => `${type} ${name}`);
      faults.push(...resources.flatMap(faultsOf), ...names.filter((name, index) => names.indexOf(name) !== index));
      faults.push(...(JSON.stringify(resources).match(/.{40}(undefined|NaN|\[object).{20}/g) ?? []));
    }
    expect([...new Set(faults)]).toEqual([]);
  });
});
