import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DEPLOYMENT_KEYS, readDeploymentSettings } from "../../../components/settings/deployment-settings";

function optionsOf(values: Record<string, unknown>, clientNames?: readonly string[]) {
  const source = { prefix: "", namespace: "ai", ...(clientNames === undefined ? {} : { clientNames }) } as const;
  const read = readDeploymentSettings(values, source);
  if (!read.ok) throw new Error(read.faults.join("\n"));
  return read.options;
}

function faultsOf(values: Record<string, unknown>, clientNames?: readonly string[]): readonly string[] {
  const source = { prefix: "", namespace: "ai", ...(clientNames === undefined ? {} : { clientNames }) } as const;
  const read = readDeploymentSettings(values, source);
  return read.ok ? [] : read.faults;
}

const EVERYTHING = {
  namespace: "ai",
  createNamespace: false,
  gateway: "ai-gateway",
  gatewayClass: "envoy",
  createGatewayClass: true,
  createEnvoyProxy: false,
  gatewayNamespace: "envoy",
  clientNamespaces: ["metrics"],
  hostname: "llm.example.org",
  tlsSecret: "cert",
  certificateIssuer: { kind: "ClusterIssuer", name: "letsencrypt" },
  engineImage: "registry.example.org/vllm-openai:v0.33.0",
  imagePullSecret: "registry",
  hubTokenSecret: "hub",
  modelCacheClaim: "weights",
  nodeSelector: { pool: "gpu" },
  priorityClass: "llm",
  createPriorityClass: true,
  rateLimits: { scope: "shared", requestsPerMinute: 60, tokensPerMinute: 100_000 },
  clients: { ada: { tokensPerMinute: 5 } },
  loadBalancerAnnotations: { a: "b" },
  endpointPicker: { service: "picker", port: 9002 },
  loraAdapters: [{ name: "legal", repository: "acme/legal" }],
  maxLoraRank: 64,
  toolCallParser: "hermes",
  reasoningParser: "none",
};

