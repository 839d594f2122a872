/**
 * Of the engine at the version that is deployed, as Prometheus gets them: a counter ends in `_total`. Source: vLLM 0.33.0,
 * vllm/v1/metrics/loggers.py; those that queries could want.
 */
const ENGINE = [
  "vllm:admission_rejections_total",
  "vllm:cache_config_info",
  "vllm:e2e_request_latency_seconds",
  "vllm:generation_tokens_total",
  "vllm:inter_token_latency_seconds",
  "vllm:kv_cache_usage_perc",
  "vllm:num_preemptions_total",
  "vllm:num_requests_running",
  "vllm:num_requests_waiting",
  "vllm:prefix_cache_hits_total",
  "vllm:prefix_cache_queries_total",
  "vllm:prompt_tokens_total",
  "vllm:request_decode_time_seconds",
  "vllm:request_prefill_time_seconds",
  "vllm:request_queue_time_seconds",
  "vllm:request_success_total",
  "vllm:request_time_per_output_token_seconds",
  "vllm:time_to_first_token_seconds",
] as const;

/** Source: NVIDIA/dcgm-exporter etc/default-counters.csv; those that queries could want. */
const CARDS = [
  "DCGM_FI_DEV_FB_USED",
  "DCGM_FI_DEV_GPU_TEMP",
  "DCGM_FI_DEV_GPU_UTIL",
  "DCGM_FI_DEV_POWER_USAGE",
  "DCGM_FI_DEV_ROW_REMAP_FAILURE",
  "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
  "DCGM_FI_DEV_XID_ERRORS",
] as const;

/** Seen at /stats/prometheus of Envoy 1.39.3, with `envoy_response_code_class` and `envoy_http_conn_manager_prefix`. */
const PROXIES = ["envoy_http_downstream_rq_xx"] as const;

/** Prometheus's own. */
const OWN = ["up", "ALERTS"] as const;

/** Names by which Prometheus can be asked; a histogram has its parts. */
export const EXPORTED_METRICS: ReadonlySet<string> = new Set(
  [...ENGINE, ...CARDS, ...PROXIES, ...OWN].flatMap((name) => [name, `${name}_bucket`]),
);
