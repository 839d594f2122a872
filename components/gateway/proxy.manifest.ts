import type { FeasiblePlan } from "../../sizing/serving-plan";
import type { ServingOptions } from "../serving-options";
import { ENVOY_GATEWAY, gatewayMetadata, proxyLabels } from "./ingress-gateway.manifest";
import { CLIENT_HEADER } from "./internal-headers";
import { TOKEN_METADATA } from "./rate-limits.manifest";
import { servingTimeouts } from "./serving-timeouts";

/** One may be drained or lost; what a proxy limits, it limits for itself. */
const PROXIES = 2;

/** The proxies behind the Gateway: how many, how long they drain, what they write down of a request. */
export function envoyProxy(plan: FeasiblePlan, options: ServingOptions) {
  const { loadBalancerAnnotations, proxyService } = options;
  return {
    apiVersion: `${ENVOY_GATEWAY}/v1alpha1`,
    kind: "EnvoyProxy",
    metadata: gatewayMetadata(options),
    spec: {
      provider: {
        type: "Kubernetes",
        kubernetes: {
          envoyDeployment: { replicas: PROXIES, pod: { topologySpreadConstraints: [overNodes(options)] } },
          envoyPDB: { maxUnavailable: 1 },
          ...(loadBalancerAnnotations === undefined ? {} : { envoyService: { annotations: loadBalancerAnnotations } }),
          ...(proxyService === undefined ? {} : { envoyService: { name: proxyService, type: "ClusterIP" } }),
        },
      },
      shutdown: { drainTimeout: `${servingTimeouts(plan).proxyDrainSeconds}s` },
      telemetry: {
        accessLog: {
          settings: [
            {
              format: { type: "JSON", json: ACCESS_LOG },
              sinks: [{ type: "File", file: { path: "/dev/stdout" } }],
            },
          ],
        },
      },
    },
  };
}

/** The loss of a node leaves a proxy; on a cluster of one node both start all the same. */
function overNodes(options: ServingOptions) {
  return {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: proxyLabels(options) },
  };
}

function ofMetadata(key: string): string {
  return `%DYNAMIC_METADATA(${TOKEN_METADATA.namespace}:${key})%`;
}

/** One line a request: who, what, how long, how many tokens. No prompt, no answer, no key, no query of the path. */
const ACCESS_LOG: Readonly<Record<string, string>> = {
  start_time: "%START_TIME%",
  request_id: "%REQ(X-REQUEST-ID)%",
  client: `%REQ(${CLIENT_HEADER.toUpperCase()})%`,
  method: "%REQ(:METHOD)%",
  path: "%PATH(NQ:ORIG_OR_PATH)%",
  model: "%REQ(X-AI-EG-MODEL)%",
  status: "%RESPONSE_CODE%",
  flags: "%RESPONSE_FLAGS%",
  details: "%RESPONSE_CODE_DETAILS%",
  input_tokens: ofMetadata("llm_input_token"),
  output_tokens: ofMetadata("llm_output_token"),
  total_tokens: ofMetadata(TOKEN_METADATA.total),
  first_byte_ms: "%RESPONSE_DURATION%",
  duration_ms: "%DURATION%",
  bytes_received: "%BYTES_RECEIVED%",
  bytes_sent: "%BYTES_SENT%",
  attempts: "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
  replica: "%UPSTREAM_HOST%",
  remote_address: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
};
