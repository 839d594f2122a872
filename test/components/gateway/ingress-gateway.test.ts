import { describe, expect, test } from "vitest";
import { servingManifests } from "../../../components";
import { httpRoute, inferencePool } from "../../../components/gateway/alternatives.manifest";
import { aiGatewayRoute, backend, gateway } from "../../../components/gateway/ingress-gateway.manifest";
import { gatewayLimits } from "../../../components/gateway/limits";
import {
  backendTrafficPolicy,
  clientTrafficPolicy,
  securityPolicy,
} from "../../../components/gateway/policies.manifest";
import { envoyProxy } from "../../../components/gateway/proxy.manifest";
import { servingTimeouts } from "../../../components/gateway/serving-timeouts";
import { servingOptions, type ServingOptions } from "../../../components/serving-options";
import { engineNetworkPolicy } from "../../../components/vllm/engine-network-policy.manifest";
import { engineReplicasService } from "../../../components/vllm/vllm-deployment.manifest";
import { enginePodSpec } from "../../../components/vllm/vllm-pod.manifest";
import { feasiblePlan } from "../../support/feasible-plan";

const plan = feasiblePlan();
const options = servingOptions(plan);

function routedNames(given: ServingOptions): string[] {
  const [rule] = aiGatewayRoute(plan, given).spec.rules;
  return rule.matches.flatMap(({ headers }) => headers.map(({ value }) => value));
}

describe("the route", () => {
  test("goes by the name under which the engine serves the model", () => {
    expect(routedNames(options)).toEqual(["qwen3-32b"]);
  });

  test("goes by the names of adapters too", () => {
    const loraAdapters = [{ name: "legal", repository: "acme/qwen3-32b-legal" }];
    expect(routedNames({ ...options, loraAdapters })).toEqual(["qwen3-32b", "legal"]);
  });

  test("knows every replica, by a name that has no address of its own", () => {
    const [endpoint] = backend(options).spec.endpoints;
    const { metadata, spec } = engineReplicasService(plan, options);
    expect(endpoint.fqdn.hostname).toBe(`${metadata.name}.${metadata.namespace}.svc.cluster.local`);
    expect(spec.clusterIP).toBe("None");
  });

  test("listens with TLS when a certificate is named", () => {
    const [listener] = gateway({ ...options, tlsSecret: "cert" }).spec.listeners;
    expect(listener).toMatchObject({ protocol: "HTTPS", port: 443, tls: { certificateRefs: [{ name: "cert" }] } });
  });

  test("listens with the certificate that cert-manager gets for its name", () => {
    const issuer = { kind: "ClusterIssuer", name: "letsencrypt" } as const;
    const { metadata, spec } = gateway({ ...options, hostname: "llm.example.org", certificateIssuer: issuer });
    expect(metadata.annotations).toEqual({ "cert-manager.io/cluster-issuer": "letsencrypt" });
    expect(spec.listeners[0]).toMatchObject({
      hostname: "llm.example.org",
      protocol: "HTTPS",
      tls: { certificateRefs: [{ name: "qwen3-32b-tls" }] },
    });
  });
});

function replicaChoice(given: ServingOptions) {
  return backendTrafficPolicy(plan, given).spec.loadBalancer;
}

describe("the choice of a replica", () => {
  test("is by load, and with a header that names dialogues by its value", () => {
    expect(replicaChoice(options)).toEqual({ type: "LeastRequest" });
    expect(replicaChoice({ ...options, sessionHeader: "x-session-id" })).toEqual({
      type: "ConsistentHash",
      consistentHash: { type: "Headers", headers: [{ name: "x-session-id" }] },
    });
  });
});

