import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, parseAllDocuments, stringify } from "yaml";
import { KUBERNETES_VERSION } from "../engine/go-tools";
import type { ClusterTools } from "../engine/prepare";

/** The ports of the cluster's components, by the name of kwokctl's option. */
export const PORT_OPTIONS = [
  "kubeApiserverPort",
  "etcdPort",
  "etcdPeerPort",
  "kubeControllerManagerPort",
  "kubeSchedulerPort",
  "kwokControllerPort",
] as const;

/** kwokctl's configuration: processes of our own building, on ports of our own choosing, on 127.0.0.1 alone. */
export function kwokConfig(tools: ClusterTools, ports: readonly number[]): string {
  return stringify({
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      bindAddress: "127.0.0.1",
      kubeVersion: `v${KUBERNETES_VERSION}`,
      ...Object.fromEntries(PORT_OPTIONS.map((option, index) => [option, ports[index]])),
      etcdBinary: join(tools.kubernetesBin, "etcd"),
      kubeApiserverBinary: join(tools.kubernetesBin, "kube-apiserver"),
      kubeControllerManagerBinary: join(tools.kubernetesBin, "kube-controller-manager"),
      kubeSchedulerBinary: join(tools.kubernetesBin, "kube-scheduler"),
      kwokControllerBinary: join(tools.kwokBin, "kwok"),
    },
  });
}

/** The ports that an existing cluster was made with, from the file that kwokctl keeps of it. */
export function portsOf(clusterFile: string): number[] {
  const [first] = parseAllDocuments(readFileSync(clusterFile, "utf8"));
  const options = first?.get("options");
  if (!isMap(options)) return [];
  return PORT_OPTIONS.flatMap((name) => {
    const value = options.get(name, true);
    return isScalar(value) && typeof value.value === "number" ? [value.value] : [];
  });
}
