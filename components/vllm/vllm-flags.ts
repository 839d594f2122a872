import { compareVersions } from "../../sizing/engine/version";

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
  "--logging-config",
  "--lora-modules",
  "--max-lora-rank",
  "--max-loras",
  "--max-model-len",
  "--max-num-batched-tokens",
  "--max-num-queued-reqs",
  "--max-num-seqs",
  "--model",
  "--pipeline-parallel-size",
  "--quantization",
  "--reasoning-parser",
  "--revision",
  "--served-model-name",
  "--shutdown-timeout",
  "--tensor-parallel-size",
  "--tool-call-parser",
];

/** Short forms and renamed spellings. */
export const FLAG_ALIASES: Readonly<Record<string, string>> = {
  "-dp": "--data-parallel-size",
  "-pp": "--pipeline-parallel-size",
  "-q": "--quantization",
  "-tp": "--tensor-parallel-size",
};

interface RemovedFlag {
  readonly instead: string;
  /** Absent: before all versions that are planned with. */
  readonly in?: string;
}

const NOTHING: RemovedFlag = { instead: "nothing" };

/** Flags that an engine no longer knows and refuses to start with. */
const REMOVED_FLAGS: Readonly<Record<string, RemovedFlag>> = {
  "--calculate-kv-scales": { instead: "nothing (removed in 0.28)", in: "0.28.0" },
  "--cuda-graph-sizes": NOTHING,
  "--disable-frontend-multiprocessing": NOTHING,
  "--disable-log-requests": { instead: "--enable-log-requests, off by default" },
  "--enable-reasoning": { instead: "--reasoning-parser" },
  "--guided-decoding-backend": { instead: "--structured-outputs-config" },
  "--lora-extra-vocab-size": NOTHING,
  "--max-long-partial-prefills": { instead: "nothing (removed in 0.27)", in: "0.27.0" },
  "--max-num-partial-prefills": { instead: "nothing (removed in 0.27)", in: "0.27.0" },
  "--max-seq-len-to-capture": NOTHING,
  "--num-lookahead-slots": NOTHING,
  "--num-scheduler-steps": NOTHING,
  "--override-attention-dtype": { instead: "nothing (removed in 0.28)", in: "0.28.0" },
  "--override-pooler-config": NOTHING,
  "--rope-scaling": { instead: "--hf-overrides" },
  "--rope-theta": { instead: "--hf-overrides" },
  "--swap-space": { instead: "nothing: the engine preempts by recompute", in: "0.18.0" },
  "--task": { instead: "--runner and --convert" },
  "--use-v2-block-manager": NOTHING,
};

/** What replaced the flag in this version of the engine; undefined: it was never removed, or only later. */
export function removedFlag(flag: string, version: string): string | undefined {
  const removed = REMOVED_FLAGS[flag];
  if (removed === undefined) return undefined;
  return removed.in !== undefined && compareVersions(version, removed.in) < 0 ? undefined : removed.instead;
}
