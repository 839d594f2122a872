import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../../components/kubernetes-object";
import { servingManifests } from "../../../components/serving-manifests";
import { loadCatalog } from "../../../config/catalog";
import { parseServingRequest } from "../../../config/request";
import { planServing } from "../../../sizing/plan";
import { isFeasible } from "../../../sizing/serving-plan";
import { localGatewayResources } from "../../../tools/serve/local-gateway";

const GATEWAY_GROUP = /gateway/;
const REPLICAS = [
  { address: "127.0.0.1", port: 8101 },
  { address: "127.0.0.1", port: 8102 },
];

function manifests(): readonly KubernetesObject[] {
  const catalog = loadCatalog();
  const workload = { concurrency: 50, promptTokens: 1024, outputTokens: 512 };
  const request = parseServingRequest({ model: "qwen3-32b", quantization: "int4-w4a16", workload }, catalog);
  if (!request.ok) throw new Error("the request is not valid");
  const plan = planServing(request.request, catalog);
  if (!isFeasible(plan)) throw new Error("no plan fits");
  return servingManifests(plan, { namespace: "fitserve" });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Paths of the values in which two objects differ. */
function differences(one: unknown, other: unknown, path = ""): string[] {
  if (Object.is(one, other)) return [];
  if (!isObject(one) || !isObject(other)) return [path];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return keys.flatMap((key) =>
    differences(Reflect.get(one, key), Reflect.get(other, key), path === "" ? key : `${path}.${key}`),
  );
}

describe("the gateway's resources on one machine", () => {
  const cluster = manifests().filter((object) => GATEWAY_GROUP.test(object.apiVersion));
  const local = localGatewayResources(manifests(), { listenerPort: 10_080, replicas: REPLICAS });

  it("are those of the cluster, one by one", () => {
    expect(local.map(({ kind, metadata }) => [kind, metadata])).toEqual(
      cluster.map(({ kind, metadata }) => [kind, metadata]),
    );
  });

  it("differ in the replicas' addresses, the listener's port and where the proxy runs, and in nothing else", () => {
    const changed = cluster.flatMap((object, index) =>
      differences(object, local[index]).map((path) => `${object.kind} ${path}`),
    );
    expect(changed).toEqual([
      "EnvoyProxy spec.provider.type",
      "EnvoyProxy spec.provider.kubernetes",
      "EnvoyProxy spec.provider.host",
      "Gateway spec.listeners.0.port",
      "Backend spec.endpoints.0.fqdn",
      "Backend spec.endpoints.0.ip",
      "Backend spec.endpoints.1",
    ]);
  });

  it("lead to every replica", () => {
    const backend = local.find(({ kind }) => kind === "Backend");
    expect(backend).toMatchObject({
      spec: { endpoints: REPLICAS.map(({ address, port }) => ({ ip: { address, port } })) },
    });
  });

  it("name a proxy of their own where the cluster's class brings it", () => {
    const without = manifests().filter(({ kind }) => kind !== "EnvoyProxy");
    const resources = localGatewayResources(without, { listenerPort: 10_080, replicas: REPLICAS });
    expect(resources.at(-1)).toMatchObject({ kind: "EnvoyProxy", spec: { provider: { type: "Host" } } });
    const gatewayClass = resources.find(({ kind }) => kind === "GatewayClass");
    expect(gatewayClass).toMatchObject({ spec: { parametersRef: { kind: "EnvoyProxy", namespace: "fitserve" } } });
  });
});
