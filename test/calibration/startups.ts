import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadCatalog, resolveGpu } from "../../config/catalog";
import { parseModelConfig } from "../../config/model-config";
import type { Gpu } from "../../sizing/catalog";
import type { Deployment } from "../../sizing/deployment";
import { engineDefaults } from "../../sizing/engine/defaults";
import type { ModelArchitecture } from "../../sizing/model/architecture";

/** What the log of one start-up says, GiB per GPU; an absent figure was not logged. */
export interface StartupFigures {
  readonly weightsGiB?: number;
  readonly activationGiB?: number;
  readonly nonTorchGiB?: number;
  readonly kvCacheGiB?: number;
  readonly kvCacheTokens?: number;
  readonly cudaGraphGiB?: number;
}

/** One measured start-up of vLLM with the deployment that it was. */
export interface Startup {
  readonly id: string;
  /** Repository of the shapes: several checkpoints of one model share it. */
  readonly shapes: string;
  readonly family: string;
  readonly deployment: Deployment;
  readonly measured: StartupFigures;
  readonly source: string;
}

interface StartupRow {
  readonly id: string;
  readonly config: string;
  readonly request: Omit<Partial<Deployment>, "gpu"> &
    Pick<Deployment, "quantization" | "tensorParallel" | "pipelineParallel" | "engine" | "gpuMemoryUtilization"> &
    Pick<Deployment, "maxModelLen" | "kvCacheDtype" | "enforceEager"> & { readonly gpu: string };
  readonly measured: StartupFigures;
  readonly source: string;
}

/** Every start-up that the memory model is fitted to and judged by. */
export function loadStartups(): readonly Startup[] {
  const text = readFileSync(join(__dirname, "startups.json"), "utf8");
  const { configs, runs }: { configs: Record<string, unknown>; runs: StartupRow[] } = JSON.parse(text);
  return runs.map((row) => startupOf(row, architectureOf(configs[row.config], row.config)));
}

function architectureOf(config: unknown, name: string): ModelArchitecture {
  const parsed = parseModelConfig(config);
  if (!parsed.ok) throw new Error(`${name}: ${parsed.faults.join("; ")}`);
  return parsed.architecture;
}

function startupOf(row: StartupRow, architecture: ModelArchitecture): Startup {
  const gpu = cardOf(row.request.gpu);
  const deployment: Deployment = {
    ...engineDefaults(gpu, row.request.engine),
    ...row.request,
    architecture,
    gpu,
    link: gpu.link,
  };
  const { id, config, measured, source } = row;
  return { id, shapes: config, family: familyOf(architecture), deployment, measured, source };
}

function cardOf(name: string): Gpu {
  const resolved = resolveGpu(loadCatalog(), name);
  if (!resolved.ok) throw new Error(resolved.message);
  return resolved.gpu;
}

/** The kind of model, for the table of errors: what differs in its formula. */
export function familyOf(architecture: ModelArchitecture): string {
  const { layerGroups, towerParameters } = architecture;
  if (layerGroups.some(({ attention }) => attention.kind === "latent")) return "latent attention";
  if (layerGroups.some(({ mlp }) => mlp.kind === "mixture")) return "mixture of experts";
  if (layerGroups.some(({ attention }) => attention.kind === "recurrent")) return "recurrent";
  if (towerParameters > 0) return "vision";
  const windows = layerGroups.some(
    ({ attention }) => attention.kind === "grouped-query" && attention.windowTokens !== undefined,
  );
  return windows ? "sliding window" : "dense";
}
