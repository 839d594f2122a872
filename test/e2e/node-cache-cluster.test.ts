import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  copyAccount,
  copyDaemonSet,
  copyScript,
  nodeCacheNamespace,
  nodeModel,
  weightsVolume,
} from "../../components/aws/cache/node-cache.manifest";
import { simulatedNodes } from "../../components/gpu-node-group.manifest";
import { GPU_PRODUCT_LABEL, GPU_RESOURCE, POOL_LABEL, type KubernetesObject } from "../../components/kubernetes-object";
import { servingNamespace } from "../../components/namespace.manifest";
import { servingOptions } from "../../components/serving-options";
import { engineDeployment, engineServiceAccount } from "../../components/vllm/vllm-deployment.manifest";
import { weightsClaim } from "../../components/vllm/weights-claim.manifest";
import { deleteCluster, ensureCluster } from "../../tools/cluster/cluster";
import { placesOf, type Places } from "../../tools/cluster/places";
import { builtClusterTools, buildTools, type ClusterTools } from "../../tools/engine/prepare";
import { Discovery, objectPath } from "../../tools/kubernetes-provider/discovery";
import { isNotFound } from "../../tools/kubernetes-provider/kube-error";
import {
  type JsonObject,
  type KubeObject,
  listAt,
  stringAt,
  valueAt,
} from "../../tools/kubernetes-provider/kube-object";
import { awsPlan } from "../support/aws-settings";
import { withApi } from "./support/cluster-view";

const GO_MODULES = join(resolve(__dirname, "..", ".."), "tools", "go");
const WAIT = { timeout: 180_000, interval: 250 };

const plan = awsPlan({ nodes: 2, replicas: 2 });
const { checkpoint } = plan.model;
if (checkpoint === undefined) throw new Error("the plan has no weights");

const base = servingOptions(plan);
const nodes = simulatedNodes(plan, base).map(withRoomForOne);
/** A node with cards that is of another pool. */
const stranger = otherPool(nodes[0]);
const pool = { [POOL_LABEL]: base.namespace, [GPU_PRODUCT_LABEL]: nodes[0]?.metadata.labels[GPU_PRODUCT_LABEL] ?? "" };
const source = nodeModel(base, checkpoint);
const options = { ...base, nodeSelector: pool, modelSource: source };
const copies = copyDaemonSet(plan, options, "models", checkpoint);
const engine = engineDeployment(plan, options);

function judged(spec: object, namespace: string): KubernetesObject {
  return Object.assign({ apiVersion: "v1", kind: "Pod", metadata: { name: "judged", namespace } }, { spec });
}

/** Cards for one engine: where each has room for both, the scheduler may put them together. */
function withRoomForOne(node: ReturnType<typeof simulatedNodes>[number]) {
  const cards = { [GPU_RESOURCE]: String(plan.hardware.tensorParallel) };
  const { capacity, allocatable } = node.status;
  return {
    ...node,
    status: { ...node.status, capacity: { ...capacity, ...cards }, allocatable: { ...allocatable, ...cards } },
  };
}

function otherPool(node: (typeof nodes)[number] | undefined) {
  if (node === undefined) throw new Error("the plan has no nodes");
  const labels = { ...node.metadata.labels, [POOL_LABEL]: "another", "kubernetes.io/hostname": "stranger" };
  return { ...node, metadata: { ...node.metadata, name: "stranger", labels } };
}

