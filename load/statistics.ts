import { distribution, type Distribution } from "../sizing/time/statistics";
import type { Answer, Outcome } from "./outcome";

/** Failures of one cause. */
export interface FailureCount {
  readonly kind: string;
  readonly count: number;
  /** What the first of them said. */
  readonly example: string;
}

/** What a run measured, as `vllm bench serve` defines it (vllm/benchmarks/serve.py, calculate_metrics). */
export interface LoadSummary {
  readonly completed: number;
  readonly failed: number;
  readonly failures: readonly FailureCount[];
  /** First chunk − sent. Absent where no request was answered; so are all that follow. */
  readonly ttft?: Distribution;
  /** Of each request with two tokens and more: (end to end − TTFT) / (output tokens − 1). */
  readonly tpot?: Distribution;
  /** Gaps between chunks of all requests. */
  readonly itl?: Distribution;
  /** Last chunk − sent. */
  readonly endToEnd?: Distribution;
  /** Absent where the server tells no prompt tokens. */
  readonly meanPromptTokens?: number;
  readonly meanOutputTokens?: number;
  /** Tokens of answered requests over the time of the run. */
  readonly outputTokensPerSecond: number;
  readonly requestsPerSecond: number;
  /** Requests whose tokens were counted as chunks, because the server sent no usage. */
  readonly countedByChunks: number;
}

/** Summary of the outcomes of a window of `durationMs`. */
export function summarizeLoad(outcomes: readonly Outcome[], durationMs: number): LoadSummary {
  const answers = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.answer] : []));
  const outputTokens = sum(answers.map((answer) => answer.outputTokens));
  const perSecond = durationMs > 0 ? 1000 / durationMs : 0;
  return {
    completed: answers.length,
    failed: outcomes.length - answers.length,
    failures: failureCounts(outcomes),
    ...distributions(answers),
    ...(answers.length === 0 ? {} : { meanOutputTokens: outputTokens / answers.length }),
    ...promptTokens(answers),
    outputTokensPerSecond: outputTokens * perSecond,
    requestsPerSecond: answers.length * perSecond,
    countedByChunks: answers.filter(({ countedBy }) => countedBy === "chunks").length,
  };
}

function distributions(answers: readonly Answer[]): Pick<LoadSummary, "ttft" | "tpot" | "itl" | "endToEnd"> {
  const values = {
    ttft: answers.map(({ firstTokenMs, sentMs }) => firstTokenMs - sentMs),
    tpot: answers.flatMap(({ lastTokenMs, firstTokenMs, outputTokens }) =>
      outputTokens > 1 ? [(lastTokenMs - firstTokenMs) / (outputTokens - 1)] : [],
    ),
    itl: answers.flatMap(({ gapsMs }) => gapsMs),
    endToEnd: answers.map(({ lastTokenMs, sentMs }) => lastTokenMs - sentMs),
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, of]) => (of.length === 0 ? [] : [[name, distribution(of)]])),
  );
}

function promptTokens(answers: readonly Answer[]): { meanPromptTokens?: number } {
  const told = answers.flatMap((answer) => (answer.promptTokens === undefined ? [] : [answer.promptTokens]));
  return told.length === 0 ? {} : { meanPromptTokens: sum(told) / told.length };
}

/** The commonest cause first. */
function failureCounts(outcomes: readonly Outcome[]): FailureCount[] {
  const counts = new Map<string, FailureCount>();
  for (const outcome of outcomes) {
    if (outcome.ok) continue;
    const { kind, detail } = outcome.failure;
    const known = counts.get(kind) ?? { kind, count: 0, example: detail };
    counts.set(kind, { ...known, count: known.count + 1 });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || a.kind.localeCompare(b.kind));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
