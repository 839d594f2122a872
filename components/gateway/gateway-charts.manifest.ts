import type { Chart } from "../chart-release";

/** Where Envoy Gateway runs, and with it the proxies of all Gateways. */
export const ENVOY_NAMESPACE = "envoy-gateway-system";
export const AI_GATEWAY_NAMESPACE = "envoy-ai-gateway-system";

/**
 * Source of the values: envoyproxy/ai-gateway manifests/envoy-gateway-values.yaml; with `redis`, where the rate-limit
 * service counts, those of examples/token_ratelimit/envoy-gateway-values-addon.yaml.
 */
export function envoyGateway(redis?: string): Chart {
  const everything = { includeAll: true };
  return {
    name: "envoy-gateway",
    chart: "oci://docker.io/envoyproxy/gateway-helm",
    version: "v1.8.1",
    namespace: ENVOY_NAMESPACE,
    values: {
      config: {
        envoyGateway: {
          gateway: { controllerName: "gateway.envoyproxy.io/gatewayclass-controller" },
          provider: { type: "Kubernetes" },
          extensionApis: { enableBackend: true, enableEnvoyPatchPolicy: true },
          ...(redis === undefined ? {} : { rateLimit: { backend: { type: "Redis", redis: { url: redis } } } }),
          extensionManager: {
            hooks: {
              xdsTranslator: {
                translation: {
                  listener: everything,
                  route: everything,
                  cluster: everything,
                  secret: everything,
                },
                post: ["Translation", "Cluster", "Route"],
              },
            },
            service: {
              fqdn: { hostname: `ai-gateway-controller.${AI_GATEWAY_NAMESPACE}.svc.cluster.local`, port: 1063 },
            },
          },
        },
      },
    },
  };
}

export function aiGatewayDefinitions(): Chart {
  return {
    name: "ai-gateway-crds",
    chart: "oci://docker.io/envoyproxy/ai-gateway-crds-helm",
    version: "v1.0.0",
    namespace: AI_GATEWAY_NAMESPACE,
    values: {},
  };
}

export function aiGateway(): Chart {
  return {
    name: "ai-gateway",
    chart: "oci://docker.io/envoyproxy/ai-gateway-helm",
    version: "v1.0.0",
    namespace: AI_GATEWAY_NAMESPACE,
    values: {},
  };
}
