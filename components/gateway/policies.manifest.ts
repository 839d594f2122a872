import type { FeasiblePlan } from "../../sizing/serving-plan";
import { clientKeysSecretName, type ServingOptions } from "../serving-options";
import { ENVOY_GATEWAY, GATEWAY_API, gatewayMetadata } from "./ingress-gateway.manifest";
import { CLIENT_HEADER, INTERNAL_HEADERS } from "./internal-headers";
import { acceptedPerReplica, gatewayLimits } from "./limits";
import { rateLimits } from "./rate-limits.manifest";
import { servingTimeouts, TIMEOUT_DEFAULTS } from "./serving-timeouts";

/** Where a load balancer asks whether the proxy lives; answered by the proxy, without a key. */
const GATEWAY_HEALTH_PATH = "/healthz";

function policy(kind: string, options: ServingOptions) {
  return { apiVersion: `${ENVOY_GATEWAY}/v1alpha1`, kind, metadata: gatewayMetadata(options) };
}

/** Nobody without a key of the clients' Secret gets past the listener; the engine learns the client, not the key. */
export function securityPolicy(options: ServingOptions) {
  return {
    ...policy("SecurityPolicy", options),
    spec: {
      targetRefs: [{ group: GATEWAY_API, kind: "Gateway", name: options.name }],
      apiKeyAuth: {
        credentialRefs: [{ kind: "Secret", name: clientKeysSecretName(options) }],
        extractFrom: [{ headers: ["Authorization"] }],
        forwardClientIDHeader: CLIENT_HEADER,
        sanitize: true,
      },
    },
  };
}

/**
 * Between gateway and engine. The engines' own queues decide who waits; a proxy refuses what no queue would take.
 * Only what has no first byte yet is tried again, and never a refusal, so that a retry cannot multiply an overload.
 */
export function backendTrafficPolicy(plan: FeasiblePlan, options: ServingOptions) {
  const { bodyMiB, requestsAccepted } = gatewayLimits(plan);
  const limits = rateLimits(options);
  return {
    ...policy("BackendTrafficPolicy", options),
    spec: {
      // The AI gateway makes an HTTPRoute of the AIGatewayRoute's name.
      targetRefs: [{ group: GATEWAY_API, kind: "HTTPRoute", name: options.name }],
      loadBalancer: replicaChoice(options),
      circuitBreaker: {
        // Never the limit that is reached: a request without a connection would wait in the proxy and not be refused.
        maxConnections: 2 * requestsAccepted,
        maxParallelRequests: requestsAccepted,
        // Each request of a burst is pending until its connection is there.
        maxPendingRequests: requestsAccepted,
        // All that one replica had, when it dies: refusals are not tried again, so that an overload is none of these.
        maxParallelRetries: acceptedPerReplica(plan),
      },
      retry: { numRetries: 2, retryOn: { triggers: ["connect-failure", "refused-stream", "reset"] } },
      healthCheck: { passive: outlierEjection() },
      requestBuffer: { limit: `${bodyMiB}Mi` },
      responseOverride: overloadAnswers(plan),
      ...(limits === undefined ? {} : { rateLimit: limits }),
      dns: { dnsRefreshRate: `${TIMEOUT_DEFAULTS.dnsRefreshSeconds}s`, respectDnsTtl: false },
      timeout: {
        tcp: { connectTimeout: "5s" },
        http: { connectionIdleTimeout: `${servingTimeouts(plan).upstreamIdleSeconds}s` },
      },
    },
  };
}

/** Of a dialogue the replica that has its history; a request without the header goes to any. */
function replicaChoice({ sessionHeader }: ServingOptions) {
  return sessionHeader === undefined
    ? { type: "LeastRequest" }
    : { type: "ConsistentHash", consistentHash: { type: "Headers", headers: [{ name: sessionHeader }] } };
}

/**
 * A replica that cannot be reached is left alone for a while. Answers never count: 503 is how a full engine says so,
 * and to send its share to the others would fill them as well. Never more than half of the replicas.
 */
function outlierEjection() {
  return {
    splitExternalLocalOriginErrors: true,
    consecutiveLocalOriginFailures: 5,
    consecutive5XxErrors: 0,
    consecutiveGatewayErrors: 0,
    interval: "5s",
    baseEjectionTime: "30s",
    maxEjectionPercent: 50,
  };
}

/** A refusal says when to come again, and speaks JSON as the API does, whoever refused: a proxy or a full engine. */
function overloadAnswers(plan: FeasiblePlan) {
  return [
    refusal({
      status: 503,
      source: "All",
      retryAfterSeconds: gatewayLimits(plan).retryAfterSeconds,
      type: "overloaded_error",
      message: "The model is at its limit or not ready; try again later.",
    }),
    refusal({
      status: 429,
      source: "Local",
      retryAfterSeconds: 60,
      type: "rate_limit_error",
      message: "The limit of this client for this minute is used up; try again later.",
    }),
  ];
}

interface Refusal {
  readonly status: number;
  /** Whose answers are replaced: everybody's, or only the proxy's own. */
  readonly source: "All" | "Local";
  readonly retryAfterSeconds: number;
  readonly type: string;
  readonly message: string;
}

function refusal({ status, source, retryAfterSeconds, type, message }: Refusal) {
  const error = { message, type, param: null, code: String(status) };
  return {
    match: { statusCodes: [{ type: "Value", value: status }] },
    source,
    response: {
      contentType: "application/json",
      statusCode: status,
      header: { set: [{ name: "retry-after", value: String(retryAfterSeconds) }] },
      body: { type: "Inline", inline: JSON.stringify({ error }) },
    },
  };
}

/**
 * Between client and gateway: outlasts the route, takes the largest prompt and no more, does not wait for clients that
 * never finish one. Paths are normalised before they are matched; encoded slashes, which proxies and servers read in
 * different ways, are refused.
 */
export function clientTrafficPolicy(plan: FeasiblePlan, options: ServingOptions) {
  const timeouts = servingTimeouts(plan);
  return {
    ...policy("ClientTrafficPolicy", options),
    spec: {
      targetRefs: [{ group: GATEWAY_API, kind: "Gateway", name: options.name }],
      path: { escapedSlashesAction: "RejectRequest", disableMergeSlashes: false },
      headers: {
        withUnderscoresAction: "RejectRequest",
        requestID: "Generate",
        earlyRequestHeaders: {
          remove: [...INTERNAL_HEADERS.names],
          removeOnMatch: INTERNAL_HEADERS.prefixes.map((value) => ({ type: "Prefix", value })),
        },
      },
      healthCheck: { path: GATEWAY_HEALTH_PATH },
      connection: { bufferLimit: `${gatewayLimits(plan).bodyMiB}Mi` },
      // Load balancers forget a connection on which nothing moves, as in a long prefill; these probes are movement.
      tcpKeepalive: { idleTime: "60s", interval: "30s", probes: 3 },
      timeout: {
        http: {
          requestReceivedTimeout: `${timeouts.requestReceivedSeconds}s`,
          streamIdleTimeout: `${timeouts.streamIdleSeconds}s`,
        },
      },
    },
  };
}
