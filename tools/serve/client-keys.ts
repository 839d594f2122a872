import type { KubernetesObject } from "../../components/kubernetes-object";

/** The clients' Secret with keys in it, in the one form that the gateway's program takes: base64 `data`. */
export function withKeys(secret: KubernetesObject, keys: Readonly<Record<string, string>>): KubernetesObject {
  const data = Object.fromEntries(
    Object.entries(keys).map(([client, key]) => [client, Buffer.from(key).toString("base64")]),
  );
  return Object.assign({}, secret, { data });
}
