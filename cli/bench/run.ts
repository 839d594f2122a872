import { loadCatalog } from "../../config/catalog";
import { ProbeError, runBench, type BenchOptions, type BenchResult } from "../../load/bench";
import { calibrationRow } from "../../load/calibration-row";
import { LEAST_STAGGERED_WAVES } from "../../load/closed-loop";
import { compareWithPlan } from "../../load/comparison";
import { Endpoint } from "../../load/endpoint";
import { plannedDeployment } from "../../load/planned-deployment";
import { predictLoad, type MeasuredLoad } from "../../load/prediction";
import { benchJson, benchReport, type BenchReport } from "../../load/report";
import { benchTable } from "../../load/report-table";
import { INTERRUPTED } from "../../load/stream-request";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import type { Workload } from "../../sizing/serving-request";
import { generatedTokens, meanPromptTokens } from "../../sizing/time/workload";
import { allOf } from "../all-of";
import { servedModel, unanswered } from "../endpoint-errors";
import { CliError, EXIT, EnvironmentError, InvalidInputError } from "../errors";
import { wantsColor, write } from "../output";
import { plannedRun, type PlannedRun } from "../planned-run";
import { appendLine, assertWritable, writeText } from "../result-files";
import { benchSettings, comparesWithPlan, type BenchFlags, type BenchSettings } from "./options";
import { BenchProgress } from "./progress";

const DEFAULTS = { concurrency: 8, inputTokens: 1024, outputTokens: 128, promptsPerClient: 10 } as const;
const MOST_SEED = 2 ** 31;

/** The action of `fitserve bench`. */
export async function bench(flags: BenchFlags): Promise<void> {
  const [settings, planned] = await allOf([
    () => benchSettings(flags, process.env, process.cwd()),
    () => (comparesWithPlan(flags) ? plannedRun(flags) : undefined),
  ]);
  const load = loadOf(flags, settings, planned);
  for (const file of [flags.output, flags.calibrationRow]) if (file !== undefined) await assertWritable(file);
  const endpoint = new Endpoint(settings);
  const abort = abortOnSignals();
  const startedAt = new Date().toISOString();
  const progress = new BenchProgress(process.stderr, load.prompts);
  try {
    const { model, notes } = await servedModel(endpoint, settings.url, flags.model, {
      timeoutMs: settings.timeoutMs,
      signal: abort,
    });
    const options: BenchOptions = { ...load, model, signal: abort, ...progress.listeners() };
    const result = await runBench(endpoint, options);
    progress.clear();
    const report = reportOf({ settings, options, result, planned, startedAt, notes });
    await deliver(report, flags);
    process.exitCode = exitCodeOf(report, flags, settings.url);
  } catch (error) {
    progress.clear();
    if (!(error instanceof ProbeError)) throw error;
    if (error.failure.kind === INTERRUPTED) throw new CliError("ended before anything was measured", EXIT.interrupted);
    throw unanswered(settings.url, load.api, error.failure);
  } finally {
    endpoint.close();
  }
}

/** A first Ctrl-C ends the run and shows what it measured; the second one ends the program. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  process.removeAllListeners("SIGINT");
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT.interrupted);
      controller.abort();
    });
  }
  return controller.signal;
}

type Load = Omit<BenchOptions, "model" | "signal" | "onPhase" | "onOutcome">;

function loadOf(flags: BenchFlags, settings: BenchSettings, planned: PlannedRun | undefined): Load {
  const workload = planned?.plan.request.workload;
  const concurrency = settings.concurrency ?? workload?.concurrency ?? DEFAULTS.concurrency;
  const prompts = settings.prompts ?? concurrency * DEFAULTS.promptsPerClient;
  const least = flags.stagger ? concurrency * LEAST_STAGGERED_WAVES : concurrency;
  if (prompts < least) {
    const why = flags.stagger ? `, ${LEAST_STAGGERED_WAVES} for each client, to leave a steady part` : "";
    throw new InvalidInputError(
      `--num-prompts: got ${prompts}; wanted at least ${least} at a concurrency of ${concurrency}${why}`,
    );
  }
  return {
    api: flags.endpoint,
    arrivals: flags.stagger ? "staggered" : "burst",
    concurrency,
    prompts,
    inputTokens: settings.inputTokens ?? wholeTokens(workload, meanPromptTokens) ?? DEFAULTS.inputTokens,
    outputTokens: settings.outputTokens ?? wholeTokens(workload, generatedTokens) ?? DEFAULTS.outputTokens,
    spread: settings.spread,
    seed: settings.seed ?? Math.floor(Math.random() * MOST_SEED),
    ignoreEos: flags.ignoreEos,
    warmUp: settings.warmUp ?? (flags.stagger ? 0 : concurrency),
    timeoutMs: settings.timeoutMs,
  };
}

/** Mean tokens of what was planned: prompts with the history of a dialogue, answers with their reasoning. */
function wholeTokens(workload: Workload | undefined, tokensOf: (workload: Workload) => number): number | undefined {
  return workload === undefined ? undefined : Math.round(tokensOf(workload));
}

