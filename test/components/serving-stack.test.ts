import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { ServingStack } from "../../components";
import type { ServingOptions } from "../../components";
import { feasiblePlan } from "../support/feasible-plan";
import { registeredBy, settled, type Registered } from "../support/pulumi-mocks";

const CLIENT_KEYS = { ada: "ada-key-0123456789abcdef" };

function buildStack(options: Partial<ServingOptions> = {}) {
  return registeredBy(() => new ServingStack("llm", { plan: feasiblePlan(), options, clientKeys: CLIENT_KEYS }));
}

describe("children of a ServingStack", () => {
  test("on the local target they are the nodes, the engine, the gateway and their parts", async () => {
    const { resources } = await buildStack();
    expect(resources.map(({ type, name }) => [type, name])).toEqual([
      ["fitserve:serving:ServingStack", "llm"],
      ["fitserve:serving:VllmDeployment", "llm-engine"],
      ["kubernetes:apps/v1:Deployment", "llm-engine-deployment"],
      ["kubernetes:policy/v1:PodDisruptionBudget", "llm-engine-disruption-budget"],
      ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "llm-engine-network-policy"],
      ["kubernetes:core/v1:Service", "llm-engine-replicas-service"],
      ["kubernetes:core/v1:Service", "llm-engine-service"],
      ["kubernetes:core/v1:ServiceAccount", "llm-engine-service-account"],
      ["fitserve:serving:IngressGateway", "llm-gateway"],
      ["kubernetes:gateway.envoyproxy.io/v1alpha1:Backend", "llm-gateway-backend"],
      ["kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy", "llm-gateway-backend-traffic-policy"],
      ["kubernetes:gateway.networking.k8s.io/v1:GatewayClass", "llm-gateway-class"],
      ["kubernetes:core/v1:Secret", "llm-gateway-client-keys"],
      ["kubernetes:gateway.envoyproxy.io/v1alpha1:ClientTrafficPolicy", "llm-gateway-client-traffic-policy"],
      ["kubernetes:gateway.networking.k8s.io/v1:Gateway", "llm-gateway-gateway"],
      ["kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy", "llm-gateway-proxy"],
      ["kubernetes:aigateway.envoyproxy.io/v1beta1:AIGatewayRoute", "llm-gateway-route"],
      ["kubernetes:gateway.envoyproxy.io/v1alpha1:SecurityPolicy", "llm-gateway-security-policy"],
      ["kubernetes:aigateway.envoyproxy.io/v1beta1:AIServiceBackend", "llm-gateway-service-backend"],
      ["kubernetes:core/v1:Namespace", "llm-namespace"],
      ["fitserve:serving:GpuNodeGroup", "llm-nodes"],
      ["kubernetes:core/v1:Node", "llm-nodes-node-0"],
    ]);
  });
});

function priorityClassesOf(resources: readonly Registered[]): string[] {
  return resources.filter(({ type }) => type.endsWith(":PriorityClass")).map(({ name }) => name);
}

