import type { Distribution } from "../sizing/time/statistics";
import type { BenchOptions, BenchResult } from "./bench";
import type { CalibrationRow } from "./calibration-row";
import type { Comparison } from "./comparison";
import type { Arrivals } from "./prediction";
import type { FailureCount, LoadSummary } from "./statistics";
import type { Api } from "./workload";

/** What a run was: enough to do it again. */
export interface RunFacts {
  readonly url: string;
  readonly api: Api;
  readonly model: string;
  readonly arrivals: Arrivals;
  readonly concurrency: number;
  readonly prompts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly spread: number;
  readonly seed: number;
  readonly warmUp: number;
  readonly ignoreEos: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The result of `fitserve bench`; what is printed as JSON. */
export interface BenchReport {
  readonly schemaVersion: 1;
  readonly run: RunFacts;
  readonly durationSeconds: number;
  readonly isInterrupted: boolean;
  readonly requests: {
    readonly sent: number;
    /** Of the steady part where the run was staggered. */
    readonly counted: number;
    readonly completed: number;
    readonly failed: number;
    readonly failures: readonly FailureCount[];
  };
  readonly tokens: { readonly meanPrompt?: number; readonly meanOutput?: number };
  readonly ttft?: Distribution;
  readonly tpot?: Distribution;
  readonly itl?: Distribution;
  readonly endToEnd?: Distribution;
  readonly outputTokensPerSecond: number;
  readonly requestsPerSecond: number;
  readonly client: {
    readonly meanLagMs: number;
    readonly p99LagMs: number;
    readonly busyShare: number;
    /** False: the figures may be those of the client. */
    readonly isReliable: boolean;
  };
  readonly comparison?: Comparison;
  readonly calibrationRow?: CalibrationRow;
  /** What a reader has to know to believe the figures, in words. */
  readonly notes: readonly string[];
}

export interface ReportParts {
  readonly url: string;
  readonly startedAt: string;
  readonly options: BenchOptions;
  readonly result: BenchResult;
  readonly comparison?: Comparison;
  readonly calibrationRow?: CalibrationRow;
  /** What was noticed before the run. */
  readonly notes: readonly string[];
}

export function benchReport(parts: ReportParts): BenchReport {
  const { url, startedAt, options, result, comparison, calibrationRow } = parts;
  const { summary, client } = result;
  const { ttft, tpot, itl, endToEnd } = summary;
  const { api, model, arrivals, concurrency, prompts, inputTokens, outputTokens, spread, seed, warmUp, ignoreEos } =
    options;
  return {
    schemaVersion: 1,
    run: {
      url,
      api,
      model,
      arrivals,
      concurrency,
      prompts,
      inputTokens,
      outputTokens,
      spread,
      seed,
      warmUp,
      ignoreEos,
      startedAt,
    },
    durationSeconds: result.durationMs / 1000,
    isInterrupted: result.isInterrupted,
    requests: {
      sent: result.sent,
      counted: summary.completed + summary.failed,
      completed: summary.completed,
      failed: summary.failed,
      failures: summary.failures,
    },
    tokens: tokensOf(summary),
    ...(ttft === undefined ? {} : { ttft }),
    ...(tpot === undefined ? {} : { tpot }),
    ...(itl === undefined ? {} : { itl }),
    ...(endToEnd === undefined ? {} : { endToEnd }),
    outputTokensPerSecond: summary.outputTokensPerSecond,
    requestsPerSecond: summary.requestsPerSecond,
    client: {
      meanLagMs: client.meanLagMs,
      p99LagMs: client.p99LagMs,
      busyShare: client.busyShare,
      isReliable: client.limit === undefined,
    },
    ...(comparison === undefined ? {} : { comparison }),
    ...(calibrationRow === undefined ? {} : { calibrationRow }),
    notes: [...notesOf(options, result), ...parts.notes],
  };
}

function tokensOf({ meanPromptTokens, meanOutputTokens }: LoadSummary): BenchReport["tokens"] {
  return {
    ...(meanPromptTokens === undefined ? {} : { meanPrompt: meanPromptTokens }),
    ...(meanOutputTokens === undefined ? {} : { meanOutput: meanOutputTokens }),
  };
}

/** Lengths that differ by more are told. */
const NOTABLE_SHARE = 0.03;

function isOff(measured: number, asked: number): boolean {
  return Math.abs(measured / asked - 1) > NOTABLE_SHARE;
}

function notesOf(options: BenchOptions, { summary, client, ...result }: BenchResult): string[] {
  const { meanPromptTokens, meanOutputTokens, countedByChunks } = summary;
  const notes: (string | false)[] = [
    client.limit !== undefined && `UNRELIABLE: ${client.limit}`,
    result.isInterrupted && `ended early: ${result.sent} of ${options.prompts} requests were answered or failed`,
    result.isWindowMissing && "the run had no steady part: everything is counted, its beginning and its end too",
    meanPromptTokens === undefined &&
      summary.completed > 0 &&
      "the server tells no prompt tokens: their number is that of the words sent, unchecked",
    meanPromptTokens !== undefined &&
      isOff(meanPromptTokens, options.inputTokens) &&
      `prompts had ${meanPromptTokens.toFixed(0)} tokens on average, ${options.inputTokens} were asked for`,
    meanOutputTokens !== undefined &&
      isOff(meanOutputTokens, options.outputTokens) &&
      `answers had ${meanOutputTokens.toFixed(0)} tokens on average, ${options.outputTokens} were asked for` +
        (options.ignoreEos ? "" : "; --ignore-eos asks vLLM for the full length"),
    countedByChunks > 0 &&
      `the server sent no usage with ${countedByChunks} answers: their tokens are counted as chunks, which may hold several`,
  ];
  return notes.flatMap((note) => (note === false ? [] : [note]));
}

/** JSON with times to a thousandth of a millisecond. */
export function benchJson(report: BenchReport): string {
  return `${JSON.stringify(report, rounded, 2)}\n`;
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Math.round(value * 1000) / 1000 : value;
}
