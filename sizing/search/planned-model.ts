import type { Catalog, Checkpoint, Gpu } from "../catalog";
import type { ModelArchitecture } from "../model/architecture";
import { QUANTIZATIONS, type Quantization } from "../model/precision";
import { parameterCount } from "../model/weights";
import { isUnquantizedAtScale } from "../rules/unquantized-at-scale";
import type { ServingRequest } from "../serving-request";
import { plannedConcurrency } from "./cases";

/** The model of a request with all that the search needs of it. */
export interface ModelFacts {
  readonly key: string;
  readonly architecture: ModelArchitecture;
  readonly parameters: number;
  readonly checkpoints: Partial<Readonly<Record<Quantization, Checkpoint>>>;
  /** Precisions to search, the most exact first. */
  readonly quantizations: readonly Quantization[];
}

/** Joins a request with its model; a request that names no known model and brings none is a bug of the caller. */
export function modelFacts(request: ServingRequest, catalog: Catalog): ModelFacts {
  const known = catalog.models.find((model) => model.key === request.model);
  const architecture = request.architecture ?? known?.architecture;
  if (architecture === undefined) throw new Error(`the request names the unknown model ${request.model}`);
  const own = request.architecture === undefined ? (known?.checkpoints ?? {}) : {};
  const parameters = parameterCount(architecture);
  const quantizations = searched(request, architecture, own, parameters);
  const checkpoints =
    request.checkpoint === undefined
      ? own
      : Object.fromEntries(quantizations.map((quantization) => [quantization, request.checkpoint]));
  return { key: request.model, architecture, parameters, checkpoints, quantizations };
}

/** Precisions that somebody can make of 16-bit weights, where the catalog knows of none that are published. */
export const MAKEABLE: readonly Quantization[] = ["fp8", "int4-w4a16"];

function searched(
  request: ServingRequest,
  architecture: ModelArchitecture,
  checkpoints: ModelFacts["checkpoints"],
  parameters: number,
): readonly Quantization[] {
  if (request.quantization !== "auto") return [request.quantization];
  const stored = storedPrecision(architecture);
  if (stored !== undefined) return [stored];
  const published = QUANTIZATIONS.filter((quantization) => checkpoints[quantization] !== undefined);
  const possible = published.length > 0 ? published : (["bf16", ...MAKEABLE] as const);
  const concurrency = plannedConcurrency(request);
  const allowed = possible.filter((quantization) => !isUnquantizedAtScale({ quantization, parameters, concurrency }));
  return allowed.length > 0 ? allowed : possible;
}

/** Precision that the config.json itself states; absent: 16 bit, which others can be made of. */
function storedPrecision(architecture: ModelArchitecture): Quantization | undefined {
  const method = architecture.checkpointQuantization?.method.toLowerCase();
  if (method === undefined) return undefined;
  if (method.includes("mxfp4")) return "mxfp4";
  if (method.includes("fp8")) return "fp8";
  return /awq|gptq/.test(method) ? "int4-w4a16" : undefined;
}

/** Why a card cannot run such weights at all, or undefined. */
export function precisionFault(gpu: Gpu, quantization: Quantization): string | undefined {
  if (quantization === "int8-w8a8" && gpu.computeCapability >= 10) {
    return `vLLM has no INT8 kernels for compute capability ${gpu.computeCapability.toFixed(1)}; use fp8 there`;
  }
  return undefined;
}