describe("what a target adds or leaves out", () => {
  test("an existing cluster gets no node and no GatewayClass", async () => {
    const plan = feasiblePlan();
    const existing = { ...plan, request: { ...plan.request, target: "existing" as const } };
    const { resources } = await registeredBy(
      () => new ServingStack("llm", { plan: existing, clientKeys: CLIENT_KEYS }),
    );
    const kinds = resources.map(({ type }) => type);
    expect(kinds.filter((type) => /Node$|GatewayClass|GpuNodeGroup/.test(type))).toEqual([]);
    expect(kinds.filter((type) => type.endsWith(":Gateway"))).toHaveLength(1);
  });

  test("a priority class is made only when asked by name, before the pods that have it", async () => {
    const referenced = await buildStack({ priorityClass: { name: "llm", create: false } });
    expect(priorityClassesOf(referenced.resources)).toEqual([]);
    const made = await buildStack({ priorityClass: { name: "llm", create: true } });
    expect(priorityClassesOf(made.resources)).toEqual(["llm-engine-priority-class"]);
  });

  test("without Envoy's controllers the gateway is a route, and a key that the engine checks", async () => {
    const { resources } = await buildStack({ gateway: "gateway-api", sharedKeyClient: "ada" });
    const parts = resources.filter(({ name }) => name.startsWith("llm-gateway-"));
    expect(parts.map(({ name }) => name)).toEqual([
      "llm-gateway-class",
      "llm-gateway-client-keys",
      "llm-gateway-gateway",
      "llm-gateway-http-route",
    ]);
  });

  test("with a picker of replicas there is a pool in place of the backends", async () => {
    const { resources } = await buildStack({ endpointPicker: { service: "picker", port: 9002 } });
    const names = resources.map(({ name }) => name);
    expect(names).toContain("llm-gateway-pool");
    expect(names.filter((name) => name.endsWith("backend"))).toEqual([]);
  });

  test("proxies of its own are left out where the class decides about them", async () => {
    const { resources } = await buildStack({ createEnvoyProxy: false });
    expect(resources.filter(({ type }) => type.endsWith(":EnvoyProxy"))).toEqual([]);
  });

  test("a namespace that is there already is not made", async () => {
    const { resources } = await buildStack({ namespace: "ai", createNamespace: false });
    expect(resources.filter(({ type }) => type === "kubernetes:core/v1:Namespace")).toEqual([]);
    const homes = resources.flatMap(({ inputs }) => {
      const { namespace } = Object(inputs["metadata"]);
      return namespace === undefined ? [] : [namespace];
    });
    expect([...new Set(homes)]).toEqual(["ai"]);
  });
});

describe("secrets of a ServingStack", () => {
  test("clients' keys reach the engine only as a secret, even when given in plain", async () => {
    const { resources } = await buildStack();
    const secret = resources.find(({ name }) => name === "llm-gateway-client-keys");
    expect(secret?.inputs["stringData"]).toEqual({
      [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig,
      value: CLIENT_KEYS,
    });
    const others = resources.filter((resource) => resource !== secret);
    expect(JSON.stringify(others)).not.toContain(CLIENT_KEYS.ada);
  });

  test("the endpoint names no key and is no secret, so that a preview shows it", async () => {
    const { built } = await buildStack();
    const { value, secret } = await settled(built.endpoint);
    expect(secret).toBe(false);
    expect(value.model).toBe("qwen3-32b");
    expect(value.gateway).toBe("fitserve/qwen3-32b");
  });
});

describe("transform hooks", () => {
  test("the deployment's hook gets the finished arguments and its answer is what is registered", async () => {
    const { resources } = await registeredBy(
      () =>
        new ServingStack("llm", {
          plan: feasiblePlan(),
          clientKeys: CLIENT_KEYS,
          transform: {
            deployment: (args) => ({ ...args, spec: { ...args.spec, replicas: 3 } }),
          },
        }),
    );
    const deployment = resources.find(({ name }) => name === "llm-engine-deployment");
    expect(deployment?.inputs["spec"]).toMatchObject({ replicas: 3, strategy: { type: "RollingUpdate" } });
  });
});

describe("what cannot be deployed", () => {
  test("a plan without weights stops before any resource of the engine, naming the setting that helps", async () => {
    const plan = feasiblePlan();
    const { key, parameters } = plan.model;
    const without = { ...plan, model: { key, parameters } };
    await expect(
      registeredBy(() => new ServingStack("llm", { plan: without, clientKeys: CLIENT_KEYS })),
    ).rejects.toThrow(/fitserve:serving\.checkpoint/);
    await pulumi.runtime.disconnect();
  });
});

describe("waiting for the engine", () => {
  test("its Deployment and its Services may take as long as a replica takes to end and the next to load", async () => {
    const waits: [string, string | undefined][] = [];
    const record: pulumi.ResourceTransformation = ({ name, opts }) => {
      if ("customTimeouts" in opts) waits.push([name, opts.customTimeouts?.create]);
      return undefined;
    };
    await registeredBy(
      () => new ServingStack("llm", { plan: feasiblePlan(), clientKeys: CLIENT_KEYS }, { transformations: [record] }),
    );
    expect(Object.fromEntries(waits)).toEqual({
      "llm-engine-deployment": "44m",
      "llm-engine-replicas-service": "44m",
      "llm-engine-service": "44m",
    });
  });
});