// The scheduler, the binding of volumes and the pod security are Kubernetes' own; kwok plays the kubelets.
describe("weights on the nodes' own disks, on a cluster", () => {
  let places: Places;
  let tools: ClusterTools | undefined;

  beforeAll(async () => {
    await buildTools(GO_MODULES);
    tools = builtClusterTools(GO_MODULES);
    if (tools === undefined) throw new Error("the cluster's tools are not built");
    places = placesOf(realpathSync(mkdtempSync(join(tmpdir(), "fitserve-node-cache-"))));
    await ensureCluster(places, tools);
    const claimed = [weightsVolume(options, source), weightsClaim(options, source)];
    const copying = [nodeCacheNamespace(options), copyAccount(options), copyScript(options), copies];
    const serving = [servingNamespace(options), engineServiceAccount(plan, options)];
    for (const object of [...nodes, stranger, ...serving, ...claimed, ...copying, engine]) await apply(object);
  }, 3_600_000);

  afterAll(async () => {
    await deleteCluster(places, tools);
    rmSync(places.clone, { recursive: true, force: true });
  });

  async function pathOf({ apiVersion, kind, metadata }: KubernetesObject): Promise<string> {
    return withApi(places, async (api) =>
      objectPath(await new Discovery(api).find(apiVersion, kind), metadata.namespace, metadata.name),
    );
  }

  async function apply(object: KubernetesObject, dryRun = false): Promise<KubeObject> {
    const path = await pathOf(object);
    const { apiVersion, kind, metadata, ...rest } = object;
    const body: JsonObject = { ...rest, apiVersion, kind, metadata: { ...metadata } };
    return withApi(places, (api) => api.apply(path, body, { fieldManager: "node-cache-test", force: true, dryRun }));
  }

  async function live(object: KubernetesObject): Promise<KubeObject> {
    const path = await pathOf(object);
    return withApi(places, (api) => api.get(path));
  }

  async function nodesOfPods(namespace: string): Promise<string[]> {
    const list = await withApi(places, (api) => api.get(`/api/v1/namespaces/${namespace}/pods`));
    return listAt(list, "items")
      .map((pod) => stringAt(pod, "spec", "nodeName") ?? "")
      .toSorted();
  }

  it("claim and volume are bound to each other, though the nodes of the volume are many", async () => {
    const phase = async (object: KubernetesObject) => stringAt(await live(object), "status", "phase");
    await vi.waitFor(async () => expect(await phase(weightsClaim(options, source))).toBe("Bound"), WAIT);
    expect(stringAt(await live(weightsClaim(options, source)), "spec", "volumeName")).toBe(source.volume);
    expect(await phase(weightsVolume(options, source))).toBe("Bound");
  });

  it("each GPU node of the pool has a copy, and a node of another pool has none", async () => {
    const wanted = nodes.map(({ metadata }) => metadata.name).toSorted();
    await vi.waitFor(async () => expect(await nodesOfPods("fitserve-node-cache")).toEqual(wanted), WAIT);
  });

  it("engines on two nodes use the one claim at the same time", async () => {
    const wanted = nodes.map(({ metadata }) => metadata.name).toSorted();
    await vi.waitFor(async () => expect(await nodesOfPods("fitserve")).toEqual(wanted), WAIT);
  });

  it("the engine's pod is admitted as restricted; the pod that copies is not, but is in its own namespace", async () => {
    const [serving, copying] = [engine.spec.template.spec, copies.spec.template.spec];
    for (const pod of [judged(serving, "fitserve"), judged(copying, "fitserve-node-cache")]) {
      expect(valueAt(await apply(pod, true), "metadata", "name")).toBe("judged");
    }
    // Of an account that is there: it is asked for first.
    const elsewhere = judged({ ...copying, serviceAccountName: options.name }, "fitserve");
    await expect(apply(elsewhere, true)).rejects.toThrow(/violates PodSecurity "restricted[^]*hostPath/);
  });

  it("nothing is left when engine, claim and volume have gone, in this order", async () => {
    for (const object of [engine, weightsClaim(options, source), weightsVolume(options, source)]) {
      const path = await pathOf(object);
      const foreground: JsonObject = { propagationPolicy: "Foreground" };
      await withApi(places, (api) => api.delete(path, { body: foreground }));
      await vi.waitFor(async () => {
        const gone = await live(object).then(
          () => false,
          (error: unknown) => isNotFound(error),
        );
        expect(gone).toBe(true);
      }, WAIT);
    }
  });
});
