import type { PrecisionComparison, ReferenceSetup, SetupRow, SpeedAtBatch } from "../compare/comparison";
import { PRECISION_NAMES } from "../compare/verdict";
import type { Quantization } from "../model/precision";
import { planTable, type ReportTable } from "./compare-plan-rows";
import { gib, rate, whole } from "./text";

/** What each precision costs, then one replica of all of them on the same cards. */
export function precisionTables({ rows, setups }: PrecisionComparison): ReportTable[] {
  const named = rows.map(({ quantization, outcome, quality, repository }) => ({
    name: PRECISION_NAMES[quantization],
    outcome,
    notes: [
      ...(repository === undefined ? ["the catalog knows no such weights: they would have to be made"] : []),
      ...quality.map(({ text, source, date }) => `quality (published): ${text}; ${source}, ${date}`),
      ...(quantization === "bf16" ? ["quality: the reference that the others are measured against"] : []),
    ],
  }));
  return [planTable("Precisions", "precision", named), ...setups.flatMap(setupTables)];
}

function setupTables(setup: ReferenceSetup): ReportTable[] {
  const memory = memoryTable(setup);
  return memory.rows.length === 0 ? [memory] : [memory, speedTable(setup)];
}

interface SizedRow {
  readonly quantization: Quantization;
  readonly figures: NonNullable<SetupRow["figures"]>;
}

function sized({ rows }: ReferenceSetup): SizedRow[] {
  return rows.flatMap(({ quantization, figures }) => (figures === undefined ? [] : [{ quantization, figures }]));
}

function memoryTable(setup: ReferenceSetup): ReportTable {
  const { gpu, tensorParallel, link, role, rows } = setup;
  const joined = tensorParallel > 1 ? `, ${link === "nvlink" ? "NVLink" : "PCIe"}` : "";
  const why = role === "planned" ? "the planned cards" : "the cards of most measured runs";
  const sizedRows = sized(setup);
  return {
    title: `One replica on ${tensorParallel}x ${gpu}${joined} (${why}): memory of each GPU`,
    head:
      sizedRows.length === 0
        ? []
        : ["precision", "weights", "runtime", "KV cache", "tokens", "requests that fit", "basis"],
    right: [1, 2, 3, 4, 5],
    rows: sizedRows.map(({ quantization, figures }) => ({
      cells: [
        PRECISION_NAMES[quantization],
        gib(figures.weightsGiBPerGpu),
        gib(figures.runtimeGiBPerGpu),
        gib(figures.kvCacheGiBPerGpu),
        whole(figures.kvCacheTokens),
        whole(figures.requestsAtMeanLength),
        figures.memoryBasis,
      ],
      notes: [],
    })),
    notes: rows.flatMap(({ quantization, fault }) =>
      fault === undefined ? [] : [`${PRECISION_NAMES[quantization]}: ${fault}`],
    ),
  };
}

function speedTable(setup: ReferenceSetup): ReportTable {
  const { batches, fastest } = setup;
  const rows = sized(setup);
  const winners = fastest.map(({ batch, quantization, isClose }) => {
    const close = isClose ? " (within the range of the prediction)" : "";
    return `${whole(batch)}: ${PRECISION_NAMES[quantization]}${close}`;
  });
  const someQueue = rows.some(({ figures }) => figures.speeds.some(({ queues }) => queues));
  return {
    title: "Its speed by requests in flight: tokens/s a user / output tokens/s of all (means)",
    head: ["precision", ...batches.map((batch) => whole(batch)), "basis"],
    right: batches.map((_, i) => i + 1),
    rows: rows.map(({ quantization, figures }) => ({
      cells: [
        PRECISION_NAMES[quantization],
        ...batches.map((batch) => speedCell(figures.speeds.find((one) => one.batch === batch))),
        figures.speeds[0]?.tokensPerSecondPerUser.basis ?? "",
      ],
      notes: [],
    })),
    notes: [
      ...(winners.length > 0 ? [`fastest for a user at ${winners.join("; at ")}`] : []),
      ...(someQueue ? ["* the KV cache does not hold so many: some wait, and are not in the race"] : []),
    ],
  };
}

function speedCell(speed: SpeedAtBatch | undefined): string {
  if (speed === undefined) return "does not start";
  const { tokensPerSecondPerUser: user, outputTokensPerSecond: all, queues } = speed;
  return `${rate(user.value)} / ${whole(all.value)}${queues ? "*" : ""}`;
}
