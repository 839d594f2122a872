import type { FeasiblePlan } from "../../sizing/serving-plan";
import { instanceLabels } from "../kubernetes-object";
import { clientKeysSecretName, type ServingOptions } from "../serving-options";
import { servedNames } from "../vllm/deployed-arguments";
import { ENGINE_PORT, replicasHost } from "../vllm/vllm-addresses";
import { servingTimeouts } from "./serving-timeouts";

export const GATEWAY_API = "gateway.networking.k8s.io";
export const ENVOY_GATEWAY = "gateway.envoyproxy.io";
const AI_GATEWAY = "aigateway.envoyproxy.io";

/** Header that Envoy AI Gateway fills from the body's `model`; what a client sends under this name is removed. */
const MODEL_HEADER = "x-ai-eg-model";

/** What an AIGatewayRoute takes beside its own kind of backend. */
export const INFERENCE_POOL = { group: "inference.networking.k8s.io", kind: "InferencePool" } as const;

/** Labels and name of everything on the way in. */
export function gatewayMetadata(options: ServingOptions) {
  return { name: options.name, namespace: options.namespace, labels: instanceLabels(options.name, "gateway") };
}

/** Labels that Envoy Gateway gives to the pods of a Gateway's proxies. */
export function proxyLabels({ name, namespace }: ServingOptions): Record<string, string> {
  return {
    [`${ENVOY_GATEWAY}/owning-gateway-name`]: name,
    [`${ENVOY_GATEWAY}/owning-gateway-namespace`]: namespace,
  };
}

/** Without the keys, which are added where they are known: by the component as a secret, by hand for `render`. */
export function clientKeysSecret(options: ServingOptions) {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...gatewayMetadata(options), name: clientKeysSecretName(options) },
    type: "Opaque",
  } as const;
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

/** Secret with the gateway's certificate: the user's, or the one that cert-manager fills; undefined: no TLS. */
function tlsSecretName({ name, tlsSecret, certificateIssuer }: ServingOptions): string | undefined {
  return tlsSecret ?? (certificateIssuer === undefined ? undefined : `${name}-tls`);
}

/** Where clients connect; only routes of its own namespace may attach. */
export function gateway(options: ServingOptions) {
  const base = gatewayMetadata(options);
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "Gateway",
    metadata: { ...base, ...issuerAnnotation(options) },
    spec: {
      gatewayClassName: options.gatewayClass.name,
      ...(options.createEnvoyProxy
        ? { infrastructure: { parametersRef: { group: ENVOY_GATEWAY, kind: "EnvoyProxy", name: options.name } } }
        : {}),
      listeners: [listener(options)],
    },
  };
}

function issuerAnnotation({ certificateIssuer: issuer }: ServingOptions) {
  if (issuer === undefined) return {};
  const key = issuer.kind === "ClusterIssuer" ? "cert-manager.io/cluster-issuer" : "cert-manager.io/issuer";
  return { annotations: { [key]: issuer.name } };
}

function listener(options: ServingOptions) {
  const secret = tlsSecretName(options);
  return {
    ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
    ...(secret === undefined
      ? { name: "http", protocol: "HTTP", port: 80 }
      : {
          name: "https",
          protocol: "HTTPS",
          port: 443,
          tls: { mode: "Terminate", certificateRefs: [{ kind: "Secret", name: secret }] },
        }),
    allowedRoutes: { namespaces: { from: "Same" } },
  };
}

/** Requests for the model or one of its adapters go to the engine, for as long as the longest answer may take. */
export function aiGatewayRoute(plan: FeasiblePlan, options: ServingOptions) {
  return {
    apiVersion: `${AI_GATEWAY}/v1beta1`,
    kind: "AIGatewayRoute",
    metadata: gatewayMetadata(options),
    spec: {
      parentRefs: [{ group: GATEWAY_API, kind: "Gateway", name: options.name }],
      rules: [
        {
          matches: servedNames(plan, options).map((value) => ({
            headers: [{ type: "Exact", name: MODEL_HEADER, value }],
          })),
          backendRefs: [
            options.endpointPicker === undefined ? { name: options.name } : { ...INFERENCE_POOL, name: options.name },
          ],
          timeouts: { request: `${servingTimeouts(plan).requestSeconds}s` },
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
    metadata: gatewayMetadata(options),
    spec: {
      schema: { name: "OpenAI" },
      backendRef: { group: ENVOY_GATEWAY, kind: "Backend", name: options.name },
    },
  } as const;
}

/**
 * Addresses of the replicas: an AIServiceBackend takes a Backend, never a Service. The name is that of the headless
 * Service, so that a proxy knows every replica, balances by load and leaves one that drains, which it could not through
 * a cluster address.
 */
export function backend(options: ServingOptions) {
  return {
    apiVersion: `${ENVOY_GATEWAY}/v1alpha1`,
    kind: "Backend",
    metadata: gatewayMetadata(options),
    spec: { endpoints: [{ fqdn: { hostname: replicasHost(options), port: ENGINE_PORT } }] },
  } as const;
}
