/**
 * Refits the constants of the time model (`sizing/coefficients.ts`, TIME) on measured runs and prints errors before
 * and after.
 *
 *   npx tsx scripts/refit-time.ts [--cross-validate] [--write] [CASES.jsonl…]
 *
 * Everything starts from the middle of the ranges, so equal cases give equal constants. Cross-validation refits
 * without each model, degree of tensor parallelism, source and band of load in turn and judges the left-out runs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { TIME_COEFFICIENTS, TIME_VALUES, type TimeCoefficientName, type TimeValues } from "../sizing/coefficients";
import { timeErrorBands, type Band, type TimeErrorBands } from "../sizing/time/error-band";
import { promptsWereCached, QUANTITIES, readTimeCases, type Quantity, type TimeCase } from "./time-fit/cases";
import { logErrors, middle } from "./time-fit/objective";
import { coordinateSearch } from "./time-fit/search";

const COEFFICIENTS_FILE = "sizing/coefficients.ts";
const DEFAULT_CASES = ["test/calibration/cases-latency.jsonl", "test/calibration/cases-single-stream.jsonl"];
const SWEEPS = 14;
const CROSS_VALIDATION_SWEEPS = 6;

const FITTED: readonly TimeCoefficientName[] = [
  "bandwidthShare16Bit",
  "bandwidthShare8Bit",
  "bandwidthShareKv",
  "computeShare16Bit",
  "computeShare8Bit",
  "computeShareAttention",
  "overlapExponent",
  "activationBytesPerHidden",
  "fixedMsPerLayer",
  "quantizeMsPerLayer",
  "legacyQuantizedMsPerLayer",
  "allReduceBaseMs",
  "allReducePerHopMs",
  "nvlinkShare",
  "samplerBytesPerLogit",
  "hostMsPerStepSync",
  "hostMsPerSequenceSync",
  "hostMsPerStepAsync",
  "hostMsPerSequenceAsync",
  "requestMs",
  "tokenizeMsPerThousand",
  "responseMs",
  "extraPromptTokens",
  "openLoopSharedPrefix",
  "varyingLengthSpread",
];

interface Judged {
  readonly group: string;
  readonly id: string;
  readonly quantity: Quantity;
  /** (predicted − measured) / measured. */
  readonly error: number;
  /** Factors on the prediction that sizing states for it. */
  readonly band: Band;
}

const BAND_OF = {
  ttftMs: "ttft",
  tpotMs: "tpot",
  itlP50Ms: "itl",
  e2eMs: "endToEnd",
  outputTokensPerSecond: "throughput",
} as const satisfies Record<Quantity, keyof TimeErrorBands>;

function startValues(): TimeValues {
  const values: Record<TimeCoefficientName, number> = { ...TIME_VALUES };
  for (const name of FITTED) values[name] = middle(name);
  return values;
}

function fit(cases: readonly TimeCase[], sweeps: number): TimeValues {
  const usable = cases.filter(({ id }) => !promptsWereCached(id));
  return coordinateSearch(startValues(), usable, FITTED, sweeps);
}

function judge(cases: readonly TimeCase[], values: TimeValues, groupOf: (timeCase: TimeCase) => string): Judged[] {
  return cases.flatMap((timeCase) => {
    const errors = logErrors(timeCase, values);
    const bands = timeErrorBands(timeCase.deployment);
    return QUANTITIES.flatMap((quantity) => {
      const error = errors[quantity];
      if (error === undefined) return [];
      const band = bands[BAND_OF[quantity]];
      return [{ group: groupOf(timeCase), id: timeCase.id, quantity, error: Math.exp(error) - 1, band }];
    });
  });
}

function printTable(title: string, judged: readonly Judged[]): void {
  console.log(`\n${title}`);
  const groups = [...new Set(judged.map(({ group }) => group))].toSorted();
  for (const group of [...groups, "all"]) {
    for (const quantity of QUANTITIES) {
      const rows = judged.filter((row) => row.quantity === quantity && (group === "all" || row.group === group));
      if (rows.length > 0) console.log(`  ${group.padEnd(24)} ${quantity.padEnd(22)} ${summary(rows)}`);
    }
  }
}

