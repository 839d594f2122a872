import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadCatalog } from "../config/catalog";
import { parsePredictRequest, type PredictRequest } from "../config/predict-request";
import { MEMORY_VALUES } from "../sizing/coefficients";
import type { Deployment } from "../sizing/deployment";
import { predict, type PerformanceAnswer } from "../sizing/predict";
import { memoryDeviations } from "../test/calibration/errors";
import { familyOf, loadStartups } from "../test/calibration/startups";
import type { SlicedDeviation } from "./accuracy-cells";

const LATENCY_QUANTITIES = ["ttftMs", "tpotMs", "itlP50Ms", "e2eMs", "outputTokensPerSecond"] as const;

interface LatencyCase {
  readonly id: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly measured: Readonly<Partial<Record<(typeof LATENCY_QUANTITIES)[number], number | null>>>;
}

/** Memory of every measured start-up against its prediction. */
export function memoryRuns(): readonly SlicedDeviation[] {
  return loadStartups().flatMap((startup) =>
    memoryDeviations(startup, MEMORY_VALUES).map((deviation) => ({
      ...deviation,
      slices: slicesOf(startup.deployment, startup.family),
    })),
  );
}

/** Speed of every measured benchmark against its prediction. */
export function latencyRuns(): readonly SlicedDeviation[] {
  const catalog = loadCatalog();
  const text = readFileSync(join(__dirname, "../test/calibration/cases-latency.jsonl"), "utf8");
  const cases = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): LatencyCase => JSON.parse(line));
  return cases.flatMap(({ id, request, measured }) => {
    const parsed = parsePredictRequest(request, catalog);
    if (!parsed.ok) throw new Error(`${id}: ${parsed.faults.map((fault) => fault.message).join("; ")}`);
    const answer = performanceOf(id, parsed.request);
    const slices = slicesOf(parsed.request.deployment, familyOf(parsed.request.deployment.architecture));
    return LATENCY_QUANTITIES.flatMap((quantity) => {
      const truth = measured[quantity];
      if (truth === undefined || truth === null) return [];
      return [
        { id, quantity, predicted: answer[quantity], measured: truth, difference: answer[quantity] - truth, slices },
      ];
    });
  });
}

function performanceOf(id: string, request: PredictRequest): PerformanceAnswer {
  const prediction = predict(request.deployment, request.load, request.given);
  if (!prediction.ok || prediction.performance === undefined) throw new Error(`${id} is not answered`);
  return prediction.performance;
}

function slicesOf({ gpu, quantization, engine, tensorParallel }: Deployment, family: string): readonly string[] {
  const release = engine.version.split(".").slice(0, 2).join(".");
  return [
    "all",
    `family: ${family}`,
    `card: ${gpu.name}`,
    `precision: ${quantization}`,
    `tensor parallel: ${tensorParallel}`,
    `release: vLLM ${release}`,
  ];
}
