import { type JsonObject, stringAt } from "./kube-object";

/** Says that this provider chose the name, so that a replacement may choose another. */
export const AUTONAMED = "pulumi.com/autonamed";
/** Do not wait until the resource is ready. */
export const SKIP_AWAIT = "pulumi.com/skipAwait";
/** Wait for these conditions or JSONPath values. */
export const WAIT_FOR = "pulumi.com/waitFor";
/** A Job that is not done at the next update is made anew. */
export const REPLACE_UNREADY = "pulumi.com/replaceUnready";
/** How long to wait at most, in seconds. */
export const TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds";
/** Take over fields that other field managers own. */
export const PATCH_FORCE = "pulumi.com/patchForce";
/** The field manager to apply as. */
export const PATCH_FIELD_MANAGER = "pulumi.com/patchFieldManager";
/** What a deletion does to dependents: foreground, background or orphan. */
export const DELETION_PROPAGATION = "pulumi.com/deletionPropagationPolicy";

export function annotation(object: JsonObject, name: string): string | undefined {
  return stringAt(object, "metadata", "annotations", name);
}

export function isAnnotated(object: JsonObject, name: string): boolean {
  return annotation(object, name) === "true";
}
