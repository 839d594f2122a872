import type { types } from "@pulumi/kubernetes";
import { instanceLabels } from "./kubernetes-object";
import type { ServingOptions } from "./serving-options";

const POD_SECURITY_LEVEL = "restricted";

/** Namespaces that every cluster has, with pods of its own that are not of that standard. */
const OF_THE_CLUSTER = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** Why the namespace cannot be made; undefined where it can, or where it is left as it is. */
export function namespaceFault(namespace: string, createNamespace: boolean): string | undefined {
  if (!createNamespace || !OF_THE_CLUSTER.includes(namespace)) return undefined;
  return `${namespace} is the cluster's own, and all of its pods would be held to the pod security of the engine's`;
}

/** Holds one stack; admits only pods of the strictest standard of pod security. */
export function servingNamespace(options: ServingOptions) {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: options.namespace,
      labels: {
        ...instanceLabels(options.name, "namespace"),
        "pod-security.kubernetes.io/enforce": POD_SECURITY_LEVEL,
        "pod-security.kubernetes.io/warn": POD_SECURITY_LEVEL,
        "pod-security.kubernetes.io/audit": POD_SECURITY_LEVEL,
      },
    },
  } as const satisfies types.input.core.v1.Namespace;
}
