import { columns, duration, paint, rate, whole, wrap, type Paint } from "../sizing/report/text";
import type { Distribution } from "../sizing/time/statistics";
import type { ComparedLimit, ComparedQuantity, Comparison } from "./comparison";
import type { Quantity } from "./prediction";
import type { BenchReport } from "./report";

/** The report for a person at a terminal: what was measured, then what it means. */
export function benchTable(report: BenchReport, { color }: { readonly color: boolean }): string {
  const style = paint(color);
  const blocks = [headBlock(report, style), latencyBlock(report, style), failureBlock(report, style)];
  if (report.comparison !== undefined) blocks.push(...comparisonBlocks(report.comparison, style));
  blocks.push(report.notes.flatMap((note) => wrap(note, "  ! ", "    ").map(style.yellow)));
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function headBlock({ run, requests, tokens, ...report }: BenchReport, style: Paint): string[] {
  const how = run.arrivals === "staggered" ? "clients in steady state" : "clients that start at once";
  const rows = [
    ["requests", `${whole(requests.completed)} answered, ${whole(requests.failed)} failed${countedOf(requests)}`],
    [
      "tokens",
      `${tokens.meanPrompt === undefined ? "unknown" : tokens.meanPrompt.toFixed(1)} in, ` +
        `${(tokens.meanOutput ?? 0).toFixed(1)} out on average`,
    ],
    [
      "throughput",
      `${rate(report.outputTokensPerSecond)} output tokens/s, ${report.requestsPerSecond.toFixed(2)} requests/s`,
    ],
    ["duration", `${duration(report.durationSeconds * 1000)}, seed ${run.seed}`],
    [
      "client",
      `${Math.round(report.client.busyShare * 100)} % busy, ${report.client.meanLagMs.toFixed(1)} ms late on average, ` +
        `${report.client.p99LagMs.toFixed(1)} ms at p99`,
    ],
  ];
  return [
    `${style.bold(run.model)} at ${run.url} (${run.api})`,
    `  ${whole(run.concurrency)} ${how}, ${whole(run.inputTokens)} + ${whole(run.outputTokens)} tokens` +
      (run.spread === 0 ? "" : ` ± ${Math.round(run.spread * 100)} %`),
    ...columns(rows).map((line) => `  ${line}`),
  ];
}

function countedOf({ sent, counted }: BenchReport["requests"]): string {
  return sent === counted ? "" : ` (counted: ${whole(counted)} of ${whole(sent)}, without the beginning and the end)`;
}

function latencyBlock({ ttft, tpot, itl, endToEnd }: BenchReport, style: Paint): string[] {
  const rows = [
    ["time to first token", ttft],
    ["time per output token", tpot],
    ["gap between chunks", itl],
    ["end to end", endToEnd],
  ] as const;
  const measured = rows.flatMap(([name, of]) => (of === undefined ? [] : [[name, ...cells(of)]]));
  if (measured.length === 0) return [];
  return [
    style.bold("Latency"),
    ...columns([["", "mean", "p50", "p95", "p99"], ...measured], [1, 2, 3, 4]).map((line) => `  ${line}`),
  ];
}

function cells({ meanMs, p50Ms, p95Ms, p99Ms }: Distribution): string[] {
  return [meanMs, p50Ms, p95Ms, p99Ms].map(duration);
}

function failureBlock({ requests }: BenchReport, style: Paint): string[] {
  if (requests.failures.length === 0) return [];
  return [
    style.bold("Failures"),
    ...requests.failures.flatMap(({ kind, count, example }) =>
      wrap(`${whole(count)} x ${kind}: ${example}`, "  ", "    ").map(style.red),
    ),
  ];
}

const QUANTITY_NAMES: Readonly<Record<Quantity, string>> = {
  ttftMeanMs: "time to first token, mean",
  ttftP95Ms: "time to first token, p95",
  tpotMeanMs: "time per output token, mean",
  tpotP95Ms: "time per output token, p95",
  itlP50Ms: "gap between chunks, median",
  endToEndMeanMs: "end to end, mean",
  endToEndP95Ms: "end to end, p95",
  outputTokensPerSecond: "output tokens/s",
};

const LIMIT_NAMES: Readonly<Record<ComparedLimit["limit"], string>> = {
  ttftSeconds: "time to first token at p95",
  tokensPerSecondPerUser: "tokens/s per user at p95",
  endToEndSeconds: "end to end at p95",
};

function comparisonBlocks({ quantities, limits, limitsNote }: Comparison, style: Paint): string[][] {
  const blocks = [
    [
      style.bold("Beside the plan (range: about nine in ten)"),
      ...colored(
        [["", "", "measured", "predicted", "range"], ...quantities.map(quantityRow)],
        ["", ...quantities.map(({ verdict }) => verdict)],
        style,
      ),
    ],
  ];
  if (limits.length > 0) {
    const note = limitsNote === undefined ? [] : wrap(`not judged: ${limitsNote}`, "  ", "    ").map(style.dim);
    const rows = colored(
      limits.map(limitRow),
      limits.map(({ verdict }) => verdict),
      style,
    );
    blocks.push([style.bold("Limits of the request"), ...rows, ...note]);
  }
  return blocks;
}

/** The verdict leads each line, so that a log can be searched for it. */
const MARKS: Readonly<Record<ComparedQuantity["verdict"] | ComparedLimit["verdict"], string>> = {
  within: "PASS",
  better: "PASS",
  worse: "FAIL",
  met: "PASS",
  missed: "FAIL",
  "not judged": "-",
};

function quantityRow({ quantity, measured, predicted, low, high, verdict }: ComparedQuantity): string[] {
  const text = quantity === "outputTokensPerSecond" ? rate : duration;
  const range = `${text(low)} to ${text(high)}${verdict === "better" ? ", better than that" : ""}`;
  return [MARKS[verdict], QUANTITY_NAMES[quantity], text(measured), text(predicted), range];
}

function limitRow({ limit, measured, wanted, verdict }: ComparedLimit): string[] {
  if (limit === "tokensPerSecondPerUser")
    return [MARKS[verdict], LIMIT_NAMES[limit], rate(measured), `at least ${rate(wanted)}`];
  return [MARKS[verdict], LIMIT_NAMES[limit], duration(measured * 1000), `at most ${duration(wanted * 1000)}`];
}

function colored(rows: readonly (readonly string[])[], verdicts: readonly string[], style: Paint): string[] {
  return columns(rows, [2, 3]).map((line, index) => {
    const verdict = verdicts[index] ?? "";
    const tint = verdict === "worse" || verdict === "missed" ? style.red : verdict === "" ? style.dim : style.green;
    return `  ${verdict === "not judged" ? line : tint(line)}`;
  });
}
