import { UNKNOWN, at, childOf, listOf, recordOf, textOf, type KnownValue } from "./known-values";

/** A kind that runs pods, wherever its pod stands. */
export interface Workload {
  readonly kind: string;
  readonly labels: Readonly<Record<string, KnownValue>>;
  readonly annotations: Readonly<Record<string, KnownValue>>;
  /** Pods at once; 1 where the kind does not say, unknown where it is not known yet. */
  readonly replicas: number | typeof UNKNOWN;
  readonly podSpec: KnownValue;
}

const TEMPLATE = ["spec", "template"];
const PATH_TO_POD: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: TEMPLATE,
  StatefulSet: TEMPLATE,
  DaemonSet: TEMPLATE,
  ReplicaSet: TEMPLATE,
  ReplicationController: TEMPLATE,
  Job: TEMPLATE,
  CronJob: ["spec", "jobTemplate", "spec", "template"],
};

/** The pods of a Kubernetes resource, or undefined when it runs none. */
export function workloadOf(type: string, inputs: KnownValue): Workload | undefined {
  const kind = /^kubernetes:[^:]*:([A-Za-z]+?)(?:Patch)?$/.exec(type)?.[1];
  const path = kind === undefined ? undefined : PATH_TO_POD[kind];
  if (kind === undefined || path === undefined) return undefined;
  const template = at(inputs, ...path);
  return {
    kind,
    labels: { ...recordOf(at(template, "metadata", "labels")), ...recordOf(at(inputs, "metadata", "labels")) },
    annotations: {
      ...recordOf(at(template, "metadata", "annotations")),
      ...recordOf(at(inputs, "metadata", "annotations")),
    },
    replicas: replicasOf(at(inputs, "spec", kind === "Job" ? "parallelism" : "replicas")),
    podSpec: childOf(template, "spec"),
  };
}

function replicasOf(value: KnownValue): number | typeof UNKNOWN {
  if (value === UNKNOWN) return UNKNOWN;
  const count = Number(textOf(value) ?? 1);
  return Number.isFinite(count) ? count : 1;
}

/** Labels that a node must have for the pod: its nodeSelector, and what its required affinity allows. */
export function nodeLabelChoices(podSpec: KnownValue): Readonly<Record<string, readonly string[]>> {
  const choices = new Map<string, readonly string[]>();
  for (const term of listOf(at(podSpec, "affinity", "nodeAffinity", REQUIRED, "nodeSelectorTerms"))) {
    for (const expression of listOf(childOf(term, "matchExpressions"))) {
      const key = textOf(childOf(expression, "key"));
      if (key === undefined || childOf(expression, "operator") !== "In") continue;
      const values = listOf(childOf(expression, "values")).flatMap((value) => textOf(value) ?? []);
      choices.set(key, [...(choices.get(key) ?? []), ...values]);
    }
  }
  for (const [key, value] of Object.entries(recordOf(childOf(podSpec, "nodeSelector")))) {
    const text = textOf(value);
    if (text !== undefined) choices.set(key, [text]);
  }
  return Object.fromEntries(choices);
}

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
