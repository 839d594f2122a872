import { gpuProductLabel } from "../components/gpu-product-label";
import { GPU_PRODUCT_LABEL, GPU_RESOURCE } from "../components/kubernetes-object";
import type { FeasiblePlan } from "../sizing/serving-plan";
import { check, field, list, type Ask, type Check } from "./checks";

/** Definitions without which the gateway's objects are not taken. */
const DEFINITIONS = [
  "gateways.gateway.networking.k8s.io",
  "backends.gateway.envoyproxy.io",
  "aigatewayroutes.aigateway.envoyproxy.io",
] as const;

/** What a cluster that is there already says about a plan: cards, taints, drivers, the gateway's controllers. */
export async function clusterChecks(plan: FeasiblePlan, gatewayClass: string, ask: Ask): Promise<Check[]> {
  return [
    ...(await nodeChecks(plan, ask)),
    ...(await Promise.all(DEFINITIONS.map((definition) => definitionCheck(definition, ask)))),
    await classCheck(gatewayClass, ask),
  ];
}

interface GpuNode {
  readonly name: string;
  readonly product: string;
  readonly gpus: number;
  readonly driver: string | undefined;
  /** Taints that the engine's pods do not tolerate. */
  readonly taints: readonly string[];
}

async function nodeChecks(plan: FeasiblePlan, ask: Ask): Promise<Check[]> {
  let nodes: readonly GpuNode[] = [];
  const read = await check("nodes with cards", async () => {
    nodes = list(await ask("get nodes"), "items").flatMap(gpuNode);
    const kinds = [...new Set(nodes.map(({ product }) => product))].toSorted();
    return nodes.length > 0
      ? { status: "ok", detail: `${nodes.length}, with ${kinds.join(", ")}` }
      : { status: "fails", detail: `none offers ${GPU_RESOURCE}; is the device plugin there?` };
  });
  return nodes.length === 0 ? [read] : [read, placesCheck(plan, nodes), driverCheck(nodes)];
}

/** Replicas that the cards of the plan's kind have room for, one after the other on each node. */
function placesCheck({ hardware }: FeasiblePlan, nodes: readonly GpuNode[]): Check {
  const product = gpuProductLabel(hardware.gpu);
  const perReplica = hardware.tensorParallel * hardware.pipelineParallel;
  const fitting = nodes.filter((node) => node.product === product);
  const open = fitting.filter(({ taints }) => taints.length === 0);
  const places = open.reduce((sum, { gpus }) => sum + Math.floor(gpus / perReplica), 0);
  const name = "places for replicas";
  const wanted = `${hardware.replicas} of ${perReplica} x ${product}`;
  const closed = fitting.flatMap((node) => node.taints.map((taint) => `${node.name} has the taint ${taint}`));
  if (places >= hardware.replicas) return { name, status: "ok", detail: `${places}, wanted ${wanted}` };
  const why = [`${places}, wanted ${wanted}`, ...closed].join("; ");
  return { name, status: "fails", detail: fitting.length === 0 ? `no node has ${product}; wanted ${wanted}` : why };
}

function driverCheck(nodes: readonly GpuNode[]): Check {
  const known = [...new Set(nodes.flatMap(({ driver }) => driver ?? []))].toSorted();
  return known.length === 0
    ? { name: "driver", status: "unknown", detail: "no node says its version; GPU feature discovery would" }
    : { name: "driver", status: "ok", detail: known.join(", ") };
}

function gpuNode(node: unknown): GpuNode[] {
  const gpus = Number(field(node, "status", "allocatable", GPU_RESOURCE) ?? 0);
  if (!(gpus > 0)) return [];
  const labels = field(node, "metadata", "labels");
  const label = (key: string): string | undefined => textIn(labels, key);
  const version = ["major", "minor", "rev"].map((part) => label(`nvidia.com/cuda.driver.${part}`));
  const taints = list(node, "spec", "taints").filter((taint) => {
    const effect = field(taint, "effect");
    return field(taint, "key") !== GPU_RESOURCE && (effect === "NoSchedule" || effect === "NoExecute");
  });
  return [
    {
      name: nameOf(node),
      product: label(GPU_PRODUCT_LABEL) ?? `cards without the label ${GPU_PRODUCT_LABEL}`,
      gpus,
      driver: version[0] === undefined ? undefined : version.filter((part) => part !== undefined).join("."),
      taints: taints.flatMap((taint) => textIn(taint, "key") ?? []),
    },
  ];
}

function nameOf(object: unknown): string {
  return textIn(object, "metadata", "name") ?? "one without a name";
}

function textIn(value: unknown, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === "string" ? found : undefined;
}

function definitionCheck(definition: string, ask: Ask): Promise<Check> {
  return check(definition, async () => {
    const found = list(await ask("get customresourcedefinitions"), "items");
    const names = found.map((one) => field(one, "metadata", "name"));
    return names.includes(definition)
      ? { status: "ok", detail: "is defined" }
      : { status: "fails", detail: "is not defined; install Envoy Gateway and Envoy AI Gateway" };
  });
}

function classCheck(name: string, ask: Ask): Promise<Check> {
  return check(`GatewayClass ${name}`, async () => {
    const classes = list(await ask("get gatewayclasses"), "items");
    const found = classes.find((one) => field(one, "metadata", "name") === name);
    if (found === undefined) {
      const others = classes.map(nameOf).toSorted();
      const known = others.length === 0 ? "there is none" : `there is ${others.join(", ")}`;
      return { status: "fails", detail: `is not there (${known}); set fitserve:gatewayClass or createGatewayClass` };
    }
    const accepted = list(found, "status", "conditions").some(
      (condition) => field(condition, "type") === "Accepted" && field(condition, "status") === "True",
    );
    return accepted
      ? { status: "ok", detail: "is accepted by its controller" }
      : { status: "fails", detail: "is not accepted; does its controller run?" };
  });
}
