/**
 * Writes docs/accuracy.md and the table that the accuracy gate compares with, test/calibration/accuracy.json.
 *
 *   npx tsx scripts/accuracy.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { loadStartups, type Startup } from "../test/calibration/startups";
import { accuracyCells, type AccuracyCell } from "./accuracy-cells";
import { accuracyDocument, type AccuracyFigures } from "./accuracy-document";
import { latencyRuns, memoryRuns } from "./accuracy-runs";
import { crossValidated } from "./refit-memory";

const root = join(__dirname, "..");

function withoutThe(keyOf: (startup: Startup) => string): readonly AccuracyCell[] {
  return accuracyCells(crossValidated(loadStartups(), keyOf).map((deviation) => ({ ...deviation, slices: ["all"] })));
}

const figures: AccuracyFigures = {
  memory: accuracyCells(memoryRuns()),
  crossValidated: {
    model: withoutThe((startup) => startup.shapes),
    card: withoutThe((startup) => startup.deployment.gpu.name),
    release: withoutThe((startup) => startup.deployment.engine.version),
  },
  latency: accuracyCells(latencyRuns()),
};
async function write(): Promise<void> {
  const { memory, latency } = figures;
  mkdirSync(join(root, "docs"), { recursive: true });
  writeFileSync(join(root, "docs/accuracy.md"), await format(accuracyDocument(figures), { parser: "markdown" }));
  const table = await format(JSON.stringify({ memory, latency }), { parser: "json", printWidth: 120 });
  writeFileSync(join(root, "test/calibration/accuracy.json"), table);
  console.log(`docs/accuracy.md: ${memory.length + latency.length} cells`);
}

void write();
