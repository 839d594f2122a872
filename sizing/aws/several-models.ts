import type { AwsClusterInputs } from "./cluster-inputs";
import { planAwsCluster, sharedClusterPlan, type AwsClusterPlan, type SharedClusterPlan } from "./cluster-plan";
import type { AwsSettings, FrontSettings, GpuSettings } from "./settings";

/** One of several models on a cluster: its plan, and what it has apart from the settings that all share. */
export interface ModelOnCluster extends Pick<
  AwsClusterInputs,
  "plan" | "nodeStorageGiB" | "nodeCacheGiB" | "tlsAtGateway"
> {
  /** In front of the names of its resources. */
  readonly name: string;
  readonly gpu?: Partial<GpuSettings>;
  readonly front?: Partial<FrontSettings>;
  readonly modelCache?: AwsSettings["modelCache"];
}

export interface SeveralModelsInputs extends Omit<AwsClusterInputs, keyof ModelOnCluster | "model" | "models"> {
  readonly models: readonly ModelOnCluster[];
}

export type SeveralModelsOutcome =
  | {
      readonly ok: true;
      readonly cluster: SharedClusterPlan;
      /** In the order of the models. */
      readonly models: readonly AwsClusterPlan[];
    }
  | { readonly ok: false; readonly faults: readonly string[] };

/** By which a model is told from its neighbours on the bill. */
const MODEL_TAG = "fitserve:model";

/** What `fitserve-<name>-gpu-nodes-0123456` leaves of the 63 characters of a node group's name, and some to read. */
const LONGEST_MODEL_NAME = 40;

/** Decides the shape of one cluster for several models, or says everything that stands against it. */
export function planSeveralModels({ models, ...shared }: SeveralModelsInputs): SeveralModelsOutcome {
  const inputs = models.map((model) => ({ ...inputsOf(shared, model), models: models.length }));
  const outcomes = inputs.map(planAwsCluster);
  const faults = [
    ...nameFaults(models),
    ...hostFaults(inputs),
    ...told(
      models,
      outcomes.map((one) => (one.ok ? [] : one.faults)),
    ),
  ];
  const [first] = inputs;
  if (first === undefined || faults.length > 0) return { ok: false, faults };
  const planned = outcomes.flatMap((one) => (one.ok ? [one.cluster] : []));
  const cluster = sharedClusterPlan(first);
  const network = joinedNetwork(cluster.network, planned);
  const karpenter = planned.some((one) => one.karpenter);
  return {
    ok: true,
    cluster: { ...cluster, network, karpenter },
    models: planned.map((one, index) => ({
      ...one,
      network,
      karpenter,
      tags: { ...one.tags, [MODEL_TAG]: models[index]?.name ?? "" },
    })),
  };
}

function inputsOf(shared: Omit<SeveralModelsInputs, "models">, given: ModelOnCluster): AwsClusterInputs {
  const { name, gpu, front, modelCache = shared.settings.modelCache, ...model } = given;
  const settings = {
    ...shared.settings,
    gpu: { ...shared.settings.gpu, ...gpu },
    front: { ...shared.settings.front, ...front },
    modelCache,
  };
  return { ...shared, ...model, model: name, settings };
}

/** Each model may have nodes in an odd zone of its own. */
function joinedNetwork(
  network: SharedClusterPlan["network"],
  planned: readonly AwsClusterPlan[],
): SharedClusterPlan["network"] {
  if (network.kind === "given") return network;
  const all = planned.flatMap((one) => (one.network.kind === "own" ? one.network.gpuSubnets : []));
  const byRole = new Map(all.map((subnet) => [subnet.role, subnet]));
  return { ...network, gpuSubnets: [...byRole.values()].toSorted((a, b) => (a.role < b.role ? -1 : 1)) };
}

function nameFaults(models: readonly ModelOnCluster[]): string[] {
  if (models.length === 0) return ["no model is named: a cluster is made for the models on it."];
  const names = models.map(({ name }) => name);
  const bad = names.filter((name) => !/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > LONGEST_MODEL_NAME);
  return [
    ...bad.map(
      (name) =>
        `${JSON.stringify(name)} cannot be a model's name: wanted small letters, digits and dashes, ` +
        `${LONGEST_MODEL_NAME} characters at most, a letter first.`,
    ),
    ...twice(names).map((name) => `two models are called ${name}; their resources would have the same names.`),
  ];
}

function hostFaults(inputs: readonly AwsClusterInputs[]): string[] {
  const hosts = inputs.flatMap(({ settings: { front } }) => (front.host === undefined ? [] : [front.host]));
  return twice(hosts).map(
    (host) => `front.host ${host} is given to two models; a name leads to one load balancer. Give each its own.`,
  );
}

/** A fault of each model is one of the cluster. */
function told(models: readonly ModelOnCluster[], faults: readonly (readonly string[])[]): string[] {
  const ofAll = new Set(
    models.length < 2 ? [] : faults[0]?.filter((text) => faults.every((one) => one.includes(text))),
  );
  const ofOne = models.flatMap(({ name }, index) =>
    (faults[index] ?? []).filter((text) => !ofAll.has(text)).map((text) => `${name}: ${text}`),
  );
  return [...ofAll, ...ofOne];
}

/** Those that are there more than once, each once. */
export function twice(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
