import { setTimeout as delay } from "node:timers/promises";
import { throwIfInterrupted } from "../engine/processes";
import type { KubeApi } from "../kubernetes-provider/kube-api";
import { isNotFound } from "../kubernetes-provider/kube-error";
import { listAt, stringAt, valueAt } from "../kubernetes-provider/kube-object";

const GPU_RESOURCE = "nvidia.com/gpu";
const SETTLE_TIMEOUT_MS = 30_000;
const SETTLE_POLL_MS = 300;

/** Where a pod of the engine is, and how many GPUs it holds. */
export interface PodPlacement {
  readonly name: string;
  readonly namespace: string;
  readonly phase: string;
  readonly node: string | undefined;
  readonly gpus: number;
}

/** The engine's pods, waited for until each runs on a node that exists, or for as long as that is worth. */
export async function settledPods(api: KubeApi): Promise<PodPlacement[]> {
  for (let waited = 0; ; waited += SETTLE_POLL_MS) {
    const [pods, nodes] = await Promise.all([enginePods(api), nodeNames(api)]);
    const lost = pods.filter((pod) => pod.node !== undefined && !nodes.has(pod.node));
    const settled = pods.every((pod) => pod.phase === "Running") && lost.length === 0;
    if (settled || waited >= SETTLE_TIMEOUT_MS) return pods;
    await Promise.all(lost.map((pod) => removePod(api, pod)));
    throwIfInterrupted();
    await delay(SETTLE_POLL_MS);
  }
}

/** The engine's pods that fitserve deployed, in any namespace, without those that are being ended. */
export async function enginePods(api: KubeApi): Promise<PodPlacement[]> {
  const labelSelector = "app.kubernetes.io/managed-by=fitserve,app.kubernetes.io/name=vllm";
  const list = await api.get("/api/v1/pods", { query: { labelSelector } });
  return listAt(list, "items")
    .filter((pod) => stringAt(pod, "metadata", "deletionTimestamp") === undefined)
    .map((pod) => ({
      name: stringAt(pod, "metadata", "name") ?? "pod",
      namespace: stringAt(pod, "metadata", "namespace") ?? "default",
      phase: stringAt(pod, "status", "phase") ?? "Unknown",
      node: stringAt(pod, "spec", "nodeName"),
      gpus: listAt(pod, "spec", "containers").reduce<number>((sum, container) => sum + gpuLimit(container), 0),
    }));
}

async function nodeNames(api: KubeApi): Promise<Set<string>> {
  const list = await api.get("/api/v1/nodes");
  return new Set(listAt(list, "items").map((node) => stringAt(node, "metadata", "name") ?? ""));
}

// A machine takes its pods with it when it goes. Kubernetes notices only after a minute, since a node may come back.
async function removePod(api: KubeApi, pod: PodPlacement): Promise<void> {
  try {
    await api.delete(`/api/v1/namespaces/${pod.namespace}/pods/${pod.name}`, { query: { gracePeriodSeconds: "0" } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function gpuLimit(container: unknown): number {
  const limit = valueAt(container, "resources", "limits", GPU_RESOURCE);
  return Number(typeof limit === "string" || typeof limit === "number" ? limit : 0);
}
