import { CONCURRENCY_LABEL, TOKENS_PER_REQUEST_ANNOTATION } from "../../components/kubernetes-object";
import { countOf } from "../../components/vllm/vllm-arguments";
import { UNKNOWN, textOf } from "./known-values";
import type { VllmServer } from "./server";

export type Concurrency =
  | { readonly kind: "known"; readonly requests: number; readonly from: string }
  | { readonly kind: "unknown" }
  | { readonly kind: "malformed"; readonly finding: string };

/** What vLLM allows at once when it is told nothing, on its smallest class of cards. */
const SMALLEST_DEFAULT_SEQUENCES = 256;

/** Requests in flight over all replicas: the label that says so, else what the engine lets in. */
export function concurrencyOf({ workload, command, containerName }: VllmServer): Concurrency {
  const label = workload.labels[CONCURRENCY_LABEL];
  if (label === UNKNOWN) return { kind: "unknown" };
  if (label !== undefined && label !== null) {
    const written = textOf(label) ?? "";
    if (/^[1-9]\d{0,8}$/.test(written)) {
      return { kind: "known", requests: Number(written), from: `label ${CONCURRENCY_LABEL}: "${written}"` };
    }
    const finding = `label ${CONCURRENCY_LABEL} is "${written}", wanted: a whole number of requests, at least 1`;
    return { kind: "malformed", finding };
  }
  const replicas = workload.replicas === UNKNOWN ? 1 : workload.replicas;
  const sequences = countOf(command, "--max-num-seqs");
  if (sequences === undefined && command.hasUnknownWords) return { kind: "unknown" };
  const each = sequences ?? SMALLEST_DEFAULT_SEQUENCES;
  const from =
    sequences === undefined
      ? `container ${containerName} sets no --max-num-seqs, so that vLLM lets in ${each} or more`
      : `--max-num-seqs ${each}`;
  return { kind: "known", requests: each * replicas, from: replicas === 1 ? from : `${from}, ${replicas} replicas` };
}

/** Mean tokens of a request, prompt and answer, when the deployment says so. */
export function tokensPerRequestOf({ workload }: VllmServer): number | undefined {
  const tokens = Number(textOf(workload.annotations[TOKENS_PER_REQUEST_ANNOTATION]) ?? Number.NaN);
  return tokens > 0 ? tokens : undefined;
}
