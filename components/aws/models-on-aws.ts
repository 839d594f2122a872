import { loadCatalog } from "../../config/catalog";
import { costOnCluster } from "../../sizing/aws/cluster-cost";
import type { SharedClusterPlan } from "../../sizing/aws/cluster-plan";
import type { AwsSettings } from "../../sizing/aws/settings";
import { planSeveralModels, twice, type ModelOnCluster } from "../../sizing/aws/several-models";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { deployabilityFaults } from "../deployable";
import { oneRedisFaults, redisFaults } from "../gateway/shared-limits";
import { POOL_LABEL } from "../kubernetes-object";
import { namespaceFault } from "../namespace.manifest";
import { hasTlsAtGateway, servingOptions, type ServingOptions } from "../serving-options";
import { cacheNamespace } from "./cache/model-cache.manifest";
import { modelInputs, worldInputs } from "./cluster-inputs";
import { SERVICE_NAMESPACES } from "./eks-services.manifest";
import { monitoringNamespaceFault } from "./monitoring/monitoring.manifest";
import type { OnClusterArgs } from "./program";

/** A model that is to be served on a cluster beside others. */
export interface ModelOnAws extends Pick<ModelOnCluster, "name" | "gpu" | "front" | "modelCache"> {
  readonly plan: FeasiblePlan;
  /** Absent: the namespace is called like the model. */
  readonly options?: Partial<ServingOptions>;
}

export interface ModelsOnAws {
  /** What all of them share; everything of it that is of one model comes from `models`. */
  readonly settings: AwsSettings;
  readonly project: string;
  readonly stack: string;
  readonly models: readonly ModelOnAws[];
}

/** What `buildCluster` and `serveOnCluster` take; clients' keys come with the latter. */
export type PlannedModels =
  | {
      readonly ok: true;
      readonly cluster: SharedClusterPlan;
      /** Each plan with its cost on this cluster. */
      readonly models: readonly (Omit<OnClusterArgs, "clientKeys"> & { readonly name: string })[];
    }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Decides one cluster for several models, or says everything that stands against it; makes nothing. */
export function planModelsOnAws({ models, ...shared }: ModelsOnAws): PlannedModels {
  const catalog = loadCatalog();
  const placed = models.map((model) => ({ ...model, options: { namespace: model.name, ...model.options } }));
  const outcome = planSeveralModels({
    ...shared,
    ...worldInputs(),
    models: placed.map(({ options, ...model }) => ({ ...model, ...modelInputs(model.plan, hasTlsAtGateway(options)) })),
  });
  const faults = [
    ...(outcome.ok ? [] : outcome.faults),
    ...namespaceFaults(placed),
    ...oneRedisFaults(placed.map(({ options }) => options)),
    ...placed.flatMap((one) => ownFaults(one, shared.settings)),
  ];
  if (!outcome.ok || faults.length > 0) return { ok: false, faults };
  const planned = placed.flatMap(({ name, plan, options }, index) => {
    const cluster = outcome.models[index];
    if (cluster === undefined) return [];
    return [{ name, plan: { ...plan, cost: costOnCluster(plan, cluster, catalog) }, options, cluster }];
  });
  return { ok: true, cluster: outcome.cluster, models: planned };
}

interface Placed extends ModelOnAws {
  readonly options: Partial<ServingOptions> & { readonly namespace: string };
}

/** The namespace sets apart objects, pool of nodes, gateway class and the Service behind the load balancer. */
function namespaceFaults(placed: readonly Placed[]): string[] {
  const own = placed.map(({ options }) => options.namespace);
  const caches = placed.map(({ plan, options }) => cacheNamespace(servingOptions(plan, options)).metadata.name);
  return [
    ...twice(own).map((namespace) => `two models have the namespace ${namespace}, and so the same pool of nodes.`),
    ...own
      .filter((namespace) => caches.includes(namespace))
      .map((namespace) => `the namespace ${namespace} is the one for the weights of another model.`),
  ];
}

function ownFaults({ name, plan, options }: Placed, { monitoring }: AwsSettings): string[] {
  const { namespace } = options;
  const pool = options.nodeSelector?.[POOL_LABEL];
  const taken = namespaceFault(namespace, true) ?? monitoringNamespaceFault(namespace, monitoring);
  return [
    ...deployabilityFaults(plan, options),
    ...redisFaults(options),
    ...(taken === undefined ? [] : [taken]),
    ...(SERVICE_NAMESPACES.includes(namespace) ? [`the namespace ${namespace} is one of the cluster's services`] : []),
    ...(pool === undefined || pool === namespace
      ? []
      : [`nodeSelector sends the engine to the nodes ${pool}; its own are ${namespace}`]),
  ].map((fault) => `${name}: ${fault}`);
}
