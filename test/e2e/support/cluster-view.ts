import type { Places } from "../../../tools/cluster/places";
import { Discovery, collectionPath } from "../../../tools/kubernetes-provider/discovery";
import { KubeApi } from "../../../tools/kubernetes-provider/kube-api";
import { loadKubeConfig } from "../../../tools/kubernetes-provider/kube-config";
import { listAt, stringAt } from "../../../tools/kubernetes-provider/kube-object";
import { enginePods, type PodPlacement } from "../../../tools/local/pods";

/** Asks the clone's API server itself, past every tool under test. */
export async function withApi<Answer>(places: Places, ask: (api: KubeApi) => Promise<Answer>): Promise<Answer> {
  const api = new KubeApi(loadKubeConfig({ kubeconfig: places.kubeconfig, context: places.context }));
  try {
    return await ask(api);
  } finally {
    api.close();
  }
}

export function podsOf(places: Places): Promise<PodPlacement[]> {
  return withApi(places, enginePods);
}

export interface SimulatedNode {
  readonly name: string;
  readonly gpus: number;
  readonly taints: readonly string[];
}

export function simulatedNodes(places: Places): Promise<SimulatedNode[]> {
  return withApi(places, async (api) => {
    const list = await api.get("/api/v1/nodes", { query: { labelSelector: "fitserve.dev/simulated=true" } });
    return listAt(list, "items").map((node) => ({
      name: stringAt(node, "metadata", "name") ?? "",
      gpus: Number(stringAt(node, "status", "allocatable", "nvidia.com/gpu") ?? 0),
      taints: listAt(node, "spec", "taints").map((taint) => `${stringAt(taint, "key")}:${stringAt(taint, "effect")}`),
    }));
  });
}

/** Names of all objects of a kind that fitserve manages. */
export function managedObjects(places: Places, apiVersion: string, kind: string): Promise<string[]> {
  return withApi(places, async (api) => {
    const found = await new Discovery(api).find(apiVersion, kind);
    const path = collectionPath({ ...found, namespaced: false }, undefined);
    const list = await api.get(path, { query: { labelSelector: "app.kubernetes.io/managed-by=fitserve" } });
    return listAt(list, "items").map((object) => stringAt(object, "metadata", "name") ?? "");
  });
}

/** The engine's deployment: its identity, and its containers as text. */
export function engineDeployment(places: Places): Promise<{ uid: string | undefined; containers: string }> {
  return withApi(places, async (api) => {
    const query = { labelSelector: "app.kubernetes.io/managed-by=fitserve" };
    const [deployment] = listAt(await api.get("/apis/apps/v1/deployments", { query }), "items");
    const containers = listAt(deployment, "spec", "template", "spec", "containers");
    return { uid: stringAt(deployment, "metadata", "uid"), containers: JSON.stringify(containers) };
  });
}
