import { gpuProductLabel } from "../../components/gpu-product-label";
import { GPU_PRODUCT_LABEL, GPU_RESOURCE } from "../../components/kubernetes-object";
import { gpusPerReplica } from "../../components/vllm/engine-resources";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { check, field, list, textAt, type Ask, type Check } from "./checks";
import { controllerChecks, type GatewayNeeds } from "./cluster-controllers";
import { driverCheck } from "./cluster-driver";
import { gibOf, storageChecks } from "./cluster-storage";

/** What of a stack's settings decides what its cluster has to have. */
export interface ClusterNeeds {
  readonly gateway: GatewayNeeds;
  readonly namespace: string;
  /** Of the engine. */
  readonly image: string;
  /** Claim with the weights; absent: replicas download them. */
  readonly claim: string | undefined;
}

/** What a cluster that is there already says about a plan: cards, taints, drivers, the gateway's controllers. */
export async function clusterChecks(plan: FeasiblePlan, needs: ClusterNeeds, ask: Ask): Promise<Check[]> {
  return [...(await nodeChecks(plan, needs, ask)), ...(await controllerChecks(needs.gateway, ask))];
}

interface GpuNode {
  readonly name: string;
  readonly product: string;
  readonly gpus: number;
  readonly driver: string | undefined;
  /** Disk for pods; undefined where the node does not say. */
  readonly ephemeralGiB: number | undefined;
  /** Taints that the engine's pods do not tolerate. */
  readonly taints: readonly string[];
}

async function nodeChecks(plan: FeasiblePlan, needs: ClusterNeeds, ask: Ask): Promise<Check[]> {
  let nodes: readonly GpuNode[] = [];
  const read = await check("nodes with cards", async () => {
    nodes = list(await ask("get nodes"), "items").flatMap(gpuNode);
    const kinds = [...new Set(nodes.map(({ product }) => product))].toSorted();
    return nodes.length > 0
      ? { status: "ok", detail: `${nodes.length}, with ${kinds.join(", ")}` }
      : { status: "fails", detail: `none offers ${GPU_RESOURCE}; is the device plugin there?` };
  });
  if (nodes.length === 0) return [read];
  const perReplica = gpusPerReplica(plan);
  const fitting = fittingNodes(plan, nodes).map((node) => ({ ...node, places: Math.floor(node.gpus / perReplica) }));
  return [
    read,
    placesCheck(plan, nodes),
    // Where none has the card, of all: they are what somebody will look at.
    driverCheck(
      (fitting.length === 0 ? nodes : fitting).map(({ driver }) => driver),
      needs.image,
    ),
    ...(fitting.length === 0 ? [] : await storageChecks(plan, fitting, needs, ask)),
  ];
}

/** Nodes with the plan's card. */
function fittingNodes({ hardware }: FeasiblePlan, nodes: readonly GpuNode[]): GpuNode[] {
  return nodes.filter(({ product }) => product === gpuProductLabel(hardware.gpu));
}

/** Replicas that the cards of the plan's kind have room for, one after the other on each node. */
function placesCheck(plan: FeasiblePlan, nodes: readonly GpuNode[]): Check {
  const { hardware } = plan;
  const product = gpuProductLabel(hardware.gpu);
  const perReplica = gpusPerReplica(plan);
  const fitting = fittingNodes(plan, nodes);
  const open = fitting.filter(({ taints }) => taints.length === 0);
  const places = open.reduce((sum, { gpus }) => sum + Math.floor(gpus / perReplica), 0);
  const name = "places for replicas";
  const wanted = `${hardware.replicas} of ${perReplica} x ${product}`;
  const closed = fitting.flatMap((node) => node.taints.map((taint) => `${node.name} has the taint ${taint}`));
  if (places >= hardware.replicas) {
    return { name, status: "ok", detail: `${places}, wanted ${wanted}, before what already runs` };
  }
  const why = [`${places}, wanted ${wanted}`, ...closed].join("; ");
  return { name, status: "fails", detail: fitting.length === 0 ? `no node has ${product}; wanted ${wanted}` : why };
}

function gpuNode(node: unknown): GpuNode[] {
  const gpus = Number(field(node, "status", "allocatable", GPU_RESOURCE) ?? 0);
  if (!(gpus > 0)) return [];
  const labels = field(node, "metadata", "labels");
  const label = (key: string): string | undefined => textAt(labels, key);
  const version = ["major", "minor", "rev"].map((part) => label(`nvidia.com/cuda.driver.${part}`));
  const taints = list(node, "spec", "taints").filter((taint) => {
    const effect = field(taint, "effect");
    return field(taint, "key") !== GPU_RESOURCE && (effect === "NoSchedule" || effect === "NoExecute");
  });
  return [
    {
      name: textAt(node, "metadata", "name") ?? "one without a name",
      product: label(GPU_PRODUCT_LABEL) ?? `cards without the label ${GPU_PRODUCT_LABEL}`,
      gpus,
      driver: version[0] === undefined ? undefined : version.filter((part) => part !== undefined).join("."),
      ephemeralGiB: gibOf(field(node, "status", "allocatable", "ephemeral-storage")),
      taints: taints.flatMap((taint) => textAt(taint, "key") ?? []),
    },
  ];
}
