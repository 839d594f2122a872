import type { types } from "@pulumi/kubernetes";
import { instanceLabels } from "../kubernetes-object";
import type { ServingOptions } from "../serving-options";
import type { NodeSource } from "./model-source";

/**
 * A local volume is as large as its disk: size is compared between volume and claim alone, and a claim cannot become
 * smaller when the weights do.
 */
export const NOMINAL_SIZE = "1Gi";

/** By which the engine's pods, which may mount no folder of their node, read the one that holds the weights. */
export function weightsClaim(options: ServingOptions, { claim, volume }: NodeSource) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: claim, namespace: options.namespace, labels: instanceLabels(options.name, "model-cache") },
    spec: {
      accessModes: ["ReadOnlyMany"],
      // None, in words: left out it would be the cluster's default, which makes a disk.
      storageClassName: "",
      volumeName: volume,
      resources: { requests: { storage: NOMINAL_SIZE } },
    },
  } as const satisfies types.input.core.v1.PersistentVolumeClaim;
}
