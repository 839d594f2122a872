import type { Cluster } from "../cluster";
import { isJsonObject, type JsonObject, stringAt } from "../kube-object";
import { adoptName, assignName, type Autonaming } from "../names";
import { normalizeInputs } from "../normalize";
import { markSecrets, revealObject, withDashedKeys } from "../properties";
import { isPatch, parseUrn } from "../urn";

export interface CheckRequest {
  readonly urn: string;
  /** The inputs of the last run; empty for a new resource. */
  readonly olds: JsonObject;
  readonly news: JsonObject;
  readonly seed: Uint8Array;
  readonly autonaming: Autonaming | undefined;
}

/** Completes a program's inputs: their one form, a name, a namespace. */
export async function checkInputs(cluster: Cluster | undefined, request: CheckRequest): Promise<JsonObject> {
  const type = parseUrn(request.urn);
  let inputs = normalizeInputs(plain(request.news));
  if (type.kind.endsWith("List") && Array.isArray(inputs["items"])) {
    throw new Error("list resources cannot be created: use the resources that are in the list");
  }
  if (isPatch(type, inputs["kind"]) && stringAt(inputs, "metadata", "name") === undefined) {
    throw new Error("a patch resource needs `metadata.name`: the object to patch");
  }
  const olds = plain(request.olds);
  inputs =
    Object.keys(olds).length > 0
      ? adoptName(inputs, olds)
      : assignName(inputs, type.name, request.seed, request.autonaming);
  if (
    stringAt(inputs, "metadata", "generateName") !== undefined &&
    stringAt(inputs, "metadata", "name") === undefined
  ) {
    throw new Error(
      "`metadata.generateName` does not work with server-side apply: leave it out or set `metadata.name`",
    );
  }
  return markSecrets(await withNamespace(cluster, inputs, olds), request.news);
}

function plain(properties: JsonObject): JsonObject {
  return withDashedKeys(revealObject(properties));
}

// Without a server to ask, an object stays where it was.
async function withNamespace(cluster: Cluster | undefined, inputs: JsonObject, olds: JsonObject): Promise<JsonObject> {
  if (stringAt(inputs, "metadata", "namespace") !== undefined) return inputs;
  const namespace =
    cluster === undefined
      ? stringAt(olds, "metadata", "namespace")
      : (await cluster.isNamespaced(inputs))
        ? cluster.defaultNamespace
        : undefined;
  if (namespace === undefined) return inputs;
  const metadata = isJsonObject(inputs["metadata"]) ? inputs["metadata"] : {};
  return { ...inputs, metadata: { ...metadata, namespace } };
}
