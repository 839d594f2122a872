import type { types } from "@pulumi/kubernetes";
import { instanceLabels } from "./kubernetes-object";
import type { ServingOptions } from "./serving-options";

const POD_SECURITY_LEVEL = "restricted";

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