describe("other ways in", () => {
  test("of any controller of the Gateway API let only the API's paths through, and the engine checks the key", () => {
    const objects = servingManifests(plan, { gateway: "gateway-api", sharedKeyClient: "ada" });
    expect(objects.map(({ kind }) => kind).slice(-3)).toEqual(["GatewayClass", "Gateway", "HTTPRoute"]);
    const [rule] = httpRoute(plan, options).spec.rules;
    expect(rule?.matches).toEqual([{ path: { type: "PathPrefix", value: "/v1" } }]);
    const environment = enginePodSpec(plan, { ...options, gateway: "gateway-api", sharedKeyClient: "ada" });
    expect(environment.containers[0]?.env.at(-1)).toEqual({
      name: "VLLM_API_KEY",
      valueFrom: { secretKeyRef: { name: "qwen3-32b-client-keys", key: "ada" } },
    });
  });

  test("with a picker of replicas take the route to a pool of the engine's pods", () => {
    const endpointPicker = { service: "picker", port: 9002 };
    const objects = servingManifests(plan, { endpointPicker });
    expect(objects.map(({ kind }) => kind).filter((kind) => /Backend$|Pool/.test(kind))).toEqual(["InferencePool"]);
    const [rule] = aiGatewayRoute(plan, { ...options, endpointPicker }).spec.rules;
    expect(rule.backendRefs).toEqual([
      { group: "inference.networking.k8s.io", kind: "InferencePool", name: "qwen3-32b" },
    ]);
    const { selector } = engineReplicasService(plan, options).spec;
    expect(inferencePool(options, endpointPicker).spec.selector).toEqual({ matchLabels: selector });
    const [ingress] = engineNetworkPolicy(plan, { ...options, endpointPicker }).spec.ingress;
    expect(JSON.stringify(ingress?.from.at(-1))).toContain(options.namespace);
  });
});

describe("what a client may send", () => {
  const { spec } = clientTrafficPolicy(plan, options);

  test("its path is normalised before it is matched, and refused with an encoded slash", () => {
    expect(spec.path).toEqual({ escapedSlashesAction: "RejectRequest", disableMergeSlashes: false });
  });

  test("no header of its own says which model, replica or client it is, or how often to try again", () => {
    expect(spec.headers.earlyRequestHeaders).toEqual({
      remove: ["x-client-id", "x-gateway-destination-endpoint"],
      removeOnMatch: [
        { type: "Prefix", value: "x-ai-eg-" },
        { type: "Prefix", value: "x-envoy-" },
      ],
    });
    const { forwardClientIDHeader } = securityPolicy(options).spec.apiKeyAuth;
    expect(spec.headers.earlyRequestHeaders.remove).toContain(forwardClientIDHeader);
  });

  test("a body has room for the whole context, however it is spelt, and is refused beyond", () => {
    expect(gatewayLimits(plan).bodyMiB).toBe(4);
    const long = { ...plan, engine: { ...plan.engine, maxModelLen: 131_072 } };
    expect(backendTrafficPolicy(long, options).spec.requestBuffer).toEqual({ limit: "8Mi" });
    expect(clientTrafficPolicy(long, options).spec.connection).toEqual({ bufferLimit: "8Mi" });
  });
});

describe("how much the gateway lets through", () => {
  test("is what the engines run and let wait, so that their queues decide who waits", () => {
    const two = { ...plan, hardware: { ...plan.hardware, replicas: 2 } };
    expect(backendTrafficPolicy(two, options).spec.circuitBreaker).toEqual({
      maxConnections: 1024,
      maxParallelRequests: 512,
      maxPendingRequests: 512,
      maxParallelRetries: 256,
    });
  });

  test("is four times the batch for an engine that has no limit of its own", () => {
    const engine = { ...plan.engine, args: plan.engine.args.filter((arg) => !arg.startsWith("--max-num-queued")) };
    expect(gatewayLimits({ ...plan, engine }).requestsAccepted).toBe(256);
  });

  test("a refusal says when to come again, whether a proxy or a full engine refused", () => {
    const [full, limited] = backendTrafficPolicy(plan, options).spec.responseOverride;
    expect([full?.match.statusCodes[0]?.value, full?.source]).toEqual([503, "All"]);
    expect(full?.response.header.set).toEqual([{ name: "retry-after", value: "15" }]);
    expect([limited?.match.statusCodes[0]?.value, limited?.source]).toEqual([429, "Local"]);
    expect(limited?.response.header.set).toEqual([{ name: "retry-after", value: "60" }]);
    for (const answer of [full, limited]) {
      const body: unknown = JSON.parse(answer?.response.body.inline ?? "");
      expect(body).toMatchObject({ error: { code: String(answer?.response.statusCode) } });
    }
  });

  test("only what has no answer yet is tried again, and never a refusal", () => {
    const { retry } = backendTrafficPolicy(plan, options).spec;
    expect(retry).toEqual({ numRetries: 2, retryOn: { triggers: ["connect-failure", "refused-stream", "reset"] } });
  });

  test("a replica is left alone when it cannot be reached, and never for an answer such as 503", () => {
    const { passive } = backendTrafficPolicy(plan, options).spec.healthCheck;
    expect(passive).toMatchObject({
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailures: 5,
      consecutive5XxErrors: 0,
      consecutiveGatewayErrors: 0,
    });
  });
});

