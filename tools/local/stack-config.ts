import { isDeepStrictEqual } from "node:util";
import { parseDocument, stringify } from "yaml";
import { withSetting } from "../../cli/request-input";
import { EXIT, Failure } from "../engine/failure";
import { isJsonObject, type JsonObject } from "../kubernetes-provider/kube-object";

const SERVING_KEY = "fitserve:serving";
export const CLIENT_KEYS_KEY = "fitserve:clientKeys";

/** The stack file that the user edits, read and checked as far as the local target needs it. */
export interface TrackedConfig {
  readonly config: JsonObject;
  /** `fitserve:serving` with this run's `--set` values. */
  readonly serving: unknown;
}

/** Reads the tracked stack file. Faults in the request itself are found later, by its schema. */
export function readTrackedConfig(text: string, file: string, settings: readonly string[]): TrackedConfig {
  const content = parseYaml(text, file);
  const config = isJsonObject(content) ? (content["config"] ?? {}) : undefined;
  if (!isJsonObject(config)) throw new Failure(`${file} has no mapping named config.`, EXIT.invalidInput);
  const foreign = Object.keys(config).filter((key) => key !== CLIENT_KEYS_KEY && holdsSecret(config[key]));
  if (foreign.length > 0) {
    throw new Failure(
      `${file} holds encrypted values (${foreign.join(", ")}), which the local target has no passphrase for. ` +
        "Keep them in the stack file of the target that they are for.",
      EXIT.invalidInput,
    );
  }
  const serving = settings.reduce<unknown>(withSetting, config[SERVING_KEY] ?? {});
  return { config, serving };
}

/**
 * The stack file that Pulumi gets: the user's, with what this clone's cluster and secrets need. What Pulumi itself
 * wrote into the previous one (salt and encrypted client keys) is kept.
 */
export function composeStackFile(
  tracked: TrackedConfig,
  previous: string | undefined,
  cluster: { readonly kubeconfig: string; readonly context: string },
): string {
  const kept = previous === undefined ? {} : parseYaml(previous, "the generated stack file");
  const keptObject = isJsonObject(kept) ? kept : {};
  const keptConfig = isJsonObject(keptObject["config"]) ? keptObject["config"] : {};
  const { [CLIENT_KEYS_KEY]: _users, ...plain } = tracked.config;
  const keys = keptConfig[CLIENT_KEYS_KEY];
  const salt = keptObject["encryptionsalt"];
  return stringify({
    ...(salt === undefined ? {} : { encryptionsalt: salt }),
    config: {
      ...plain,
      [SERVING_KEY]: tracked.serving,
      "fitserve:kubeconfig": cluster.kubeconfig,
      "fitserve:context": cluster.context,
      ...(keys === undefined ? {} : { [CLIENT_KEYS_KEY]: keys }),
    },
  });
}

/** Whether a stack file already holds the encrypted keys of the gateway's clients. */
export function hasClientKeys(stackFile: string): boolean {
  const content = parseYaml(stackFile, "the generated stack file");
  const config = isJsonObject(content) ? content["config"] : undefined;
  return isJsonObject(config) && holdsSecret(config[CLIENT_KEYS_KEY]);
}

function parseYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const [first] = document.errors;
  if (first !== undefined) throw new Failure(`${file} is not YAML: ${first.message.trim()}`, EXIT.invalidInput);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new Failure(
      `${file} is not YAML: ${error instanceof Error ? error.message : "unreadable"}`,
      EXIT.invalidInput,
    );
  }
}

function holdsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isJsonObject(value)) return false;
  // Pulumi writes an encrypted value as {secure: …} and nothing beside it.
  const isSecret = isDeepStrictEqual(Object.keys(value), ["secure"]) && typeof value["secure"] === "string";
  return isSecret || Object.values(value).some(holdsSecret);
}
