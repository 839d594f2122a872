/**
 * Prints how long the things take that somebody waits for: `npm run bench`. It judges nothing: machines differ, and
 * tests assert facts, not times. Bars to compare with are in the right-hand column.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { loadCatalog } from "../config/catalog";
import { loadManagedApis, loadQualityNotes } from "../config/comparison-data";
import { parseServingRequest } from "../config/request";
import { FIRST_USE } from "../config/request/schema";
import { compareServing } from "../sizing/compare";
import { planServing } from "../sizing/plan";
import type { ServingRequest } from "../sizing/serving-request";

const CLI = "dist/cli/fitserve.js";
const CASES = "test/calibration/cases-latency.jsonl";

interface Measured {
  readonly what: string;
  readonly value: string;
  readonly bar: string;
}

const EVERYWHERE = { clouds: ["aws", "gcp", "azure"], regions: [], purchase: "on-demand" } as const;

function main(): void {
  const rows: Measured[] = [
    plans("plan, first use (aws us-east-1), warm", FIRST_USE, "50 ms"),
    plans("plan, every cloud and region, auto, warm", { model: "qwen3-32b", market: EVERYWHERE }, "50 ms"),
    plans("plan, 3,000 requests, auto, warm", { model: "qwen3-32b", workload: { concurrency: 3000 } }, "1,000 ms"),
    plans(
      "plan, 100,000 requests, every cloud, warm",
      { model: "qwen3-32b", workload: { concurrency: 100_000 }, market: EVERYWHERE },
      "1,000 ms",
    ),
    comparison("compare, first use, warm", FIRST_USE, "1,000 ms"),
    comparison(
      "compare, 3,000 requests, auto, warm",
      { model: "qwen3-32b", workload: { concurrency: 3000 } },
      "1,000 ms",
    ),
    coldStart(),
    predictions(),
  ];
  const width = Math.max(...rows.map((row) => row.what.length));
  for (const { what, value, bar } of rows) console.log(`${what.padEnd(width)}  ${value.padStart(16)}  bar: ${bar}`);
  console.log(`${cpus().length} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}: times grow with what else runs`);
}

function plans(what: string, input: unknown, bar: string): Measured {
  const request = checkedRequest(input);
  return { what, value: warmMs(() => planServing(request, loadCatalog())), bar };
}

function comparison(what: string, input: unknown, bar: string): Measured {
  const request = checkedRequest(input);
  const options = { managedApis: loadManagedApis(), qualityNotes: loadQualityNotes() };
  return { what, value: warmMs(() => compareServing(request, loadCatalog(), options)), bar };
}

/** Median of repeated calls in one process, after warming up; nothing is kept from one call to the next. */
function warmMs(work: () => unknown): string {
  const times = Array.from({ length: 15 }, () => elapsedMs(work));
  return `${median(times.slice(5)).toFixed(1)} ms`;
}

function checkedRequest(input: unknown): ServingRequest {
  const parsed = parseServingRequest(input, loadCatalog());
  if (!parsed.ok) throw new Error(parsed.faults.map((fault) => fault.message).join("\n"));
  return parsed.request;
}

/** A new process each time, as somebody at a terminal has it. */
function coldStart(): Measured {
  const times = Array.from({ length: 7 }, () =>
    elapsedMs(() => succeed(spawnSync(process.execPath, [CLI, "plan", "--format", "json"], { encoding: "utf8" }))),
  );
  return { what: "fitserve plan, cold", value: `${median(times).toFixed(0)} ms`, bar: "500 ms" };
}

function predictions(): Measured {
  const requests = readFileSync(CASES, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const measured: { readonly request: unknown } = JSON.parse(line);
      return JSON.stringify(measured.request);
    });
  const repeats = 10;
  const input = Array.from({ length: repeats }, () => requests.join("\n")).join("\n");
  const ms = elapsedMs(() => succeed(spawnSync(process.execPath, [CLI, "predict"], { input, maxBuffer: 2 ** 28 })));
  const perSecond = (requests.length * repeats * 1000) / ms;
  return { what: "fitserve predict", value: `${perSecond.toFixed(0)} requests/s`, bar: "200 requests/s" };
}

function succeed(run: { readonly status: number | null; readonly stderr: string | Buffer }): void {
  if (run.status !== 0) throw new Error(`${CLI} ended with ${run.status ?? "a signal"}: ${run.stderr.toString()}`);
}

function elapsedMs(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

main();
