import type { types } from "@pulumi/kubernetes";
import { plannedConcurrency, plannedTokensPerRequest } from "../../sizing/search/cases";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { servingTimeouts } from "../gateway/serving-timeouts";
import { CONCURRENCY_LABEL, TOKENS_PER_REQUEST_ANNOTATION, engineSelector, instanceLabels } from "../kubernetes-object";
import type { ServingOptions } from "../serving-options";
import { ENGINE_PORT, replicasServiceName } from "./vllm-addresses";
import { enginePodSpec } from "./vllm-pod.manifest";

/** Above what has no class (0), far below the system's (2,000,000,000). */
const ENGINE_PRIORITY = 1_000_000;

/** Where a Prometheus that looks for annotations finds the engine's metrics. */
const SCRAPED = {
  "prometheus.io/scrape": "true",
  "prometheus.io/port": String(ENGINE_PORT),
  "prometheus.io/path": "/metrics",
} as const;

export function engineMetadata(plan: FeasiblePlan, options: ServingOptions) {
  return {
    name: options.name,
    namespace: options.namespace,
    labels: {
      ...instanceLabels(options.name, "engine"),
      ...engineSelector(options.name),
      "app.kubernetes.io/version": plan.engine.version,
    },
  };
}

/** Identity of the engine's pods. It has no rights, and its token is never mounted. */
export function engineServiceAccount(plan: FeasiblePlan, options: ServingOptions) {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: engineMetadata(plan, options),
    automountServiceAccountToken: false,
  } as const satisfies types.input.core.v1.ServiceAccount;
}

/** vLLM with the plan's arguments, one pod a replica. */
export function engineDeployment(plan: FeasiblePlan, options: ServingOptions) {
  const base = engineMetadata(plan, options);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      ...base,
      labels: { ...base.labels, [CONCURRENCY_LABEL]: String(plannedConcurrency(plan.request)) },
      annotations: { [TOKENS_PER_REQUEST_ANNOTATION]: String(plannedTokensPerRequest(plan.request)) },
    },
    spec: {
      replicas: plan.hardware.replicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels: engineSelector(options.name) },
      strategy: { type: "RollingUpdate", rollingUpdate: rollout(plan) },
      progressDeadlineSeconds: servingTimeouts(plan).replacementSeconds,
      template: {
        metadata: { labels: base.labels, annotations: SCRAPED },
        spec: enginePodSpec(plan, options),
      },
    },
  } as const satisfies types.input.apps.v1.Deployment;
}

/**
 * With cards to spare for one more replica, the new one is up before the old one goes. Without, a surge pod would wait
 * for ever for cards that the old one holds, so that one replica goes first: the only one means an outage of a start.
 */
function rollout({ hardware }: FeasiblePlan) {
  const hasRoomForOneMore = hardware.nodes * hardware.replicasPerNode > hardware.replicas;
  return hasRoomForOneMore ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 };
}

/** Stable address of the replicas within the cluster. */
export function engineService(plan: FeasiblePlan, options: ServingOptions) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: engineMetadata(plan, options),
    spec: {
      type: "ClusterIP",
      selector: engineSelector(options.name),
      ports: [{ name: "http", port: ENGINE_PORT, targetPort: "http", protocol: "TCP", appProtocol: "http" }],
    },
  } as const satisfies types.input.core.v1.Service;
}

/** Name that resolves to each replica that is ready, for a proxy that balances by load. */
export function engineReplicasService(plan: FeasiblePlan, options: ServingOptions) {
  const { metadata: base, spec } = engineService(plan, options);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...base, name: replicasServiceName(options) },
    spec: { ...spec, clusterIP: "None" },
  } as const satisfies types.input.core.v1.Service;
}

/** A drain takes one replica at a time; one that is not healthy anyway never blocks it. */
export function engineDisruptionBudget(plan: FeasiblePlan, options: ServingOptions) {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: engineMetadata(plan, options),
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: engineSelector(options.name) },
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  } as const satisfies types.input.policy.v1.PodDisruptionBudget;
}

/** Cluster-wide; made only when asked by name. */
export function enginePriorityClass(options: ServingOptions, name: string) {
  return {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name, labels: instanceLabels(options.name, "engine") },
    value: ENGINE_PRIORITY,
    globalDefault: false,
    description: "LLM engines, whose start takes minutes: they go after what can be moved in seconds.",
  } as const satisfies types.input.scheduling.v1.PriorityClass;
}
