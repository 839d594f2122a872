import { engineResources } from "../../components/vllm/engine-resources";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { check, field, list, text, type Ask, type Check } from "./checks";

/** The engine's image as it is pulled and as it is unpacked, 13 and 29 GB. Source: vllm-project/vllm #27154, #22377. */
const IMAGE_GIB = 40;

/** What a node says of its disk. */
export interface NodeDisk {
  readonly name: string;
  /** Of the node for pods, GiB; undefined where it does not say. */
  readonly ephemeralGiB: number | undefined;
  /** Replicas that its cards have room for. */
  readonly places: number;
}

interface Storage {
  readonly namespace: string;
  /** Claim with the weights; absent: each replica downloads them to the disk of its node. */
  readonly claim: string | undefined;
}

const GIB_PER_UNIT: Readonly<Record<string, number>> = {
  "": 1 / 2 ** 30,
  Ki: 1 / 2 ** 20,
  Mi: 1 / 2 ** 10,
  Gi: 1,
  Ti: 2 ** 10,
  k: 1e3 / 2 ** 30,
  M: 1e6 / 2 ** 30,
  G: 1e9 / 2 ** 30,
  T: 1e12 / 2 ** 30,
};

/** A quantity of Kubernetes in GiB; undefined for none. */
export function gibOf(quantity: unknown): number | undefined {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([kKMGT]i?)?$/.exec(String(quantity)) ?? [];
  const factor = GIB_PER_UNIT[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** Whether the nodes' disks hold image, weights and what the engine compiles, and whether the claim is there. */
export async function storageChecks(
  plan: FeasiblePlan,
  nodes: readonly NodeDisk[],
  { namespace, claim }: Storage,
  ask: Ask,
): Promise<Check[]> {
  const disk = diskCheck(plan, nodes, claim !== undefined);
  return claim === undefined ? [disk] : [disk, await claimCheck(plan, namespace, claim, ask)];
}

function diskCheck(plan: FeasiblePlan, nodes: readonly NodeDisk[], hasClaim: boolean): Check {
  const name = "disks of the nodes";
  const each = engineResources(plan, { hasWeightsClaim: hasClaim }).cacheGiB;
  const known = nodes.filter(({ ephemeralGiB }) => ephemeralGiB !== undefined);
  if (known.length === 0) return { name, status: "unknown", detail: "no node says how much ephemeral storage it has" };
  // The scheduler knows nothing of images, but the kubelet evicts pods when they fill the disk. What it keeps free is
  // left out of what a node says of itself.
  const room = ({ ephemeralGiB = 0 }: NodeDisk): number => Math.max(0, Math.floor((ephemeralGiB - IMAGE_GIB) / each));
  const places = known.reduce((sum, node) => sum + Math.min(node.places, room(node)), 0);
  const what = hasClaim ? "what an engine compiles" : "weights and what an engine compiles";
  const wanted = `${IMAGE_GIB} GiB for the image and ${each} GiB a replica for ${what}`;
  if (places >= plan.hardware.replicas) return { name, status: "ok", detail: `hold ${places} replicas: ${wanted}` };
  const small = known
    .filter((node) => room(node) < node.places)
    .map(({ name: node, ephemeralGiB = 0 }) => `${node} has ${ephemeralGiB.toFixed(0)} GiB`);
  const fix = hasClaim
    ? "Take larger disks"
    : "Take larger disks, or put the weights on a claim (fitserve:modelCacheClaim)";
  return {
    name,
    status: "fails",
    detail: `hold ${places} of ${plan.hardware.replicas} replicas: ${wanted}; ${small.join("; ")}. ${fix}`,
  };
}

function claimCheck(plan: FeasiblePlan, namespace: string, claim: string, ask: Ask): Promise<Check> {
  return check(`claim ${claim}`, async () => {
    const claims = list(await ask("get persistentvolumeclaims", { namespace }), "items");
    const found = claims.find((one) => field(one, "metadata", "name") === claim);
    if (found === undefined) return { status: "fails", detail: `is not in the namespace ${namespace}; make it first` };
    const phase = text(found, "status", "phase");
    const sizeGiB = gibOf(
      field(found, "status", "capacity", "storage") ?? field(found, "spec", "resources", "requests", "storage"),
    );
    const modes = list(found, "spec", "accessModes").map(String);
    const neededGiB = engineResources(plan).cacheGiB - engineResources(plan, { hasWeightsClaim: true }).cacheGiB;
    const shares = modes.some((mode) => mode === "ReadWriteMany" || mode === "ReadOnlyMany");
    const faults = [
      ...(phase === "Bound" ? [] : await unboundFaults(found, phase, ask)),
      ...(sizeGiB === undefined || sizeGiB >= neededGiB
        ? []
        : [`holds ${sizeGiB.toFixed(0)} GiB, the weights want ${neededGiB}`]),
      ...(plan.hardware.nodes < 2 || shares
        ? []
        : [`is ${modes.join(", ")}, but ${plan.hardware.nodes} nodes read it; wanted ReadWriteMany or ReadOnlyMany`]),
    ];
    return faults.length === 0
      ? { status: "ok", detail: `is ${phase}, ${modes.join(", ")}` }
      : { status: "fails", detail: faults.join("; ") };
  });
}

/** A class that binds with the first pod is no fault; one that nobody knows is. */
async function unboundFaults(claim: unknown, phase: string, ask: Ask): Promise<string[]> {
  const name = field(claim, "spec", "storageClassName");
  const classes = list(await ask("get storageclasses"), "items");
  const found = classes.find((one) => field(one, "metadata", "name") === name);
  if (found === undefined)
    return [`is ${phase}: there is no StorageClass ${typeof name === "string" ? name : "by default"}`];
  return field(found, "volumeBindingMode") === "WaitForFirstConsumer" ? [] : [`is ${phase}`];
}
