import { applyInputs, type Applying, relinquish, replaceDefinition } from "../apply";
import { ifExists, NotReadyError } from "../await";
import { checkpoint, initialApiVersion, objectId, parseCheckpoint } from "../checkpoint";
import { NoSuchKindError } from "../discovery";
import { withIgnored } from "../ignore-changes";
import { ApiError, messageOf } from "../kube-error";
import type { JsonObject, KubeObject } from "../kube-object";
import { fieldManager } from "../names";
import { normalizeInputs } from "../normalize";
import { hasUnknown, revealObject, withDashedKeys } from "../properties";
import type { Outcome, Session } from "../session";
import { ready } from "./ready";

export interface UpdateRequest {
  readonly urn: string;
  readonly id: string;
  readonly olds: JsonObject;
  readonly news: JsonObject;
  readonly timeoutSeconds: number;
  readonly preview: boolean;
  readonly ignoreChanges: readonly string[];
}

export async function updateResource(session: Session, request: UpdateRequest): Promise<Outcome> {
  const inputs = normalizeInputs(withDashedKeys(revealObject(request.news)));
  if (request.preview && (hasUnknown(inputs) || !(await session.cluster.serves(inputs)))) {
    return { id: request.id, state: request.news };
  }
  const recorded = parseCheckpoint(request.olds);
  const manager = fieldManager(request.urn, request.olds, inputs);
  const applying = { fieldManager: manager, preview: request.preview, signal: session.signal };
  const outcome = (live: KubeObject): Outcome => ({
    id: request.id,
    state: checkpoint({
      inputs,
      live,
      given: request.news,
      initialApiVersion: initialApiVersion(request.olds, recorded.inputs),
      fieldManager: manager,
    }),
  });
  const before = await liveObject(session, request, recorded.live);
  try {
    const applied = await applyTo(session, request, inputs, before, applying);
    if (request.preview) return outcome(applied);
    await handOver(session, fieldManager(request.urn, request.olds, recorded.inputs), applied, applying);
    return outcome(await ready(session, request, inputs, applied));
  } catch (error) {
    return failedUpdate(session, request, before, error, outcome);
  }
}

async function liveObject(session: Session, request: UpdateRequest, recorded: JsonObject): Promise<KubeObject> {
  try {
    const { path } = await session.cluster.locate(recorded);
    const live = await ifExists(session.cluster, path);
    if (live !== undefined) return live;
  } catch (error) {
    if (!(error instanceof NoSuchKindError)) throw error;
    throw new Error(
      `update of resource "${request.urn}" failed because the Kubernetes API server reported that the apiVersion for ` +
        `this resource does not exist. Verify that any required CRDs have been created: ${error.message}`,
      { cause: error },
    );
  }
  throw new Error(
    `update of resource "${request.urn}" failed: it is gone from the cluster; \`pulumi refresh\` notes that`,
  );
}

function applyTo(session: Session, request: UpdateRequest, inputs: JsonObject, live: KubeObject, applying: Applying) {
  if (inputs["kind"] === "CustomResourceDefinition") return replaceDefinition(session.cluster, inputs, live, applying);
  return applyInputs(
    session.cluster,
    withIgnored(inputs, live, request.ignoreChanges, applying.fieldManager),
    applying,
  );
}

/** Where the field manager is another one from now on, the former gives its fields up. */
async function handOver(session: Session, former: string, live: KubeObject, applying: Applying): Promise<void> {
  if (former !== applying.fieldManager) await relinquish(session.cluster, live, { ...applying, fieldManager: former });
}

// The object is there whether or not the change was taken: the state has to show it as it is, so that the next run
// sees what is still to do. A preview changes nothing and so has nothing to record.
async function failedUpdate(
  session: Session,
  request: UpdateRequest,
  before: KubeObject,
  error: unknown,
  outcome: (live: KubeObject) => Outcome,
): Promise<Outcome> {
  if (request.preview) {
    const forbidden = error instanceof ApiError && error.code === 403;
    if (forbidden) return { id: request.id, state: request.news };
    throw new Error(`update of resource "${request.urn}" failed: ${messageOf(error)}`);
  }
  const { path } = await session.cluster.locate(before);
  const live = error instanceof NotReadyError ? error.live : await ifExists(session.cluster, path);
  if (live === undefined) throw new Error(`update of resource "${request.urn}" failed: ${messageOf(error)}`);
  const message = `the Kubernetes API server reported that "${objectId(live)}" failed to fully initialize or become live: ${messageOf(error)}`;
  return { ...outcome(live), failure: { message, reasons: error instanceof NotReadyError ? error.reasons : [] } };
}
