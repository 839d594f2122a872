import { resolve } from "node:path";
import { loadCatalog } from "../config/catalog";
import { Endpoint } from "../load/endpoint";
import { plannedDeployment } from "../load/planned-deployment";
import { fetchText } from "../load/served-models";
import { readMetricsPage, readStartupLog, type StartupFigures } from "../load/startup-log";
import { startupRow, verifyStartup } from "../load/verification";
import { verificationTable } from "../load/verification-table";
import { FileTooLargeError, readStreamUpTo, readUpTo } from "./bounded-file";
import { unreadableMetrics } from "./endpoint-errors";
import { EXIT, InvalidInputError } from "./errors";
import { optionFault, whyUnreadable } from "./option-faults";
import { wantsColor, write } from "./output";
import { plannedRun } from "./planned-run";
import type { RequestOptions } from "./request-input";
import { appendLine, assertWritable } from "./result-files";

export interface VerifyFlags extends RequestOptions {
  readonly log?: string;
  readonly metrics?: string;
  readonly format: "table" | "json";
  readonly calibrationRow?: string;
  readonly failOnMiss: boolean;
}

/** The mark with which such a file begins. */
const UTF_16 = Buffer.from([0xff, 0xfe]);
/** Years of a busy engine; what is read stands at its start. */
const LARGEST_LOG_BYTES = 256_000_000;
const METRICS_TIMEOUT_MS = 30_000;

/** The action of `fitserve verify`. */
export async function verify(flags: VerifyFlags): Promise<void> {
  checkFlags(flags);
  const planned = await plannedRun(flags);
  if (flags.calibrationRow !== undefined) await assertWritable(flags.calibrationRow);
  const found = await figuresOf(flags);
  const { plan, modelConfig } = planned;
  const deployment = plannedDeployment(plan, loadCatalog());
  if (deployment === undefined) throw new Error(`the catalog has no ${plan.hardware.gpu}`);
  const figures = verifyStartup(plan, deployment, found);
  const measuredOn = new Date().toISOString().slice(0, 10);
  const row = startupRow(plan, found, { modelConfig, source: `fitserve verify, ${measuredOn}`, measuredOn });
  const isAsPlanned = figures.every(({ verdict }) => verdict !== "fail");
  const output =
    flags.format === "json"
      ? `${JSON.stringify({ schemaVersion: 1, isAsPlanned, figures, calibrationRow: row }, undefined, 2)}\n`
      : verificationTable(plan, figures, { color: wantsColor(process.stdout, process.env) });
  await write(process.stdout, output);
  if (flags.calibrationRow !== undefined) await appendLine(flags.calibrationRow, row);
  process.exitCode = flags.failOnMiss && !isAsPlanned ? EXIT.infeasible : EXIT.done;
}

function checkFlags({ log, metrics, request }: VerifyFlags): void {
  const faults: string[] = [];
  if (log === undefined && metrics === undefined)
    faults.push("--log or --metrics: missing; wanted the start-up log of an engine, or its metrics page");
  const piped = Object.entries({ log, metrics, request }).filter(([, from]) => from === "-");
  if (piped.length > 1) {
    const flags = piped.map(([flag]) => `--${flag}`).join(" and ");
    faults.push(`${flags}: each reads standard input; wanted one of them there, and files for the others`);
  }
  if (faults.length > 0) throw new InvalidInputError(faults.join("\n"));
}

/** What was found in all that was given; where both tell, the log is more exact. */
async function figuresOf({ log, metrics }: VerifyFlags): Promise<StartupFigures> {
  const found = {
    ...(metrics === undefined ? {} : readMetricsPage(await metricsText(metrics))),
    ...(log === undefined ? {} : readStartupLog(await fileText("--log", log))),
  };
  if (Object.keys(found).length > 0) return found;
  const wanted = log === undefined ? "vllm:cache_config_info" : "Available KV cache memory";
  throw new InvalidInputError(
    `${log === undefined ? `--metrics ${metrics}` : `--log ${log}`}: no line of a vLLM engine was found, such as "${wanted}"; ` +
      "wanted its start-up, from the first line until it serves",
  );
}

async function metricsText(from: string): Promise<string> {
  if (!/^https?:\/\//.test(from)) return fileText("--metrics", from);
  if (!URL.canParse(from)) throw new InvalidInputError(optionFault("--metrics", from, "a URL"));
  const url = new URL(from);
  // The value is not repeated: it holds a password.
  if (url.username !== "" || url.password !== "")
    throw new InvalidInputError("--metrics: holds a user or a password; wanted an address without, or a file");
  const endpoint = new Endpoint({ url: new URL(url.origin) });
  try {
    const path = `${url.pathname === "/" ? "/metrics" : url.pathname}${url.search}`;
    const page = await fetchText(endpoint, path, { timeoutMs: METRICS_TIMEOUT_MS });
    if (page.ok) return page.text;
    throw unreadableMetrics(new URL(url.origin), path, page.failure);
  } finally {
    endpoint.close();
  }
}

/** Text of a file, or of standard input, which `-` names. */
async function fileText(flag: string, file: string): Promise<string> {
  try {
    const bytes =
      file === "-"
        ? await readStreamUpTo(process.stdin, LARGEST_LOG_BYTES)
        : readUpTo(resolve(file), LARGEST_LOG_BYTES);
    // Windows PowerShell writes what it redirects in two bytes a character.
    return bytes.toString(bytes.subarray(0, 2).equals(UTF_16) ? "utf16le" : "utf8");
  } catch (error) {
    if (error instanceof FileTooLargeError)
      throw new InvalidInputError(`${flag} ${file}: more than 256 MB; wanted the start of it (head --bytes=1M)`);
    throw new InvalidInputError(`${flag} ${file}: ${whyUnreadable(error)}; wanted a file that can be read`);
  }
}
