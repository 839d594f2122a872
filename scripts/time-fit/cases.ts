import { readFileSync } from "node:fs";
import { loadCatalog } from "../../config/catalog";
import { parsePredictRequest } from "../../config/predict-request";
import type { Deployment, ReplicaLoad } from "../../sizing/deployment";
import { estimateMemory } from "../../sizing/memory/memory";
import { assumedFlags } from "../../sizing/search/assumed-flags";

export const QUANTITIES = ["ttftMs", "tpotMs", "itlP50Ms", "e2eMs", "outputTokensPerSecond"] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** A measured run, ready to simulate. */
export interface TimeCase {
  readonly id: string;
  /** Who measured: the first part of the id. */
  readonly source: string;
  readonly model: string;
  readonly deployment: Deployment;
  readonly load: ReplicaLoad;
  readonly kvCacheTokens: number;
  readonly measured: Partial<Readonly<Record<Quantity, number>>>;
}

interface CaseLine {
  readonly id: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly measured: Partial<Readonly<Record<Quantity, number | null>>>;
}

/** Reads files of cases in the format of the predict contract; cases without a measured time are left out. */
export function readTimeCases(paths: readonly string[]): TimeCase[] {
  const lines = paths.flatMap((path) => readFileSync(path, "utf8").split("\n"));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- files of this project; the request is checked when parsed
  return lines.filter((line) => line.trim() !== "").flatMap((line) => timeCase(JSON.parse(line) as CaseLine));
}

function timeCase({ id, request, measured }: CaseLine): TimeCase[] {
  const parsed = parsePredictRequest(request, loadCatalog());
  if (!parsed.ok) throw new Error(`${id}: ${parsed.faults.map((fault) => fault.message).join("; ")}`);
  const { load, given } = parsed.request;
  const { deployment } = assumedFlags(parsed.request.deployment, load, given);
  const known = QUANTITIES.flatMap((quantity) => {
    const value = measured[quantity];
    return typeof value === "number" && value > 0 ? [[quantity, value] as const] : [];
  });
  if (load === undefined || known.length === 0) return [];
  return [
    {
      id,
      source: id.split("-")[0] ?? id,
      model: String(request["model"]),
      deployment,
      load,
      kvCacheTokens: estimateMemory(deployment).kvCacheTokens,
      measured: Object.fromEntries(known),
    },
  ];
}

/**
 * Runs whose throughput implies prompts computed faster than the card's peak: 1,024 tokens in 12 ms are 1.15 PFLOPS
 * on a card of 0.99. Their prompts came from the prefix cache of earlier runs, which the request does not say.
 */
export function promptsWereCached(id: string): boolean {
  return /^silybench-.*-1024_128-c(?!1$)\d+$/.test(id);
}
