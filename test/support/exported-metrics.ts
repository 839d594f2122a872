/** Metrics that the simulator of vLLM 0.10.2 of the tests exports at /metrics, recorded with one request answered. */
const SIMULATED = [
  "vllm:cache_config_info",
  "vllm:e2e_request_latency_seconds",
  "vllm:generation_tokens_total",
  "vllm:inter_token_latency_seconds",
  "vllm:kv_cache_usage_perc",
  "vllm:lora_requests_info",
  "vllm:max_num_generation_tokens",
  "vllm:num_requests_running",
  "vllm:num_requests_waiting",
  "vllm:prefix_cache_hits",
  "vllm:prefix_cache_queries",
  "vllm:prompt_tokens_total",
  "vllm:request_decode_time_seconds",
  "vllm:request_generation_tokens",
  "vllm:request_inference_time_seconds",
  "vllm:request_params_max_tokens",
  "vllm:request_prefill_time_seconds",
  "vllm:request_prompt_tokens",
  "vllm:request_success_total",
  "vllm:time_to_first_token_seconds",
] as const;

/** Of vLLM itself, which the simulator has not. Source: vllm/v1/metrics/loggers.py; vLLM#32661 for the second. */
const ENGINE_ALONE = ["vllm:num_preemptions_total", "vllm:request_time_per_output_token_seconds"] as const;

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

/** Source: Envoy, test/integration/integration_admin_test.cc: the form in which it exports answers by their class. */
const PROXIES = ["envoy_http_downstream_rq_xx"] as const;

/** Prometheus's own. */
const OWN = ["up", "ALERTS"] as const;

/** Names by which Prometheus can be asked; a histogram has its parts. */
export const EXPORTED_METRICS: ReadonlySet<string> = new Set(
  [...SIMULATED, ...ENGINE_ALONE, ...CARDS, ...PROXIES, ...OWN].flatMap((name) => [name, `${name}_bucket`]),
);
