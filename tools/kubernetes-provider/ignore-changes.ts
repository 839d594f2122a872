import { isJsonObject, type Json, type JsonObject, type KubeObject, listAt, stringAt, valueAt } from "./kube-object";
import { parsePath, type PathStep } from "./path";

/**
 * Leaves fields alone that the program is told to ignore: one that another manager owns is not applied at all, any
 * other keeps its live value.
 */
export function withIgnored(
  inputs: JsonObject,
  live: KubeObject,
  ignoreChanges: readonly string[],
  manager: string,
): JsonObject {
  let result = inputs;
  for (const ignored of ignoreChanges) {
    const path = parsePath(ignored);
    const value = valueAt(live, ...path);
    if (owns(live, path, (name) => name !== manager) && !owns(live, path, (name) => name === manager)) {
      result = changed(result, path, undefined);
    } else if (isJson(value)) {
      result = changed(result, path, value);
    }
  }
  return result;
}

/** Whether a field manager that satisfies the test owns the field, by the object's managed fields. */
function owns(live: KubeObject, path: readonly PathStep[], test: (manager: string) => boolean): boolean {
  // Managed fields name items of lists by their keys, not by their places: such paths are nobody's.
  if (path.some((step) => typeof step === "number")) return false;
  return listAt(live, "metadata", "managedFields").some((entry) => {
    const fields = valueAt(entry, "fieldsV1");
    return test(stringAt(entry, "manager") ?? "") && valueAt(fields, ...path.map((step) => `f:${step}`)) !== undefined;
  });
}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}

/** A copy with the value at a path set, or removed; a path that leads nowhere changes nothing. */
function changed(object: JsonObject, path: readonly PathStep[], value: Json | undefined): JsonObject {
  const [step, ...rest] = path;
  if (typeof step !== "string") return object;
  if (rest.length === 0) return { ...object, [step]: value };
  const inner = object[step];
  return isJsonObject(inner) ? { ...object, [step]: changed(inner, rest, value) } : object;
}
