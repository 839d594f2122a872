import { Cluster } from "./cluster";
import { KubeApi } from "./kube-api";
import { contextNamespace, loadKubeConfig } from "./kube-config";
import { messageOf } from "./kube-error";
import type { ProviderSettings } from "./settings";

/** A cluster that answers, or why there is none. */
export type Connection = { readonly cluster: Cluster } | { readonly cluster: undefined; readonly reason: string };

/** Connects to the cluster that the settings name, and makes sure that it answers. */
export async function connect(settings: ProviderSettings): Promise<Connection> {
  try {
    const config = loadKubeConfig(settings);
    const api = new KubeApi(config);
    await api.request("GET", "/api/v1");
    return { cluster: new Cluster(api, settings.namespace ?? contextNamespace(config) ?? "default") };
  } catch (error) {
    return { cluster: undefined, reason: messageOf(error) };
  }
}
