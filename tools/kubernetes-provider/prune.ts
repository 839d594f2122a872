import { isJsonObject, type Json, type JsonObject } from "./kube-object";

/**
 * Cuts a live object down to the fields that the inputs name, so that what the cluster fills in is no difference.
 * With `keepOmitted`, zero values of the inputs that the server leaves out count as present.
 */
export function prune(live: JsonObject, shape: JsonObject, keepOmitted = false): JsonObject {
  const pruned: JsonObject = {};
  for (const [key, wanted] of Object.entries(shape)) {
    const value = live[key];
    if (value !== undefined) pruned[key] = pruneValue(value, wanted ?? null, keepOmitted);
    else if (keepOmitted && isZero(wanted)) pruned[key] = wanted;
  }
  return pruned;
}

function pruneValue(live: Json, shape: Json, keepOmitted: boolean): Json {
  if (isJsonObject(live) && isJsonObject(shape)) return prune(live, shape, keepOmitted);
  if (Array.isArray(live) && Array.isArray(shape)) return pruneItems(live, shape, keepOmitted);
  return live;
}

// Items are matched by place; what the cluster appends (sidecars, tokens) falls off at the end.
function pruneItems(live: readonly Json[], shape: readonly Json[], keepOmitted: boolean): Json[] {
  return live.slice(0, shape.length).map((item, index) => pruneValue(item, shape[index] ?? null, keepOmitted));
}

/** Whether a value is one that typed Kubernetes objects leave out when they are written. */
export function isZero(value: unknown): boolean {
  if (value === false || value === "" || value === 0 || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}
