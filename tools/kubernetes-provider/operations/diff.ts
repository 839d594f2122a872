import { parseCheckpoint } from "../checkpoint";
import type { Cluster } from "../cluster";
import { AUTONAMED, isAnnotated, REPLACE_UNREADY } from "../annotations";
import { ifExists } from "../await";
import { type Change, diffInputs } from "../diff";
import { forceNewFields, type Mutability, PATCH_FORCE_NEW } from "../force-new";
import { isJsonObject, type JsonObject, stringAt } from "../kube-object";
import { isBuiltIn, normalizeInputs, without } from "../normalize";
import { revealObject, withDashedKeys } from "../properties";
import { prune } from "../prune";
import { job } from "../readiness/workloads";
import { isPatch, parseUrn } from "../urn";

export interface DiffRequest {
  readonly urn: string;
  readonly olds: JsonObject;
  readonly news: JsonObject;
  readonly ignoreChanges: readonly string[];
}

export interface Difference {
  readonly changes: readonly Change[];
  /** The new object takes the old one's name, so the old one has to go first. */
  readonly deleteBeforeReplace: boolean;
}

/** What the new inputs change in an object, judged by its recorded live state. */
export async function diffResource(
  cluster: Cluster | undefined,
  mutability: Mutability,
  request: DiffRequest,
): Promise<Difference> {
  const type = parseUrn(request.urn);
  const recorded = parseCheckpoint(request.olds);
  const oldInputs = normalizeInputs(recorded.inputs);
  const inputs = normalizeInputs(withDashedKeys(revealObject(request.news)));
  const builtIn = isBuiltIn(stringAt(inputs, "apiVersion"));
  const namespaced = cluster === undefined || (await cluster.isNamespaced(inputs));
  const changes = diffInputs({
    old: withScope(prune(recorded.live, oldInputs, builtIn), namespaced, stringAt(recorded.live, "metadata", "name")),
    inputs: withScope(inputs, namespaced, stringAt(inputs, "metadata", "name")),
    live: builtIn ? recorded.live : undefined,
    forceNew: isPatch(type, inputs["kind"]) ? PATCH_FORCE_NEW : forceNewFields(inputs, mutability),
    ignore: request.ignoreChanges,
  });
  const all = (await isUnreadyJob(cluster, inputs)) ? [...changes, UNREADY] : changes;
  return {
    changes: all,
    deleteBeforeReplace: all.some((one) => one.replaces) && keepsName(inputs, recorded.live, namespaced),
  };
}

/** What the official provider names as the reason. Source: pulumi-kubernetes, provider/pkg/provider/provider.go, Diff. */
const UNREADY: Change = { path: `metadata.annotations["${REPLACE_UNREADY}"]`, kind: "update", replaces: true };

/** Whether a Job that asks for it is not done at this moment; one that cannot be asked counts as done, as there. */
async function isUnreadyJob(cluster: Cluster | undefined, inputs: JsonObject): Promise<boolean> {
  if (cluster === undefined || inputs["kind"] !== "Job" || !isAnnotated(inputs, REPLACE_UNREADY)) return false;
  try {
    const live = await ifExists(cluster, (await cluster.locate(inputs)).path);
    return live !== undefined && !job.judge(live, []).ready;
  } catch {
    return false;
  }
}

/** Writes out what goes without saying: the namespace "default", and no namespace where the kind has none. */
function withScope(object: JsonObject, namespaced: boolean, name: string | undefined): JsonObject {
  const metadata = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  const scope: JsonObject = namespaced ? { namespace: namespaceOf(object) } : {};
  const named: JsonObject = name === undefined ? {} : { name };
  return { ...object, metadata: { ...without(metadata, ["namespace"]), ...named, ...scope } };
}

function namespaceOf(object: JsonObject): string {
  return stringAt(object, "metadata", "namespace") ?? "default";
}

function keepsName(inputs: JsonObject, live: JsonObject, namespaced: boolean): boolean {
  const sameName = stringAt(inputs, "metadata", "name") === stringAt(live, "metadata", "name");
  const samePlace = !namespaced || namespaceOf(inputs) === namespaceOf(live);
  return sameName && samePlace && !isAnnotated(inputs, AUTONAMED);
}
