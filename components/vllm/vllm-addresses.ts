import type { ServingOptions } from "../serving-options";

/** Port of the engine's API, metrics and health. */
export const ENGINE_PORT = 8000;

/** Service whose name resolves to every replica that is ready. */
export function replicasServiceName(options: ServingOptions): string {
  return `${options.name}-replicas`;
}

/** Name of the engine's Service in the cluster's DNS: one address for all replicas. */
export function engineHost(options: ServingOptions): string {
  return inClusterDns(options.name, options);
}

/** Name in the cluster's DNS that resolves to every replica that is ready. */
export function replicasHost(options: ServingOptions): string {
  return inClusterDns(replicasServiceName(options), options);
}

function inClusterDns(service: string, options: ServingOptions): string {
  return `${service}.${options.namespace}.svc.cluster.local`;
}
