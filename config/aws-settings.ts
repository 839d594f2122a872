import { DEFAULT_KUBERNETES } from "../sizing/aws/kubernetes-versions";
import type { AwsSettings } from "../sizing/aws/settings";
import { AWS_SCHEMA, awsFaultsOf, type GivenAwsSettings as Given } from "./aws-schema";
import { fault, type Fault } from "./request/faults";

/** Every default of `fitserve:aws`, once. */
export const AWS_DEFAULTS = {
  kubernetes: DEFAULT_KUBERNETES,
  production: false,
  cidr: "10.42.0.0/16",
  system: { instanceType: "m6i.large", nodes: 2 },
  modelCache: true,
  monitoring: true,
  gpuDisk: "auto",
  frontScheme: "internal",
} as const;

/** Reads `fitserve:aws` and fills in what is left out; every fault is listed, with its path. */
export function parseAwsSettings(
  input: unknown,
): { readonly ok: true; readonly settings: AwsSettings } | { readonly ok: false; readonly faults: readonly Fault[] } {
  const parsed = AWS_SCHEMA.safeParse(input ?? {});
  if (!parsed.success) return { ok: false, faults: awsFaultsOf(parsed.error, input) };
  const mixed = mixedNetworkFaults(parsed.data);
  return mixed.length > 0 ? { ok: false, faults: mixed } : { ok: true, settings: withDefaults(parsed.data) };
}

/** Why a cache on the nodes' disks cannot be had on a target that is not AWS; undefined where none is asked for. */
export function nodeCacheElsewhere(aws: unknown, target: string): string | undefined {
  if (Object(aws).modelCache !== "node-nvme") return undefined;
  return (
    `fitserve:aws.modelCache is node-nvme, but fitserve:serving.target is ${target}: only the GPU nodes that target aws ` +
    "makes are known to have such disks. On other clusters fitserve:modelCacheClaim names a claim with the weights."
  );
}

function withDefaults(given: Given): AwsSettings {
  const { accountId, region, clusterName, amiRelease, gpu = {}, front = {}, system = {} } = given;
  return {
    accountId,
    region,
    ...(clusterName === undefined ? {} : { clusterName }),
    kubernetes: given.kubernetes ?? AWS_DEFAULTS.kubernetes,
    ...(amiRelease === undefined ? {} : { amiRelease }),
    production: given.production ?? AWS_DEFAULTS.production,
    network: networkOf(given),
    endpoint: { access: given.endpoint.access, sourceRanges: given.endpoint.sourceRanges ?? [] },
    adminRoleArns: given.adminRoleArns ?? [],
    ...(given.permissionsBoundaryArn === undefined ? {} : { permissionsBoundaryArn: given.permissionsBoundaryArn }),
    gpu: { ...present(gpu), disk: gpu.disk ?? AWS_DEFAULTS.gpuDisk },
    system: { ...AWS_DEFAULTS.system, ...present(system) },
    modelCache: given.modelCache ?? AWS_DEFAULTS.modelCache,
    monitoring: given.monitoring ?? AWS_DEFAULTS.monitoring,
    ...(given.alertmanager === undefined ? {} : { alertmanager: given.alertmanager }),
    front: {
      ...present(front),
      scheme: front.scheme ?? AWS_DEFAULTS.frontScheme,
      sourceRanges: front.sourceRanges ?? [],
    },
    tags: given.tags ?? {},
  };
}

function networkOf({ network = {} }: Given): AwsSettings["network"] {
  const { vpcId, privateSubnetIds = [], publicSubnetIds = [], gpuSubnetIds, cidr, reservedCidrs = [], zones } = network;
  if (vpcId === undefined) {
    return {
      kind: "own",
      cidr: cidr ?? AWS_DEFAULTS.cidr,
      reservedCidrs,
      ...(zones === undefined ? {} : { zones }),
    };
  }
  return {
    kind: "given",
    vpcId,
    privateSubnetIds,
    publicSubnetIds,
    ...(gpuSubnetIds === undefined ? {} : { gpuSubnetIds }),
  };
}

const OF_OWN_NETWORK = ["cidr", "reservedCidrs", "zones"] as const;
const OF_GIVEN_NETWORK = ["privateSubnetIds", "publicSubnetIds", "gpuSubnetIds"] as const;

function mixedNetworkFaults({ network = {} }: Given): Fault[] {
  const isGiven = network.vpcId !== undefined;
  const misplaced = (isGiven ? OF_OWN_NETWORK : OF_GIVEN_NETWORK).filter((key) => network[key] !== undefined);
  const wanted = isGiven ? "nothing beside network.vpcId" : "network.vpcId beside it";
  const faults = misplaced.map((key) => fault(`network.${key}`, network[key], wanted));
  if (!isGiven || new Set(network.privateSubnetIds).size >= 2) return faults;
  return [...faults, fault("network.privateSubnetIds", network.privateSubnetIds, "at least two subnets, in two zones")];
}

/** A copy without the keys that zod has put there with no value. */
function present<T extends object>(object: T): { [Key in keyof T]: Exclude<T[Key], undefined> };
function present(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
