import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { isJsonObject, type Json, type JsonObject } from "./kube-object";

// How Pulumi writes what JSON has no words for, inside the structures of its protocol.
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** The string that stands for a value which only an update will tell. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// Engines written in Go use one sentinel for each type of unknown value.
const UNKNOWNS: ReadonlySet<unknown> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads a structure of the protocol; members that are null are left out, as Pulumi's own providers do. */
export function fromStruct(struct: Struct | undefined): JsonObject {
  return struct === undefined ? {} : withoutNulls(struct.toJavaScript());
}

export function toStruct(object: JsonObject): Struct {
  return Struct.fromJavaScript(withoutNulls(object));
}

function withoutNulls(object: { readonly [key: string]: unknown }): Record<string, JavaScriptValue & Json> {
  const entries = Object.entries(object).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, cleaned(value)]));
}

function cleaned(value: unknown): JavaScriptValue & Json {
  if (Array.isArray(value)) return value.map(cleaned);
  if (isJsonObject(value)) return withoutNulls(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}

export function secret(value: Json): JsonObject {
  return isJsonObject(value) && isSecret(value) ? value : { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

export function isSecret(value: unknown): boolean {
  return isJsonObject(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

export function isUnknown(value: unknown): boolean {
  return UNKNOWNS.has(value);
}

/** Whether a value is or holds one that satisfies the test. */
function holds(value: unknown, test: (value: unknown) => boolean): boolean {
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((item) => holds(item, test));
  return isJsonObject(value) && Object.values(value).some((member) => holds(member, test));
}

export function hasUnknown(value: unknown): boolean {
  return holds(value, isUnknown);
}

export function hasSecret(value: unknown): boolean {
  return holds(value, isSecret);
}

/** The value with each secret in it laid open, however deep, as the API server has to see it. */
export function reveal(value: Json | undefined): Json {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(reveal);
  if (!isJsonObject(value)) return value;
  return isSecret(value) ? reveal(value["value"]) : revealObject(value);
}

export function revealObject(object: JsonObject): JsonObject {
  if (isSecret(object)) {
    const inner = reveal(object);
    return isJsonObject(inner) ? inner : {};
  }
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, reveal(value)]));
}

/**
 * Marks as secret in `outputs` what was secret in `inputs`: members one by one where both are objects, else whole.
 * An array with one secret in it becomes secret as a whole, because its items may have moved.
 */
export function markSecrets(outputs: JsonObject, inputs: JsonObject): JsonObject {
  if (outputs["kind"] === "Secret") return markKubernetesSecret(outputs);
  const marked: JsonObject = { ...outputs };
  for (const [key, input] of Object.entries(inputs)) {
    const output = outputs[key];
    if (output === undefined || isSecret(output)) continue;
    if (isJsonObject(output) && isJsonObject(input) && !isSecret(input)) marked[key] = markSecrets(output, input);
    else if (hasSecret(input)) marked[key] = secret(output);
  }
  return marked;
}

// What a Kubernetes Secret holds is never shown, whether or not the program said so.
function markKubernetesSecret(outputs: JsonObject): JsonObject {
  const marked: JsonObject = { ...outputs };
  for (const key of ["data", "stringData"]) {
    const value = outputs[key];
    if (value !== undefined) marked[key] = secret(value);
  }
  return marked;
}

const DASHED = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];
const TO_DASHED = new Map(DASHED.map((key) => [key.replaceAll("-", "_"), key]));
const TO_UNDERSCORED = new Map(DASHED.map((key) => [key, key.replaceAll("-", "_")]));

/** The names of the API server for keys that Pulumi's SDKs spell with underscores. */
export function withDashedKeys(object: JsonObject): JsonObject {
  return renameKeys(object, TO_DASHED);
}

/** The reverse of {@link withDashedKeys}, for outputs. */
export function withUnderscoredKeys(object: JsonObject): JsonObject {
  return renameKeys(object, TO_UNDERSCORED);
}

function renameKeys(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const renamed = (value: Json | undefined): Json | undefined => {
    if (Array.isArray(value)) return value.map((item) => renamed(item) ?? null);
    return isJsonObject(value) ? renameKeys(value, names) : value;
  };
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [names.get(key) ?? key, renamed(value)]));
}
