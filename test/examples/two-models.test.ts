import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isFeasible, loadCatalog, parseServingRequest, planServing } from "../../library";
import { settled } from "../support/pulumi-mocks";

const NAMES = ["llm-large", "llm-small"];
const CLIENT_KEYS = { "models:clientKeys": JSON.stringify({ ada: "0123456789abcdef" }) };

/** Children of one model's stack, by what follows its name. */
const OF_EACH = [
  ["fitserve:serving:ServingStack", ""],
  ["fitserve:serving:VllmDeployment", "-engine"],
  ["kubernetes:apps/v1:Deployment", "-engine-deployment"],
  ["kubernetes:policy/v1:PodDisruptionBudget", "-engine-disruption-budget"],
  ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "-engine-network-policy"],
  ["kubernetes:core/v1:Service", "-engine-replicas-service"],
  ["kubernetes:core/v1:Service", "-engine-service"],
  ["kubernetes:core/v1:ServiceAccount", "-engine-service-account"],
  ["fitserve:serving:IngressGateway", "-gateway"],
  ["kubernetes:gateway.envoyproxy.io/v1alpha1:Backend", "-gateway-backend"],
  ["kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy", "-gateway-backend-traffic-policy"],
  ["kubernetes:core/v1:Secret", "-gateway-client-keys"],
  ["kubernetes:gateway.envoyproxy.io/v1alpha1:ClientTrafficPolicy", "-gateway-client-traffic-policy"],
  ["kubernetes:gateway.networking.k8s.io/v1:Gateway", "-gateway-gateway"],
  ["kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy", "-gateway-proxy"],
  ["kubernetes:aigateway.envoyproxy.io/v1beta1:AIGatewayRoute", "-gateway-route"],
  ["kubernetes:gateway.envoyproxy.io/v1alpha1:SecurityPolicy", "-gateway-security-policy"],
  ["kubernetes:aigateway.envoyproxy.io/v1beta1:AIServiceBackend", "-gateway-service-backend"],
  ["kubernetes:core/v1:Namespace", "-namespace"],
] as const;

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
}

interface Inputs {
  readonly metadata?: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
}

const registered: Registered[] = [];

/** Runs the example as Pulumi does: configuration first, then the module. */
async function runExample(more: Record<string, string> = {}) {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: ({ inputs }) => inputs,
    },
    "models",
    "test",
    false,
  );
  pulumi.runtime.setAllConfig({ ...CLIENT_KEYS, ...more }, ["models:clientKeys"]);
  const program = await import("../../examples/two-models");
  await pulumi.runtime.disconnect();
  return program;
}

function inputsOf(kind: string): Inputs[] {
  return registered
    .filter(({ type }) => type.endsWith(`:${kind}`))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ inputs }) => inputs);
}

/** As the API server tells objects apart; what is no object of the cluster has none. */
function identityOf({ type, inputs: { metadata } }: Registered): string[] {
  return metadata === undefined ? [] : [[type, metadata.namespace ?? "the cluster", metadata.name].join(" ")];
}

function proxiesOf(gateway: string) {
  return {
    "gateway.envoyproxy.io/owning-gateway-name": gateway,
    "gateway.envoyproxy.io/owning-gateway-namespace": gateway,
  };
}

function inNamespace(name: string) {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

beforeEach(() => {
  registered.length = 0;
  vi.resetModules();
});

afterEach(() => pulumi.runtime.setAllConfig({}));

describe("two models on one cluster", () => {
  test("are a stack each, beside one class and one provider; no node is made", async () => {
    await runExample();
    const ofBoth = NAMES.flatMap((name) => OF_EACH.map(([type, role]) => `${type} ${name}${role}`));
    expect(registered.map(({ type, name }) => `${type} ${name}`).toSorted()).toEqual(
      [
        ...ofBoth,
        "kubernetes:gateway.networking.k8s.io/v1:GatewayClass gateway-class",
        "pulumi:providers:kubernetes cluster",
      ].toSorted(),
    );
  });

  test("no two objects are the same one to the cluster, and all but the class are in one of the two namespaces", async () => {
    await runExample();
    const objects = registered.flatMap(identityOf);
    expect(new Set(objects).size).toBe(objects.length);
    expect(objects.filter((identity) => identity.includes(" the cluster ")).toSorted()).toEqual([
      "kubernetes:core/v1:Namespace the cluster llm-large",
      "kubernetes:core/v1:Namespace the cluster llm-small",
      "kubernetes:gateway.networking.k8s.io/v1:GatewayClass the cluster llm",
    ]);
    const namespaced = objects.filter((identity) => !identity.includes(" the cluster "));
    expect(new Set(namespaced.map((identity) => identity.split(" ")[1]))).toEqual(new Set(NAMES));
  });

  test("each Gateway is of the shared class, with proxies of its own", async () => {
    await runExample();
    expect(inputsOf("GatewayClass")).toMatchObject([{ metadata: { name: "llm" } }]);
    expect(inputsOf("Gateway")).toMatchObject(
      NAMES.map((name) => ({
        metadata: { name, namespace: name },
        spec: { gatewayClassName: "llm", infrastructure: { parametersRef: { kind: "EnvoyProxy", name } } },
      })),
    );
  });

  test("each engine is fenced by a policy of its own, which of all proxies lets in those of its own Gateway", async () => {
    await runExample();
    expect(inputsOf("NetworkPolicy")).toMatchObject(
      NAMES.map((name) => ({
        metadata: { name, namespace: name },
        spec: {
          podSelector: { matchLabels: { "app.kubernetes.io/instance": name } },
          ingress: [{ from: [{ podSelector: { matchLabels: proxiesOf(name) } }, inNamespace("monitoring")] }],
        },
      })),
    );
  });

  test("each endpoint says which model it serves, and where", async () => {
    const { endpoints } = await runExample();
    const known = await Promise.all(
      Object.entries(endpoints).map(async ([name, endpoint]) => [name, (await settled(endpoint)).value]),
    );
    expect(Object.fromEntries(known)).toMatchObject({
      "llm-large": { model: "qwen3-32b", gateway: "llm-large/llm-large" },
      "llm-small": { model: "qwen3-14b", gateway: "llm-small/llm-small" },
    });
  });

  test("the cost is that of both plans together", async () => {
    const { usdPerMonth } = await runExample({ "models:gpu": "L40S" });
    const alone = ["qwen3-32b", "qwen3-14b"].map((model) => costAlone({ model, gpu: "L40S" }));
    expect(Math.min(...alone)).toBeGreaterThan(0);
    expect(usdPerMonth).toBe(Math.round(alone.reduce((sum, usd) => sum + usd, 0)));
  });

  test.each([
    ["a card that nobody sells", "RTX-4090", /llm-large: .*RTX-4090\n {2}llm-small: .*RTX-4090$/],
    ["a card that is none", "T4", /llm-large: gpu: .*"T4"[^]*llm-small: gpu: .*"T4"/],
  ])("%s builds nothing, and says so for each model", async (_, gpu, message) => {
    await expect(runExample({ "models:gpu": gpu })).rejects.toThrow(message);
    await pulumi.runtime.disconnect();
    expect(registered).toEqual([]);
  });
});

function costAlone(asked: { model: string; gpu: string }): number {
  const parsed = parseServingRequest({ ...asked, workload: { concurrency: 50 }, target: "existing" }, loadCatalog());
  if (!parsed.ok) return 0;
  const plan = planServing(parsed.request, loadCatalog());
  return isFeasible(plan) ? plan.cost.expected.usdPerMonth : 0;
}
