import { setTimeout as delay } from "node:timers/promises";
import { isAnnotated, PATCH_FORCE } from "./annotations";
import type { Cluster } from "./cluster";
import { NoSuchKindError } from "./discovery";
import { ApiError, isConflict, isNotFound } from "./kube-error";
import { isJsonObject, type JsonObject, type KubeObject, stringAt } from "./kube-object";
import { isOwnManager } from "./names";
import { without } from "./normalize";

export interface Applying {
  readonly fieldManager: string;
  readonly preview: boolean;
  readonly signal: AbortSignal;
}

const CREATE_RETRIES = 5;
const FIRST_RETRY_MS = 1000;

/** Applies inputs on the server, or in a preview only asks what would come of it. */
export async function applyInputs(cluster: Cluster, inputs: JsonObject, applying: Applying): Promise<KubeObject> {
  const { path, kind } = await cluster.locate(inputs);
  const object = kind.namespaced ? inputs : withoutNamespace(inputs);
  const options = {
    fieldManager: applying.fieldManager,
    dryRun: applying.preview,
    fieldValidation: "Warn",
    signal: applying.signal,
  } as const;
  const force = isAnnotated(inputs, PATCH_FORCE);
  try {
    return await cluster.api.apply(path, object, { ...options, force });
  } catch (error) {
    if (!isConflict(error) || !(error instanceof ApiError)) throw error;
    if (!conflictsWithOwn(error.message)) throw conflictError(error, applying.fieldManager);
    return cluster.api.apply(path, object, { ...options, force: true });
  }
}

/**
 * Applies inputs that are new. What is created together may arrive in the wrong order (an object before its
 * namespace, a custom resource before its definition), so what is missing is given time to appear.
 */
export async function createObject(cluster: Cluster, inputs: JsonObject, applying: Applying): Promise<KubeObject> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await applyInputs(cluster, inputs, applying);
    } catch (error) {
      const mayAppear = isNotFound(error) || error instanceof NoSuchKindError;
      if (!mayAppear || applying.preview || attempt === CREATE_RETRIES) throw error;
      await delay(FIRST_RETRY_MS * 2 ** attempt, undefined, { signal: applying.signal });
    }
  }
}

/** Replaces a definition as a whole: applied field by field, versions that go would stay behind. */
export async function replaceDefinition(
  cluster: Cluster,
  inputs: JsonObject,
  live: KubeObject,
  applying: Applying,
): Promise<KubeObject> {
  const { path } = await cluster.locate(inputs);
  const metadata = isJsonObject(inputs["metadata"]) ? inputs["metadata"] : {};
  const { resourceVersion } = live.metadata ?? {};
  const object = { ...inputs, metadata: { ...metadata, resourceVersion } };
  return cluster.api.replace(path, object, {
    query: { fieldManager: applying.fieldManager, dryRun: applying.preview ? "All" : undefined },
    signal: applying.signal,
  });
}

/** Gives up the fields that a field manager owns; those that nobody else owns go. */
export async function relinquish(cluster: Cluster, object: JsonObject, applying: Applying): Promise<void> {
  const { path, namespace, name } = await cluster.locate(object);
  const bare: JsonObject = {
    apiVersion: object["apiVersion"],
    kind: object["kind"],
    metadata: namespace === undefined ? { name } : { name, namespace },
  };
  await cluster.api.apply(path, bare, { fieldManager: applying.fieldManager, signal: applying.signal });
}

/** Whether a conflict is only with managers whose fields may be taken over. */
function conflictsWithOwn(message: string): boolean {
  const managers = [...message.matchAll(/conflicts? with "([^"]+)"/g)].map((match) => match[1] ?? "");
  return managers.length > 0 && managers.every(isOwnManager);
}

function conflictError(error: ApiError, manager: string): ApiError {
  const text =
    `Server-Side Apply field conflict detected: the resource managed by field manager "${manager}" had an apply ` +
    `conflict: ${error.message}. Set the annotation ${PATCH_FORCE}: "true" to take the fields over, or leave them out.`;
  return new ApiError(error.code, error.reason, text);
}

function withoutNamespace(inputs: JsonObject): JsonObject {
  const { metadata } = inputs;
  if (!isJsonObject(metadata) || stringAt(metadata, "namespace") === undefined) return inputs;
  return { ...inputs, metadata: without(metadata, ["namespace"]) };
}