interface Measured {
  readonly settings: BenchSettings;
  readonly options: BenchOptions;
  readonly result: BenchResult;
  readonly planned: PlannedRun | undefined;
  readonly startedAt: string;
  readonly notes: readonly string[];
}

function reportOf({ settings, options, result, planned, startedAt, notes }: Measured): BenchReport {
  const parts = { url: settings.url.href, startedAt, options, result, notes };
  const { meanOutputTokens, completed } = result.summary;
  if (planned === undefined || completed === 0 || meanOutputTokens === undefined) return benchReport(parts);
  const { plan } = planned;
  const deployment = plannedDeployment(plan, loadCatalog());
  if (deployment === undefined) return benchReport(parts);
  const load = {
    arrivals: result.isWindowMissing ? "burst" : options.arrivals,
    concurrency: options.concurrency,
    promptTokens: result.summary.meanPromptTokens ?? options.inputTokens,
    outputTokens: meanOutputTokens,
  } as const;
  const comparison = compareWithPlan(plan, load, result.summary, predictLoad(deployment, plan.hardware.replicas, load));
  const fault = rowFault(result, plan, load);
  const date = startedAt.slice(0, 10);
  const about = { modelConfig: planned.modelConfig, source: `fitserve bench, ${date}`, measuredOn: date };
  return benchReport({
    ...parts,
    comparison,
    ...(fault === undefined
      ? { calibrationRow: calibrationRow(plan, load, result.summary, about) }
      : { notes: [...notes, `no calibration row: ${fault}`] }),
  });
}

/** Why a run is no measurement to learn from, or undefined. */
function rowFault(result: BenchResult, plan: FeasiblePlan, load: MeasuredLoad): string | undefined {
  const { replicas } = plan.hardware;
  if (result.isInterrupted) return "the run was cut short";
  if (load.arrivals === "staggered") return "predict answers for clients that start at once; leave --stagger out";
  if (result.summary.failed > 0) return "requests failed";
  if (result.client.limit !== undefined) return "the client was the limit";
  if (result.summary.meanPromptTokens === undefined) return "the server tells no prompt tokens";
  if (load.concurrency % replicas !== 0)
    return `${load.concurrency} clients do not divide by the plan's ${replicas} replicas`;
  return undefined;
}

async function deliver(report: BenchReport, flags: BenchFlags): Promise<void> {
  const json = benchJson(report);
  const table = (): string => benchTable(report, { color: wantsColor(process.stdout, process.env) });
  await write(process.stdout, flags.format === "json" ? json : table());
  if (flags.output !== undefined) await writeText(flags.output, json);
  if (flags.calibrationRow === undefined) return;
  if (report.calibrationRow === undefined) await write(process.stderr, `no row was added to ${flags.calibrationRow}\n`);
  else await appendLine(flags.calibrationRow, report.calibrationRow);
}

function exitCodeOf(report: BenchReport, flags: BenchFlags, url: URL): number {
  if (report.isInterrupted) return EXIT.interrupted;
  const [commonest] = report.requests.failures;
  if (report.requests.completed === 0 && commonest !== undefined)
    throw new EnvironmentError(`${url.href}: no request was answered; ${commonest.kind}: ${commonest.example}`);
  const isMissed = report.requests.failed > 0 || report.comparison?.isMet === false;
  return flags.failOnMiss && isMissed ? EXIT.infeasible : EXIT.done;
}
