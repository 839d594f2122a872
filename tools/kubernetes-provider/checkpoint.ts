import { isJsonObject, type JsonObject, stringAt } from "./kube-object";
import { markSecrets, revealObject, withDashedKeys, withUnderscoredKeys } from "./properties";
import { without } from "./normalize";

/** A resource's state as the official provider keeps it: the live object, with what was asked for beside it. */
export interface Checkpoint {
  readonly inputs: JsonObject;
  readonly live: JsonObject;
}

const BOOKKEEPING = ["__inputs", "__initialApiVersion", "__fieldManager"];

export interface CheckpointParts extends Checkpoint {
  /** The inputs as the engine sent them, for which of their values are secret. */
  readonly given: JsonObject;
  readonly initialApiVersion: string;
  readonly fieldManager: string;
}

/** Builds the state to record. */
export function checkpoint(parts: CheckpointParts): JsonObject {
  return {
    ...markSecrets(withUnderscoredKeys(without(parts.live, BOOKKEEPING)), parts.given),
    __inputs: markSecrets(withUnderscoredKeys(parts.inputs), parts.given),
    __initialApiVersion: parts.initialApiVersion,
    __fieldManager: parts.fieldManager,
  };
}

/** Takes a recorded state apart, with its secrets laid open. */
export function parseCheckpoint(state: JsonObject): Checkpoint {
  const open = withDashedKeys(revealObject(state));
  const inputs = open["__inputs"];
  return { inputs: isJsonObject(inputs) ? inputs : {}, live: without(open, BOOKKEEPING) };
}

/** The version in which an object was first made: the recorded one, else that of its inputs. */
export function initialApiVersion(state: JsonObject, inputs: JsonObject): string {
  return stringAt(state, "__initialApiVersion") ?? stringAt(inputs, "apiVersion") ?? "";
}

/** The id of an object: `namespace/name`, or the name alone where there is no namespace. */
export function objectId(object: JsonObject): string {
  const namespace = stringAt(object, "metadata", "namespace") ?? "";
  const name = stringAt(object, "metadata", "name") ?? "";
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** The reverse of {@link objectId}. */
export function parseId(id: string): { namespace: string | undefined; name: string } {
  const slash = id.indexOf("/");
  return slash < 0 ? { namespace: undefined, name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}
