import { createHash } from "node:crypto";
import { AUTONAMED, isAnnotated, PATCH_FIELD_MANAGER, annotation } from "./annotations";
import { isJsonObject, type JsonObject, stringAt } from "./kube-object";

/** How the engine wants automatic names, where the user configured them. */
export interface Autonaming {
  readonly proposedName: string;
  readonly disabled: boolean;
}

const SUFFIX_LENGTH = 8;

/** Gives inputs without a name one: `<name>-<8 hex>` from the engine's seed, so that preview and update agree. */
export function assignName(inputs: JsonObject, name: string, seed: Uint8Array, autonaming?: Autonaming): JsonObject {
  if (stringAt(inputs, "metadata", "name") !== undefined) return inputs;
  if (autonaming?.disabled === true) {
    throw new Error("automatic names are switched off for this resource: set `metadata.name`");
  }
  const suffix = createHash("sha512").update(seed).digest("hex").slice(0, SUFFIX_LENGTH);
  return withAutomaticName(inputs, autonaming?.proposedName ?? `${name}-${suffix}`);
}

/** Keeps the automatic name that an object got before. */
export function adoptName(inputs: JsonObject, old: JsonObject): JsonObject {
  const oldName = stringAt(old, "metadata", "name");
  const named = stringAt(inputs, "metadata", "name") !== undefined;
  return named || oldName === undefined || !isAnnotated(old, AUTONAMED) ? inputs : withAutomaticName(inputs, oldName);
}

function withAutomaticName(inputs: JsonObject, name: string): JsonObject {
  const metadata = isJsonObject(inputs["metadata"]) ? inputs["metadata"] : {};
  const annotations = isJsonObject(metadata["annotations"]) ? metadata["annotations"] : {};
  return { ...inputs, metadata: { ...metadata, name, annotations: { ...annotations, [AUTONAMED]: "true" } } };
}

/**
 * The field manager to apply as: the user's, else the one in the state, else one made of the URN. That it does not
 * change from run to run lets an update that was killed be taken up again without a conflict with itself.
 */
export function fieldManager(urn: string, state: JsonObject, inputs: JsonObject): string {
  const chosen = annotation(inputs, PATCH_FIELD_MANAGER);
  if (chosen !== undefined && chosen !== "") return chosen;
  const recorded = state["__fieldManager"];
  if (typeof recorded === "string" && recorded !== "") return recorded;
  return `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, SUFFIX_LENGTH)}`;
}

/** Whether a field manager is this provider, in any of its runs: it may take its own fields over. */
export function isOwnManager(manager: string): boolean {
  return /^pulumi-(?:resource-)?kubernetes(?:\.exe|-[0-9a-f]+)?$/.test(manager);
}