describe("settings of a deployment", () => {
  test("mean the same as text, as Pulumi hands them over, and as they stand in a file", () => {
    const asText = Object.fromEntries(
      Object.entries(EVERYTHING).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
    expect(optionsOf(asText)).toEqual(optionsOf(EVERYTHING));
  });

  test("arrive as options", () => {
    expect(optionsOf(EVERYTHING, ["ada"])).toMatchObject({
      gatewayClass: { name: "envoy", create: true },
      priorityClass: { name: "llm", create: true },
      rateLimits: {
        scope: "shared",
        everyClient: { requestsPerMinute: 60, tokensPerMinute: 100_000 },
        clients: { ada: { tokensPerMinute: 5 } },
      },
      maxLoraRank: 64,
    });
  });

  test("are all in the table of docs/serving.md", () => {
    const page = readFileSync(join(__dirname, "../../../docs/serving.md"), "utf8");
    const table = page.slice(page.indexOf("## Settings"), page.indexOf("## How far"));
    expect(DEPLOYMENT_KEYS.filter((key) => !table.includes(`\`${key}\``))).toEqual([]);
  });

  test("take names with dots where Kubernetes does, and namespaces that are there", () => {
    const dotted = { tlsSecret: "llm.example.org", gatewayClass: "envoy.internal", modelCacheClaim: "weights.v2" };
    expect(faultsOf(dotted)).toEqual([]);
    expect(faultsOf({ tlsSecret: "llm..org" })).toHaveLength(1);
    expect(faultsOf({ namespace: "a.b" })).toHaveLength(1);
    expect(faultsOf({ namespace: "default", createNamespace: false })).toEqual([]);
  });

  test("take a header whose value names a dialogue", () => {
    expect(optionsOf({ sessionHeader: "X-Session-Id" })).toMatchObject({ sessionHeader: "X-Session-Id" });
    expect(faultsOf({ sessionHeader: "x-session-id", gateway: "gateway-api" })).toEqual([
      "sessionHeader needs gateway ai-gateway: other controllers know nothing of it",
    ]);
    for (const sessionHeader of ["", "x_session", "x session", "authorization", "x-client-id", "x-ai-eg-model"])
      expect(faultsOf({ sessionHeader })).toHaveLength(1);
  });

  test("leave open what they do not name", () => {
    expect(optionsOf({})).toEqual({ namespace: "ai" });
  });

  test("with one key for all take it from the only client", () => {
    expect(optionsOf({ gateway: "gateway-api" }, ["ada"])).toMatchObject({ sharedKeyClient: "ada" });
  });
});

describe("faulty settings", () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      "a session header that the gateway removes",
      { sessionHeader: "X-Envoy-Session" },
      'sessionHeader: got "X-Envoy-Session"; wanted a header such as x-session-id (letters, digits and dashes, at most 64), that the gateway does not remove',
    ],
    [
      "a session header and a picker",
      { sessionHeader: "x-session-id", endpointPicker: { service: "p", port: 1 } },
      "sessionHeader and endpointPicker both choose the replica; give one of them",
    ],
    [
      "a namespace of the cluster's own to be made",
      { namespace: "kube-system" },
      "namespace: kube-system is the cluster's own, and all of its pods would be held to the pod security of the engine's; wanted createNamespace: false beside it",
    ],
    [
      "a label that no node can have",
      { nodeSelector: { "bad key": "v" } },
      'nodeSelector: got an object {"bad key":"v"}; wanted an object of node labels as Kubernetes takes them, each with a text as value',
    ],
    [
      "a label's value that no node can have",
      { nodeSelector: { pool: "v v" } },
      'nodeSelector.pool: got "v v"; wanted an object of node labels as Kubernetes takes them, each with a text as value',
    ],
    [
      "an annotation that nothing can have",
      { loadBalancerAnnotations: { "/x": "v" } },
      'loadBalancerAnnotations: got an object {"/x":"v"}; wanted an object of annotations as Kubernetes takes them, each with a text as value',
    ],
    ["an unknown key", { gatewayclass: "x" }, "gatewayclass is no setting; meant was gatewayClass?"],
    ["a key with control characters", { "\u001b[2J\u009b": 1 }, " [2J  is no setting"],
    [
      "a client's name with control characters",
      { clients: { "\u001b[2J": 5 } },
      "clients. [2J: got 5; wanted an object {requestsPerMinute, tokensPerMinute}",
    ],
    [
      "a number that is no integer and too large",
      { rateLimits: { scope: "shared", tokensPerMinute: 1e308 } },
      "rateLimits.tokensPerMinute: got 1e+308; wanted a whole number from 1 to 1,000,000,000",
    ],
    [
      "an unknown scope",
      { rateLimits: { scope: "global" } },
      'rateLimits.scope: got "global"; wanted one of proxy, shared',
    ],
    [
      "no number of requests",
      { rateLimits: { scope: "proxy", requestsPerMinute: 0 } },
      "rateLimits.requestsPerMinute: got 0; wanted a whole number from 1 to 1,000,000,000",
    ],
    [
      "tokens counted by one proxy",
      { rateLimits: { scope: "proxy", tokensPerMinute: 9 } },
      "rateLimits.tokensPerMinute needs rateLimits.scope shared: a proxy by itself counts requests, not tokens",
    ],
    [
      "limits that nobody counts",
      { clients: { ada: { requestsPerMinute: 9 } } },
      "clients needs rateLimits beside it: rateLimits.scope says who counts, proxy or shared",
    ],
    [
      "a client without a key",
      { rateLimits: { scope: "proxy" }, clients: { adda: { requestsPerMinute: 9 } } },
      "clients.adda has no key; meant was clients.ada?",
    ],
    [
      "a certificate for no name",
      { certificateIssuer: { kind: "Issuer", name: "x" } },
      "certificateIssuer needs hostname beside it: the name that the certificate is for",
    ],
    [
      "a rank without kernels",
      { loraAdapters: EVERYTHING.loraAdapters, maxLoraRank: 20 },
      "maxLoraRank: got 20; wanted one of 1, 8, 16, 32, 64, 128, 256, 320, 512",
    ],
    [
      "an adapter that would be another argument",
      { loraAdapters: [{ name: "a b", repository: "acme/x" }] },
      'loraAdapters.0.name: got "a b"; wanted letters, digits, dots, dashes, slashes and underscores, at most 100',
    ],
    [
      "a parser that the engine does not have",
      { toolCallParser: "hermess" },
      'toolCallParser: got "hermess"; wanted a parser that vLLM 0.33 has, or none (did you mean hermes?)',
    ],
    [
      "limits of clients that other controllers do not know",
      { gateway: "gateway-api", rateLimits: { scope: "proxy" } },
      "rateLimits needs gateway ai-gateway: other controllers know nothing of it",
    ],
  ])("%s", (_, values, wanted) => {
    expect(faultsOf(values, ["ada"])).toEqual([wanted]);
  });

  test("are all named at once", () => {
    expect(faultsOf({ hostname: "x", tlsSecret: "A", createNamespace: 1 })).toHaveLength(3);
  });

  test("one key for all is not chosen among several clients", () => {
    expect(faultsOf({ gateway: "gateway-api" }, ["ada", "bob"])).toEqual([
      "gateway gateway-api: the engine checks one key for all, but clientKeys names 2",
    ]);
  });
});
