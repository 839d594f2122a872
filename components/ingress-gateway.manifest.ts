import type { FeasiblePlan } from "../sizing/serving-plan";
import { instanceLabels } from "./kubernetes-object";
import type { ServingOptions } from "./serving-options";
import { servingTimeouts } from "./serving-timeouts";
import { parseVllmArguments, servedModelName } from "./vllm-arguments";
import { ENGINE_PORT } from "./vllm-pod.manifest";

const GATEWAY_API = "gateway.networking.k8s.io";
const ENVOY_GATEWAY = "gateway.envoyproxy.io";
const AI_GATEWAY = "aigateway.envoyproxy.io";

/** Header that Envoy AI Gateway fills from the body's `model`. */
const MODEL_HEADER = "x-ai-eg-model";

/** Largest prompt in flight that a proxy holds; Envoy's 32 KiB break prompts that are read for their model. */
const LARGEST_BODY = "50Mi";

function metadata(options: ServingOptions) {
  return { name: options.name, namespace: options.namespace, labels: instanceLabels(options.name, "gateway") };
}

/** Secret that holds the clients: name of the client → its API key, without "Bearer ". */
export function clientKeysSecretName(options: ServingOptions): string {
  return `${options.name}-client-keys`;
}

/** Without the keys, which are added where they are known: by the component as a secret, by hand for `render`. */
export function clientKeysSecret(options: ServingOptions) {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...metadata(options), name: clientKeysSecretName(options) },
    type: "Opaque",
  } as const;
}

/** Model name that clients send and the gateway routes on. */
export function routedModel(plan: FeasiblePlan): string {
  return servedModelName(parseVllmArguments(plan.engine.args)) ?? plan.model.key;
}

/** Ties Gateways to Envoy Gateway's controller. Cluster-wide. */
export function gatewayClass(options: ServingOptions) {
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "GatewayClass",
    metadata: { name: options.gatewayClass.name, labels: instanceLabels(options.name, "gateway") },
    spec: { controllerName: `${ENVOY_GATEWAY}/gatewayclass-controller` },
  } as const;
}

/** Where clients connect; only routes of its own namespace may attach. */
export function gateway(options: ServingOptions) {
  const { tlsSecret } = options;
  const listener =
    tlsSecret === undefined
      ? { name: "http", protocol: "HTTP", port: 80 }
      : {
          name: "https",
          protocol: "HTTPS",
          port: 443,
          tls: { mode: "Terminate", certificateRefs: [{ kind: "Secret", name: tlsSecret }] },
        };
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "Gateway",
    metadata: metadata(options),
    spec: {
      gatewayClassName: options.gatewayClass.name,
      listeners: [{ ...listener, allowedRoutes: { namespaces: { from: "Same" } } }],
    },
  } as const;
}

/** Requests for the served model go to the engine, for as long as the longest answer may take. */
export function aiGatewayRoute(plan: FeasiblePlan, options: ServingOptions) {
  return {
    apiVersion: `${AI_GATEWAY}/v1beta1`,
    kind: "AIGatewayRoute",
    metadata: metadata(options),
    spec: {
      parentRefs: [{ group: GATEWAY_API, kind: "Gateway", name: options.name }],
      rules: [
        {
          matches: [{ headers: [{ type: "Exact", name: MODEL_HEADER, value: routedModel(plan) }] }],
          backendRefs: [{ name: options.name }],
          timeouts: { request: seconds(servingTimeouts(plan).requestSeconds) },
        },
      ],
      llmRequestCosts: [
        { metadataKey: "llm_input_token", type: "InputToken" },
        { metadataKey: "llm_output_token", type: "OutputToken" },
        { metadataKey: "llm_total_token", type: "TotalToken" },
      ],
    },
  } as const;
}

/** The engine speaks OpenAI's API. */
export function aiServiceBackend(options: ServingOptions) {
  return {
    apiVersion: `${AI_GATEWAY}/v1beta1`,
    kind: "AIServiceBackend",
    metadata: metadata(options),
    spec: {
      schema: { name: "OpenAI" },
      backendRef: { group: ENVOY_GATEWAY, kind: "Backend", name: options.name },
    },
  } as const;
}

/** Address of the engine's Service: an AIServiceBackend takes a Backend, never a Service. */
export function backend(options: ServingOptions) {
  return {
    apiVersion: `${ENVOY_GATEWAY}/v1alpha1`,
    kind: "Backend",
    metadata: metadata(options),
    spec: { endpoints: [{ fqdn: { hostname: engineHost(options), port: ENGINE_PORT } }] },
  } as const;
}

/** Name of the engine's Service in the cluster's DNS. */
export function engineHost(options: ServingOptions): string {
  return `${options.name}.${options.namespace}.svc.cluster.local`;
}

/** Nobody without a key of the clients' Secret gets past the listener; the engine learns the client, not the key. */
export function securityPolicy(options: ServingOptions) {
  return {
    apiVersion: `${ENVOY_GATEWAY}/v1alpha1`,
    kind: "SecurityPolicy",
    metadata: metadata(options),
    spec: {
      targetRefs: [{ group: GATEWAY_API, kind: "Gateway", name: options.name }],
      apiKeyAuth: {
        credentialRefs: [{ kind: "Secret", name: clientKeysSecretName(options) }],
        extractFrom: [{ headers: ["Authorization"] }],
        forwardClientIDHeader: "x-client-id",
        sanitize: true,
      },
    },
  } as const;
}

/**
 * Between gateway and engine: as many requests as the replicas hold at once, as many again wait, the rest is refused.
 * Only what never reached an engine is tried again, so that a retry cannot multiply an overload.
 */
export function backendTrafficPolicy(plan: FeasiblePlan, options: ServingOptions) {
  const atOnce = plan.engine.maxNumSeqs * plan.hardware.replicas;
  return {
    apiVersion: `${ENVOY_GATEWAY}/v1alpha1`,
    kind: "BackendTrafficPolicy",
    metadata: metadata(options),
    spec: {
      // The AI gateway makes an HTTPRoute of the AIGatewayRoute's name.
      targetRefs: [{ group: GATEWAY_API, kind: "HTTPRoute", name: options.name }],
      circuitBreaker: {
        maxConnections: atOnce,
        maxParallelRequests: atOnce,
        maxPendingRequests: atOnce,
        maxParallelRetries: Math.max(1, Math.floor(atOnce / 10)),
      },
      retry: { numRetries: 1, retryOn: { triggers: ["connect-failure", "refused-stream", "reset-before-request"] } },
      timeout: {
        tcp: { connectTimeout: "5s" },
        http: { connectionIdleTimeout: seconds(servingTimeouts(plan).upstreamIdleSeconds) },
      },
    },
  } as const;
}

/** Between client and gateway: outlasts the route, takes large prompts, does not wait for clients that never finish one. */
export function clientTrafficPolicy(plan: FeasiblePlan, options: ServingOptions) {
  const timeouts = servingTimeouts(plan);
  return {
    apiVersion: `${ENVOY_GATEWAY}/v1alpha1`,
    kind: "ClientTrafficPolicy",
    metadata: metadata(options),
    spec: {
      targetRefs: [{ group: GATEWAY_API, kind: "Gateway", name: options.name }],
      connection: { bufferLimit: LARGEST_BODY },
      timeout: {
        http: {
          requestReceivedTimeout: seconds(timeouts.requestReceivedSeconds),
          streamIdleTimeout: seconds(timeouts.streamIdleSeconds),
        },
      },
    },
  } as const;
}

function seconds(count: number): string {
  return `${count}s`;
}