describe("limits of clients", () => {
  test("there are none unless they are asked for", () => {
    expect(backendTrafficPolicy(plan, options).spec).not.toHaveProperty("rateLimit");
  });

  test("each proxy counts the requests of each client by itself, and who is named has a limit of their own", () => {
    const { rateLimit } = backendTrafficPolicy(plan, {
      ...options,
      rateLimits: {
        scope: "proxy",
        everyClient: { requestsPerMinute: 60 },
        clients: { ada: { requestsPerMinute: 600 } },
      },
    }).spec;
    expect(rateLimit).toEqual({
      local: {
        rules: [
          {
            clientSelectors: [{ headers: [{ type: "Exact", name: "x-client-id", value: "ada" }] }],
            limit: { requests: 600, unit: "Minute" },
          },
          {
            clientSelectors: [
              {
                headers: [
                  { type: "Distinct", name: "x-client-id" },
                  { type: "Exact", name: "x-client-id", value: "ada", invert: true },
                ],
              },
            ],
            limit: { requests: 60, unit: "Minute" },
          },
        ],
      },
    });
  });

  test("tokens are charged after the answer, from what the AI gateway counted", () => {
    const { rateLimit } = backendTrafficPolicy(plan, {
      ...options,
      rateLimits: { scope: "shared", everyClient: { tokensPerMinute: 10_000 } },
    }).spec;
    const key = aiGatewayRoute(plan, options).spec.llmRequestCosts[2].metadataKey;
    expect(rateLimit).toEqual({
      global: {
        rules: [
          {
            clientSelectors: [{ headers: [{ type: "Distinct", name: "x-client-id" }] }],
            limit: { requests: 10_000, unit: "Minute" },
            cost: {
              request: { from: "Number", number: 0 },
              response: { from: "Metadata", metadata: { namespace: "io.envoy.ai_gateway", key } },
            },
          },
        ],
      },
    });
  });
});

describe("the gateway's proxies", () => {
  const proxy = envoyProxy(plan, options);

  test("belong to the Gateway unless their class is to decide", () => {
    const name = gateway(options).spec.infrastructure?.parametersRef.name;
    expect(name).toBe(proxy.metadata.name);
    expect(gateway({ ...options, createEnvoyProxy: false }).spec).not.toHaveProperty("infrastructure");
  });

  test("are spread over nodes by the labels by which the engine lets them in", () => {
    const [spread] = proxy.spec.provider.kubernetes.envoyDeployment.pod.topologySpreadConstraints;
    const [ingress] = engineNetworkPolicy(plan, options).spec.ingress;
    expect(ingress?.from[0]?.podSelector).toEqual(spread?.labelSelector);
  });

  test("drain for as long as the longest stream", () => {
    expect(proxy.spec.shutdown.drainTimeout).toBe(`${servingTimeouts(plan).requestSeconds}s`);
  });

  test("write down client, tokens and times, and nothing that a prompt or a key could be in", () => {
    const fields = proxy.spec.telemetry.accessLog.settings[0]?.format.json ?? {};
    expect(fields).toMatchObject({
      client: "%REQ(X-CLIENT-ID)%",
      output_tokens: "%DYNAMIC_METADATA(io.envoy.ai_gateway:llm_output_token)%",
      first_byte_ms: "%RESPONSE_DURATION%",
    });
    const headers = Object.values(fields).flatMap((field) => /%(?:REQ|RESP)\((.*)\)%/.exec(field)?.[1] ?? []);
    expect(headers).toEqual(["X-REQUEST-ID", "X-CLIENT-ID", ":METHOD", "X-AI-EG-MODEL"]);
  });
});
