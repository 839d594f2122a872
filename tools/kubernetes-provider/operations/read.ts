import { checkReady, ifExists, NotReadyError } from "../await";
import { checkpoint, initialApiVersion, parseCheckpoint, parseId } from "../checkpoint";
import { NoSuchKindError } from "../discovery";
import { isJsonObject, type JsonObject, type KubeObject, stringAt } from "../kube-object";
import { fieldManager } from "../names";
import { isBuiltIn, normalizeInputs, without } from "../normalize";
import { markSecrets, revealObject, withDashedKeys } from "../properties";
import { prune } from "../prune";
import type { Outcome, Session } from "../session";
import { parseUrn } from "../urn";

export interface ReadRequest {
  readonly urn: string;
  readonly id: string;
  readonly properties: JsonObject;
  readonly inputs: JsonObject;
}

/** Reads an object for a refresh, an import or a `get`; undefined means that it is gone. */
export async function readResource(session: Session, request: ReadRequest): Promise<Outcome | undefined> {
  const recorded = parseCheckpoint(request.properties);
  const oldInputs = normalizeInputs(withDashedKeys(revealObject(request.inputs)));
  const isImport = oldInputs["kind"] === undefined;
  const target = isImport ? importTarget(request, recorded.live) : withId(oldInputs, request.id);
  const live = await find(session, target);
  if (live === undefined) return undefined;
  const inputs = isImport ? importedInputs(live) : prune(live, oldInputs, isBuiltIn(stringAt(oldInputs, "apiVersion")));
  const outcome: Outcome = {
    id: request.id,
    inputs: markSecrets(inputs, request.inputs),
    state: checkpoint({
      inputs,
      live,
      given: request.inputs,
      initialApiVersion: initialApiVersion(request.properties, inputs),
      fieldManager: fieldManager(request.urn, request.properties, oldInputs),
    }),
  };
  const failure = isImport ? undefined : await notReady(session, live, oldInputs);
  return failure === undefined ? outcome : { ...outcome, failure };
}

async function find(session: Session, target: JsonObject): Promise<KubeObject | undefined> {
  try {
    return await ifExists(session.cluster, (await session.cluster.locate(target)).path);
  } catch (error) {
    // Its definition is gone, and all its objects with it.
    if (error instanceof NoSuchKindError) return undefined;
    throw error;
  }
}

async function notReady(session: Session, live: KubeObject, inputs: JsonObject) {
  try {
    await checkReady(session.cluster, live, inputs);
    return undefined;
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    return { message: error.message, reasons: error.reasons };
  }
}

function withId(object: JsonObject, id: string): JsonObject {
  const { name, namespace } = parseId(id);
  const metadata = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  return { ...object, metadata: { ...metadata, name, ...(namespace === undefined ? {} : { namespace }) } };
}

function importTarget(request: ReadRequest, live: JsonObject): JsonObject {
  const type = parseUrn(request.urn);
  const apiVersion = stringAt(live, "apiVersion") ?? type.apiVersion;
  return withId({ apiVersion, kind: stringAt(live, "kind") ?? type.kind }, request.id);
}

// What was never in a program is taken over as it is, less what only the server writes.
function importedInputs(live: KubeObject): JsonObject {
  const inputs = normalizeInputs(without(live, ["status"]));
  const { metadata } = inputs;
  if (!isJsonObject(metadata) || !isJsonObject(metadata["annotations"])) return inputs;
  const annotations = without(metadata["annotations"], [
    "deployment.kubernetes.io/revision",
    "kubectl.kubernetes.io/last-applied-configuration",
  ]);
  return { ...inputs, metadata: { ...metadata, annotations } };
}
