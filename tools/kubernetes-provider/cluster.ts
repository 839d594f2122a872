import { collectionPath, Discovery, NoSuchKindError, objectPath, type ResourceKind } from "./discovery";
import type { KubeApi } from "./kube-api";
import { isJsonObject, type JsonObject, type KubeObject, listAt, stringAt } from "./kube-object";
import type { RelatedQuery } from "./readiness/readiness";

/** Where an object lives: its kind as the server serves it, its namespace if it has one, its name. */
export interface Location {
  readonly kind: ResourceKind;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly path: string;
}

/** A cluster's objects, found by what they say about themselves. */
export class Cluster {
  readonly api: KubeApi;
  readonly discovery: Discovery;
  /** Namespaced objects that name no namespace go here. */
  readonly defaultNamespace: string;

  constructor(api: KubeApi, defaultNamespace: string) {
    this.api = api;
    this.discovery = new Discovery(api);
    this.defaultNamespace = defaultNamespace;
  }

  async locate(object: JsonObject): Promise<Location> {
    const kind = await this.discovery.find(stringAt(object, "apiVersion") ?? "", stringAt(object, "kind") ?? "");
    const name = stringAt(object, "metadata", "name") ?? "";
    const given = stringAt(object, "metadata", "namespace") ?? this.defaultNamespace;
    const namespace = kind.namespaced ? given : undefined;
    return { kind, namespace, name, path: objectPath(kind, namespace, name) };
  }

  /** Whether a kind lives in namespaces; a kind that the server does not have yet is taken to. */
  async isNamespaced(object: JsonObject): Promise<boolean> {
    try {
      return (await this.locate(object)).kind.namespaced;
    } catch (error) {
      if (error instanceof NoSuchKindError) return true;
      throw error;
    }
  }

  async serves(object: JsonObject): Promise<boolean> {
    try {
      await this.locate(object);
      return true;
    } catch (error) {
      if (error instanceof NoSuchKindError) return false;
      throw error;
    }
  }

  async related(
    query: RelatedQuery | undefined,
    near: KubeObject,
    signal?: AbortSignal,
  ): Promise<readonly JsonObject[]> {
    if (query === undefined) return [];
    const kind = await this.discovery.find(query.apiVersion, query.kind);
    const labelSelector = query.labelSelector === "" ? undefined : query.labelSelector;
    const list = await this.api.get(collectionPath(kind, near.metadata?.namespace), {
      query: { labelSelector },
      signal,
    });
    return listAt(list, "items").filter(isJsonObject);
  }
}
