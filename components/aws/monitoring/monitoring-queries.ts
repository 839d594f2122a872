import type { PromisedTime } from "../../vllm/latency-buckets";
import { GPU_NAMESPACE } from "../eks-services.manifest";

/** Labels that pods have in Prometheus, as those of its chart name them. */
const ENGINE_POD = 'app_kubernetes_io_name="vllm"';
const GATEWAY_NAMESPACE_LABEL = "gateway_envoyproxy_io_owning_gateway_namespace";

/** Listeners for clients; the others of a proxy are its own. Source: Envoy Gateway 1.8.1 xds/translator/listener.go. */
const CLIENT_LISTENERS = 'envoy_http_conn_manager_prefix=~"https?-.+"';

/** Of a pod's labels, those that queries ask for; a pattern for relabelling. */
export const QUERIED_POD_LABELS = `app_kubernetes_io_name|${GATEWAY_NAMESPACE_LABEL}`;

/** Long enough for several scrapes, short enough to see a change while it happens. */
const WINDOW = "5m";

/**
 * PromQL for one model in its namespace, the same on the dashboard and in the alerts. Names of the metrics are those of
 * vLLM 0.33.0 (vllm/v1/metrics/loggers.py), of Envoy 1.39 and of the DCGM exporter's default list.
 */
export function servingQueries(namespace: string) {
  const engines = `{namespace="${namespace}"}`;
  const answers = (more: string): string =>
    `sum(rate(envoy_http_downstream_rq_xx{${GATEWAY_NAMESPACE_LABEL}="${namespace}",${CLIENT_LISTENERS}${more}}[${WINDOW}]))`;
  return {
    enginesUp: `(sum(up{namespace="${namespace}",${ENGINE_POD}}) or vector(0))`,
    /** Exact at the bounds of the buckets, interpolated between them. */
    p95: (time: PromisedTime): string =>
      `histogram_quantile(0.95, sum by (le) (rate(vllm:${time}_bucket${engines}[${WINDOW}])))`,
    running: `sum(vllm:num_requests_running${engines})`,
    waiting: `sum(vllm:num_requests_waiting${engines})`,
    fullestCache: `max(vllm:kv_cache_usage_perc${engines})`,
    promptTokens: `sum(rate(vllm:prompt_tokens_total${engines}[${WINDOW}]))`,
    outputTokens: `sum(rate(vllm:generation_tokens_total${engines}[${WINDOW}]))`,
    preemptions: `sum(rate(vllm:num_preemptions_total${engines}[${WINDOW}]))`,
    answers: answers(""),
    failures: answers(',envoy_response_code_class="5"'),
  };
}

/** PromQL for the cards of every node. */
export const CARD_QUERIES = {
  busy: "DCGM_FI_DEV_GPU_UTIL",
  /** Number of the last error, until the node starts again. */
  lastError: "DCGM_FI_DEV_XID_ERRORS",
  remapFailed: "DCGM_FI_DEV_ROW_REMAP_FAILURE",
  remappedInADay: "increase(DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS[1d])",
  /** One that was there before the driver answers for ever, with nothing (dcgm-exporter deployment/README.md). */
  blindExporters: `up{namespace="${GPU_NAMESPACE}"} unless on (instance) DCGM_FI_DEV_GPU_UTIL`,
} as const;