function summary(rows: readonly Judged[]): string {
  const sizes = rows.map(({ error }) => Math.abs(error) * 100).toSorted((a, b) => a - b);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const at = (share: number): string =>
    (sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))] ?? 0).toFixed(1);
  const bias = (rows.reduce((sum, { error }) => sum + error, 0) / rows.length) * 100;
  return `n ${String(rows.length).padStart(3)}  mean ${mean.toFixed(1)} %  median ${at(0.5)} %  p90 ${at(0.9)} %  worst ${at(1)} %  bias ${bias.toFixed(1)} %`;
}

/** What a fold leaves out, by the ways in which unseen runs will differ. */
const FOLDS: Readonly<Record<string, (timeCase: TimeCase) => string>> = {
  source: (timeCase) => timeCase.source,
  model: (timeCase) => timeCase.model,
  "tensor parallelism": ({ deployment }) => `TP${deployment.tensorParallel}`,
  load: ({ load }) => loadBand(load.arrivals.kind === "closed-loop" ? load.arrivals.concurrency : undefined),
};

function loadBand(concurrency: number | undefined): string {
  if (concurrency === undefined) return "open loop";
  if (concurrency <= 16) return "1-16";
  return concurrency <= 64 ? "17-64" : "65-256";
}

function crossValidate(cases: readonly TimeCase[]): void {
  for (const [name, foldOf] of Object.entries(FOLDS)) {
    const judged = [...new Set(cases.map(foldOf))].flatMap((fold) => {
      const kept = cases.filter((timeCase) => foldOf(timeCase) !== fold);
      const left = cases.filter((timeCase) => foldOf(timeCase) === fold);
      return judge(left, fit(kept, CROSS_VALIDATION_SWEEPS), foldOf);
    });
    printTable(`left out by ${name}`, judged);
    const inside = judged.filter(
      ({ error, band }) => 1 / (1 + error) >= band.low && 1 / (1 + error) <= band.high,
    ).length;
    console.log(`  within the stated range: ${inside} of ${judged.length}`);
    console.log(`  worst: ${worst(judged)}`);
  }
}

function worst(judged: readonly Judged[]): string {
  return judged
    .toSorted((a, b) => Math.abs(b.error) - Math.abs(a.error))
    .slice(0, 6)
    .map(({ id, quantity, error }) => `${id} ${quantity} ${(error * 100).toFixed(0)} %`)
    .join("; ");
}

/** Puts the fitted values into the source file, three digits each. */
function write(values: TimeValues): void {
  let text = readFileSync(COEFFICIENTS_FILE, "utf8");
  for (const name of FITTED) {
    const entry = new RegExp(`(\\n  ${name}: \\{\\s*value: )[-\\d.e]+`);
    if (!entry.test(text)) throw new Error(`${COEFFICIENTS_FILE} has no entry ${name}`);
    text = text.replace(entry, `$1${Number(values[name].toPrecision(3))}`);
  }
  writeFileSync(COEFFICIENTS_FILE, text);
}

const options = new Set(process.argv.slice(2).filter((argument) => argument.startsWith("--")));
const paths = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const cases = readTimeCases(paths.length > 0 ? paths : DEFAULT_CASES);
printTable(
  "before",
  judge(cases, TIME_VALUES, ({ source }) => source),
);
if (options.has("--cross-validate")) crossValidate(cases);
const after = fit(cases, SWEEPS);
const judgedAfter = judge(cases, after, ({ source }) => source);
printTable("after", judgedAfter);
console.log(`  worst: ${worst(judgedAfter)}\n`);
for (const name of FITTED) {
  const { low, high, unit } = TIME_COEFFICIENTS[name];
  console.log(`${name.padEnd(28)} ${TIME_VALUES[name]} -> ${after[name].toPrecision(3)} ${unit} [${low}, ${high}]`);
}
if (options.has("--write")) write(after);
