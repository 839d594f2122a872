/**
 * Flags of `vllm serve`, as far as reading a command line needs them: which take no value (so that a word after
 * them is not theirs), which have a short form, and which the engine has removed.
 * Source: vllm/engine/arg_utils.py and entrypoints/openai/cli_args.py of vLLM 0.28, release threads up to 0.33.
 */

/** Flags without a value, each also as `--no-…`; the parser refuses `--flag false`. */
export const SWITCH_FLAGS: readonly string[] = [
  "--async-scheduling",
  "--calculate-kv-scales",
  "--disable-cascade-attn",
  "--disable-custom-all-reduce",
  "--disable-fastapi-docs",
  "--disable-hybrid-kv-cache-manager",
  "--disable-log-stats",
  "--disable-sliding-window",
  "--disable-uvicorn-access-log",
  "--enable-auto-tool-choice",
  "--enable-chunked-prefill",
  "--enable-dbo",
  "--enable-eplb",
  "--enable-expert-parallel",
  "--enable-force-include-usage",
  "--enable-log-outputs",
  "--enable-log-requests",
  "--enable-lora",
  "--enable-prefix-caching",
  "--enable-prompt-embeds",
  "--enable-prompt-tokens-details",
  "--enable-request-id-headers",
  "--enable-server-load-tracking",
  "--enable-sleep-mode",
  "--enable-ssl-refresh",
  "--enforce-eager",
  "--headless",
  "--return-tokens-as-token-ids",
  "--scheduler-reserve-full-isl",
  "--skip-tokenizer-init",
  "--trust-remote-code",
];

/** Flags with a value that a reader of a deployment has to understand; `long` names come out of the reading. */
export const VALUE_FLAGS: readonly string[] = [
  "--block-size",
  "--cpu-offload-gb",
  "--data-parallel-size",
  "--dtype",
  "--gpu-memory-utilization",
  "--kv-cache-dtype",
  "--kv-cache-memory-bytes",
  "--max-model-len",
  "--max-num-batched-tokens",
  "--max-num-queued-reqs",
  "--max-num-seqs",
  "--model",
  "--pipeline-parallel-size",
  "--quantization",
  "--revision",
  "--served-model-name",
  "--shutdown-timeout",
  "--tensor-parallel-size",
];

/** Short forms and renamed spellings. */
export const FLAG_ALIASES: Readonly<Record<string, string>> = {
  "-dp": "--data-parallel-size",
  "-pp": "--pipeline-parallel-size",
  "-q": "--quantization",
  "-tp": "--tensor-parallel-size",
};

/** Flags that the pinned engine no longer knows and refuses to start with, and what replaced them. */
export const REMOVED_FLAGS: Readonly<Record<string, string>> = {
  "--calculate-kv-scales": "nothing (removed in 0.28)",
  "--cuda-graph-sizes": "nothing",
  "--disable-frontend-multiprocessing": "nothing",
  "--disable-log-requests": "--enable-log-requests, off by default",
  "--enable-reasoning": "--reasoning-parser",
  "--guided-decoding-backend": "--structured-outputs-config",
  "--lora-extra-vocab-size": "nothing",
  "--max-long-partial-prefills": "nothing (removed in 0.27)",
  "--max-num-partial-prefills": "nothing (removed in 0.27)",
  "--max-seq-len-to-capture": "nothing",
  "--num-lookahead-slots": "nothing",
  "--num-scheduler-steps": "nothing",
  "--override-attention-dtype": "nothing (removed in 0.28)",
  "--override-pooler-config": "nothing",
  "--rope-scaling": "--hf-overrides",
  "--rope-theta": "--hf-overrides",
  "--swap-space": "nothing: the engine preempts by recompute",
  "--task": "--runner and --convert",
  "--use-v2-block-manager": "nothing",
};
