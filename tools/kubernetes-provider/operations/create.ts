import { createObject } from "../apply";
import { NotReadyError } from "../await";
import { checkpoint, objectId } from "../checkpoint";
import { NoSuchKindError } from "../discovery";
import { ApiError, isNotFound, messageOf } from "../kube-error";
import { type JsonObject, type KubeObject, stringAt } from "../kube-object";
import { fieldManager } from "../names";
import { without } from "../normalize";
import { hasUnknown, revealObject, withDashedKeys } from "../properties";
import type { Outcome, Session } from "../session";
import { isPatch, parseUrn } from "../urn";
import { ready } from "./ready";

export interface CreateRequest {
  readonly urn: string;
  readonly properties: JsonObject;
  readonly timeoutSeconds: number;
  readonly preview: boolean;
}

export async function createResource(session: Session, request: CreateRequest): Promise<Outcome> {
  const inputs = withDashedKeys(revealObject(request.properties));
  const manager = fieldManager(request.urn, {}, inputs);
  const outcome = (live: KubeObject): Outcome => ({
    id: request.preview ? "" : objectId(live),
    state: checkpoint({
      inputs,
      live: request.preview ? without(live, ["status"]) : live,
      given: request.properties,
      initialApiVersion: stringAt(inputs, "apiVersion") ?? "",
      fieldManager: manager,
    }),
  });
  const applying = { fieldManager: manager, preview: request.preview, signal: session.signal };
  if (request.preview) {
    const asIs: Outcome = { id: "", state: request.properties };
    if (!(await canPreview(session, request, inputs))) return asIs;
    try {
      return outcome(await createObject(session.cluster, inputs, applying));
    } catch (error) {
      if (isNoVerdict(error)) return asIs;
      throw creationError(request.urn, error);
    }
  }
  const applied = await created(() => createObject(session.cluster, inputs, applying), request.urn);
  return settled(session, request, inputs, applied, outcome);
}

/** A preview asks the server only where it can know the answer. */
async function canPreview(session: Session, request: CreateRequest, inputs: JsonObject): Promise<boolean> {
  if (hasUnknown(inputs) || isPatch(parseUrn(request.urn), inputs["kind"])) return false;
  return session.cluster.serves(inputs);
}

// The namespace may be made in the same update; the user may lack rights that a preview needs; and the object may
// still be there that this one replaces, with fields that cannot change.
function isNoVerdict(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    isNotFound(error) || error.code === 403 || /field is immutable|may not be changed|updates to/i.test(error.message)
  );
}

async function created<T>(create: () => Promise<T>, urn: string): Promise<T> {
  try {
    return await create();
  } catch (error) {
    throw creationError(urn, error);
  }
}

function creationError(urn: string, error: unknown): Error {
  if (error instanceof NoSuchKindError) {
    return new Error(
      `creation of resource "${urn}" failed because the Kubernetes API server reported that the apiVersion for this ` +
        `resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
    );
  }
  return new Error(`resource "${urn}" was not successfully created by the Kubernetes API server: ${messageOf(error)}`);
}

async function settled(
  session: Session,
  request: CreateRequest,
  inputs: JsonObject,
  applied: KubeObject,
  outcome: (live: KubeObject) => Outcome,
): Promise<Outcome> {
  try {
    return outcome(await ready(session, request, inputs, applied));
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    const message =
      `resource "${request.urn}" was successfully created, but the Kubernetes API server reported that it failed ` +
      `to fully initialize or become live: ${error.message}`;
    return { ...outcome(error.live), failure: { message, reasons: error.reasons } };
  }
}
