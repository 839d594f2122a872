import { annotation, DELETION_PROPAGATION, isAnnotated, SKIP_AWAIT } from "../annotations";
import { relinquish } from "../apply";
import { ifExists, NotReadyError, untilDeleted } from "../await";
import { checkpoint, initialApiVersion, parseCheckpoint } from "../checkpoint";
import { NoSuchKindError } from "../discovery";
import { ApiError, isNotFound } from "../kube-error";
import { type JsonObject, kindId } from "../kube-object";
import { fieldManager } from "../names";
import type { Outcome, Session } from "../session";
import { isPatch, parseUrn } from "../urn";

export interface DeleteRequest {
  readonly urn: string;
  readonly id: string;
  readonly properties: JsonObject;
  readonly timeoutSeconds: number;
}

/** Kinds for which `skipAwait` also skips waiting for the deletion. */
const SKIPPABLE: ReadonlySet<string> = new Set([
  "v1/Namespace",
  "v1/Pod",
  "v1/ReplicationController",
  "apps/v1/DaemonSet",
  "apps/v1/Deployment",
  "apps/v1/StatefulSet",
  "batch/v1/Job",
]);

/** Deletes an object and waits until it is gone; undefined means that it is. */
export async function deleteResource(session: Session, request: DeleteRequest): Promise<Outcome | undefined> {
  const recorded = parseCheckpoint(request.properties);
  try {
    await remove(session, request, recorded.inputs, recorded.live);
    return undefined;
  } catch (error) {
    // Deleted by somebody else, or with its definition: what was wanted.
    if (isNotFound(error) || error instanceof NoSuchKindError) return undefined;
    if (!(error instanceof NotReadyError)) throw error;
    const state = checkpoint({
      inputs: recorded.inputs,
      live: error.live,
      given: request.properties,
      initialApiVersion: initialApiVersion(request.properties, recorded.inputs),
      fieldManager: fieldManager(request.urn, request.properties, recorded.inputs),
    });
    return { id: request.id, state, failure: { message: error.message, reasons: error.reasons } };
  }
}

async function remove(
  session: Session,
  request: DeleteRequest,
  inputs: JsonObject,
  recorded: JsonObject,
): Promise<void> {
  const { cluster, signal, log } = session;
  const { path } = await cluster.locate(recorded);
  if (isPatch(parseUrn(request.urn), recorded["kind"])) {
    await giveUpPatch(session, request, inputs, recorded);
    return;
  }
  const live = await ifExists(cluster, path);
  if (live === undefined) return;
  await cluster.api.delete(path, { body: { propagationPolicy: propagationPolicy(inputs) }, signal });
  if (isAnnotated(inputs, SKIP_AWAIT) && SKIPPABLE.has(kindId(live))) return;
  const onProgress = (text: string): void => log.status(request.urn, text);
  try {
    await untilDeleted(cluster, live, { inputs, timeoutSeconds: request.timeoutSeconds, signal, onProgress });
  } finally {
    log.status(request.urn, "");
  }
  if (live.kind === "CustomResourceDefinition") cluster.discovery.reset();
}

async function giveUpPatch(session: Session, request: DeleteRequest, inputs: JsonObject, recorded: JsonObject) {
  const manager = fieldManager(request.urn, request.properties, inputs);
  try {
    await relinquish(session.cluster, recorded, { fieldManager: manager, preview: false, signal: session.signal });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 422) throw error;
    throw new Error(
      "this patch resource manages a required field, so it cannot be deleted. Set the `retainOnDelete` option, or " +
        `hand the field over first: ${error.message}`,
      { cause: error },
    );
  }
}

function propagationPolicy(inputs: JsonObject): string {
  const policy = annotation(inputs, DELETION_PROPAGATION)?.toLowerCase();
  if (policy === "orphan") return "Orphan";
  return policy === "background" ? "Background" : "Foreground";
}
