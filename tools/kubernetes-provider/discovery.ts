import type { KubeApi } from "./kube-api";
import { isNotFound } from "./kube-error";
import { isJsonObject, listAt, stringAt } from "./kube-object";

/** How the server serves one kind. */
export interface ResourceKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** The name in paths, such as `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The server has no such kind: most often a custom resource whose definition is not there yet. */
export class NoSuchKindError extends Error {
  constructor(apiVersion: string, kind: string) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
    this.name = "NoSuchKindError";
  }
}

/** Finds out how kinds are served. Answers are kept until `reset`, which a new definition calls for. */
export class Discovery {
  readonly #api: KubeApi;
  #groups = new Map<string, Promise<readonly ResourceKind[]>>();

  constructor(api: KubeApi) {
    this.#api = api;
  }

  reset(): void {
    this.#groups.clear();
  }

  async find(apiVersion: string, kind: string): Promise<ResourceKind> {
    const known = (await this.#kinds(apiVersion)).find((one) => one.kind === kind);
    if (known !== undefined) return known;
    // The definition may have appeared since the answer was kept.
    this.#groups.delete(apiVersion);
    const fresh = (await this.#kinds(apiVersion)).find((one) => one.kind === kind);
    if (fresh === undefined) throw new NoSuchKindError(apiVersion, kind);
    return fresh;
  }

  async #kinds(apiVersion: string): Promise<readonly ResourceKind[]> {
    const kept = this.#groups.get(apiVersion);
    if (kept !== undefined) return kept;
    const asked = this.#ask(apiVersion);
    this.#groups.set(apiVersion, asked);
    try {
      return await asked;
    } catch (error) {
      this.#groups.delete(apiVersion);
      throw error;
    }
  }

  async #ask(apiVersion: string): Promise<readonly ResourceKind[]> {
    try {
      const list = await this.#api.request("GET", groupPath(apiVersion));
      return listAt(list, "resources").flatMap((entry) => toKind(apiVersion, entry));
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }
}

/** The path of an API group: `v1` is under /api, all others under /apis. */
function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The path of a kind's collection, in a namespace where the kind lives in one. */
export function collectionPath(kind: ResourceKind, namespace: string | undefined): string {
  const scope = kind.namespaced ? `/namespaces/${encodeURIComponent(namespace ?? "default")}` : "";
  return `${groupPath(kind.apiVersion)}${scope}/${kind.plural}`;
}

/** The path of one object. */
export function objectPath(kind: ResourceKind, namespace: string | undefined, name: string): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

function toKind(apiVersion: string, entry: unknown): ResourceKind[] {
  const plural = stringAt(entry, "name");
  const kind = stringAt(entry, "kind");
  // Names with a slash are subresources, such as deployments/scale.
  if (plural === undefined || kind === undefined || plural.includes("/")) return [];
  return [{ apiVersion, kind, plural, namespaced: isJsonObject(entry) && entry["namespaced"] === true }];
}
