import { isJsonObject, type Json, type JsonObject, stringAt } from "./kube-object";
import { hasUnknown } from "./properties";
import { canonicalQuantity } from "./quantity";

/** Maps from a resource's name to an amount of it. */
const QUANTITY_MAPS: ReadonlySet<string> = new Set([
  "limits",
  "requests",
  "capacity",
  "allocatable",
  "allocatedResources",
  "hard",
  "overhead",
  "min",
  "max",
  "default",
  "defaultRequest",
  "maxLimitRequestRatio",
]);
const QUANTITIES: ReadonlySet<string> = new Set(["sizeLimit", "divisor"]);

const READ_ONLY_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/**
 * Writes inputs as the API server will, so that an equal wish is never taken for a change: quantities in their one
 * form, a Secret's `stringData` folded into `data`, what only the server writes left out.
 */
export function normalizeInputs(inputs: JsonObject): JsonObject {
  let normal = inputs;
  if (!hasUnknown(inputs) && isBuiltIn(stringAt(inputs, "apiVersion"))) {
    if (isKind(inputs, "v1", "Secret")) normal = normalizeSecret(inputs);
    else if (inputs["kind"] === "CustomResourceDefinition") normal = normalizeDefinition(inputs);
    else normal = normalizeQuantities(inputs);
  }
  const { metadata } = normal;
  if (!isJsonObject(metadata)) return normal;
  return { ...normal, metadata: without(metadata, READ_ONLY_METADATA) };
}

/** Whether an API group comes with Kubernetes: those of custom resources have a domain of their own. */
export function isBuiltIn(apiVersion: string | undefined): boolean {
  if (apiVersion === undefined) return false;
  const [group = "", version] = apiVersion.split("/");
  if (version === undefined || !group.includes(".")) return true;
  return BUILT_IN_GROUPS.has(group);
}

// Gateway API and other projects of Kubernetes have groups under k8s.io too, but serve them as custom resources.
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "internal.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

function isKind(object: JsonObject, apiVersion: string, kind: string): boolean {
  return object["apiVersion"] === apiVersion && object["kind"] === kind;
}

function normalizeSecret(inputs: JsonObject): JsonObject {
  const { data, stringData } = inputs;
  const written: JsonObject = {};
  for (const [key, value] of Object.entries(isJsonObject(data) ? data : {})) {
    written[key] = typeof value === "string" ? reencoded(value) : value;
  }
  if (!isJsonObject(stringData) || Object.keys(stringData).length === 0) {
    return Object.keys(written).length === 0 ? inputs : { ...inputs, data: written };
  }
  for (const [key, value] of Object.entries(stringData)) {
    if (typeof value === "string") written[key] = Buffer.from(value, "utf8").toString("base64");
  }
  return { ...without(inputs, ["stringData"]), data: written };
}

// The server decodes and encodes what it is given, which drops line breaks; what is no base64 it refuses.
function reencoded(text: string): string {
  const compact = text.replaceAll(/\s/g, "");
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact);
  return isBase64 ? compact : text;
}

function normalizeDefinition(inputs: JsonObject): JsonObject {
  const { spec } = inputs;
  const definition = without(inputs, ["status"]);
  // The server drops this deprecated field where it is false.
  if (!isJsonObject(spec) || spec["preserveUnknownFields"] !== false) return definition;
  return { ...definition, spec: without(spec, ["preserveUnknownFields"]) };
}

function normalizeQuantities(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => {
      if (QUANTITY_MAPS.has(key) && isJsonObject(value)) return [key, quantityMap(value)];
      if (QUANTITIES.has(key) && isAmount(value)) return [key, canonicalQuantity(String(value))];
      return [key, normalizedValue(value)];
    }),
  );
}

function normalizedValue(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => normalizedValue(item) ?? null);
  return isJsonObject(value) ? normalizeQuantities(value) : value;
}

function quantityMap(map: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [
      key,
      isAmount(value) ? canonicalQuantity(String(value)) : normalizedValue(value),
    ]),
  );
}

function isAmount(value: Json | undefined): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

export function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
