/** A value as JSON carries it; Kubernetes objects hold nothing else. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** A Kubernetes object of any kind: what this code reads is typed, the rest is kept untouched. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata?: ObjectMeta;
}

export interface ObjectMeta extends JsonObject {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  deletionTimestamp?: string;
  finalizers?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value names its kind, as each object that the API server sends does. */
export function isKubeObject(value: unknown): value is KubeObject {
  return isJsonObject(value) && typeof value["apiVersion"] === "string" && typeof value["kind"] === "string";
}

/** The value at a path of keys, or undefined where the way there ends early. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const step of path) {
    if (Array.isArray(current) && typeof step === "number") current = current[step];
    else if (isJsonObject(current) && Object.hasOwn(current, step)) current = current[step];
    else return undefined;
  }
  return current;
}

/** The list at a path; an absent or different value reads as no items. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The string at a path, or undefined where there is none. */
export function stringAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The number at a path, or undefined where there is none. */
export function numberAt(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The kind of an object with its version, such as `apps/v1/Deployment`. */
export function kindId(object: JsonObject): string {
  return `${stringAt(object, "apiVersion") ?? ""}/${stringAt(object, "kind") ?? ""}`;
}

/** How an object is called in messages, such as `Deployment default/vllm`. */
export function describe(object: JsonObject): string {
  const namespace = stringAt(object, "metadata", "namespace");
  const name = stringAt(object, "metadata", "name") ?? "";
  return `${stringAt(object, "kind") ?? "object"} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** A value in words: text as it is, anything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
