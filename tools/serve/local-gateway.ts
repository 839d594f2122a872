import type { KubernetesObject } from "../../components/kubernetes-object";
import { listAt, valueAt } from "../kubernetes-provider/kube-object";
import { ENVOY_VERSION } from "./envoy";

/** An engine as the gateway reaches it on this machine. */
export interface ReplicaAddress {
  readonly address: string;
  readonly port: number;
}

export interface LocalAddresses {
  readonly listenerPort: number;
  readonly replicas: readonly ReplicaAddress[];
}

const GATEWAY_GROUPS = /^(gateway\.networking\.k8s\.io|gateway\.envoyproxy\.io|aigateway\.envoyproxy\.io)\//;

/** Name of the EnvoyProxy that we add where the cluster's resources have none. */
const PROXY_NAME = "local";

/**
 * The gateway's resources of a cluster, made to run on one machine: replicas' addresses in place of the Service's, a
 * port that needs no rights, and Envoy as a process of this host in place of a Deployment. Nothing else differs.
 */
export function localGatewayResources(
  manifests: readonly KubernetesObject[],
  addresses: LocalAddresses,
): readonly KubernetesObject[] {
  const resources = manifests.filter((object) => GATEWAY_GROUPS.test(object.apiVersion));
  const gatewayClass = resources.find((object) => object.kind === "GatewayClass");
  const namespace = resources.find((object) => object.kind === "Gateway")?.metadata.namespace;
  const own = resources.some((object) => object.kind === "EnvoyProxy") ? [] : [hostProxy(namespace)];
  return [
    ...resources.map((object) => localResource(object, addresses, own.length > 0 ? namespace : undefined)),
    ...(gatewayClass === undefined ? [] : own),
  ];
}

function localResource(
  object: KubernetesObject,
  addresses: LocalAddresses,
  proxyNamespace: string | undefined,
): KubernetesObject {
  switch (object.kind) {
    case "Backend": {
      const endpoints = addresses.replicas.map(({ address, port }) => ({ ip: { address, port } }));
      return withSpec(object, { endpoints });
    }
    case "Gateway": {
      const listeners = listAt(object, "spec", "listeners").map((listener) => ({
        ...Object(listener),
        port: addresses.listenerPort,
      }));
      return withSpec(object, { listeners });
    }
    case "GatewayClass": {
      if (proxyNamespace === undefined) return object;
      const parametersRef = { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: PROXY_NAME };
      return withSpec(object, { parametersRef: { ...parametersRef, namespace: proxyNamespace } });
    }
    case "EnvoyProxy":
      return withSpec(object, { provider: HOST_PROVIDER });
    default:
      return object;
  }
}

const HOST_PROVIDER = { type: "Host", host: { envoyVersion: ENVOY_VERSION } };

function hostProxy(namespace: string | undefined): KubernetesObject {
  const proxy = {
    apiVersion: "gateway.envoyproxy.io/v1alpha1",
    kind: "EnvoyProxy",
    metadata: { name: PROXY_NAME, ...(namespace === undefined ? {} : { namespace }) },
    spec: { provider: HOST_PROVIDER },
  };
  return proxy;
}

function withSpec(object: KubernetesObject, changed: Readonly<Record<string, unknown>>): KubernetesObject {
  const spec = { ...Object(valueAt(object, "spec")), ...changed };
  return { ...object, spec } as KubernetesObject;
}
