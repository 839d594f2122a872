import type { ZodError } from "zod";
import type { Catalog } from "../sizing/catalog";
import { layerCount, type ModelArchitecture } from "../sizing/model/architecture";
import { tensorParallelFault } from "../sizing/model/tensor-parallel";
import type { ServingRequest } from "../sizing/serving-request";
import { resolveGpu, resolveModel } from "./catalog";
import { parseModelConfig } from "./model-config";
import { nearestName } from "./names";
import { fault, faultsOf, fieldOfValue, type Fault } from "./request/faults";
import { filledPricing, pricingFaults } from "./request/pricing";
import { DEFAULTS, SERVING_SCHEMA, type ServingInput } from "./request/schema";
import { filledScenarios, filledServiceLevel, filledWorkload, workloadFaults } from "./request/workload";

export type { Fault } from "./request/faults";

/** The user's `fitserve:serving` object with every default filled in, or every fault that it has. */
export function parseServingRequest(
  input: unknown,
  catalog: Catalog,
): { readonly ok: true; readonly request: ServingRequest } | { readonly ok: false; readonly faults: readonly Fault[] } {
  const shape = SERVING_SCHEMA.safeParse(input);
  const faults = shape.success ? [] : faultsOf(shape.error, input);
  const model = chosenModel(input, catalog, faults);
  const gpu = chosenGpu(input, catalog, faults);
  if (shape.success && model !== undefined) {
    const request = filled(shape.data, model, gpu, catalog);
    faults.push(...meaningFaults(request, model, shape.data, catalog));
    return faults.length > 0 ? { ok: false, faults } : { ok: true, request };
  }
  const sound = shape.success ? shape.data : soundPart(input, shape.error);
  if (sound !== undefined) {
    const request = filled(sound, model ?? NO_MODEL, gpu, catalog);
    faults.push(...meaningFaults(request, model, sound, catalog));
  }
  return { ok: false, faults };
}

/** What fields say together that cannot be; without a model all that does not depend on it. */
function meaningFaults(
  request: ServingRequest,
  model: ChosenModel | undefined,
  input: ServingInput,
  catalog: Catalog,
): Fault[] {
  return [
    ...marketFaults(request, catalog),
    ...workloadFaults(request, model?.architecture, input),
    ...pricingFaults(request, catalog),
    ...(model === undefined ? [] : tensorParallelFaults(request, model.architecture)),
    ...(model === undefined ? [] : pipelineFaults(request, model.architecture)),
  ];
}

/** Fields that are compared with those of the load; beside a load of the wrong shape they cannot be judged. */
const COMPARED_WITH_WORKLOAD = ["workload", "scenarios", "maxModelLen"];

/** The fields that have the right shape, so that what they say can be checked in the same pass as the shape of the others. */
function soundPart(input: unknown, error: ZodError): ServingInput | undefined {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return undefined;
  const wrong = new Set(
    error.issues.flatMap((issue) =>
      issue.path.length === 0 && issue.code === "unrecognized_keys" ? issue.keys : [issue.path[0]],
    ),
  );
  const unjudged = wrong.has("workload") ? COMPARED_WITH_WORKLOAD : [];
  const kept = Object.entries(input).filter(([key]) => !wrong.has(key) && !unjudged.includes(key));
  const parsed = SERVING_SCHEMA.safeParse({ model: NO_MODEL.name, ...Object.fromEntries(kept) });
  return parsed.success ? parsed.data : undefined;
}

interface ChosenModel {
  readonly name: string;
  readonly architecture: ModelArchitecture;
  /** Given by the user's own config.json. */
  readonly own: boolean;
}

/** Also looked for when other fields are wrong, so that one message names every fault. */
function chosenModel(input: unknown, catalog: Catalog, faults: Fault[]): ChosenModel | undefined {
  const name = fieldOfValue(input, "model");
  const config = fieldOfValue(input, "modelConfig");
  if (typeof name !== "string" || name === "") return undefined;
  const known = resolveModel(catalog, name);
  if (config !== undefined) {
    const parsed = parseModelConfig(config);
    if (parsed.ok) return { name: known.ok ? known.model.key : name, architecture: parsed.architecture, own: true };
    const wanted = "a Hugging Face config.json that can be sized";
    for (const text of parsed.faults)
      faults.push({ path: "modelConfig", given: text, wanted, message: `modelConfig: ${text}` });
    return undefined;
  }
  if (known.ok) return { name: known.model.key, architecture: known.model.architecture, own: false };
  const wanted = `a model of the catalog, or any model with its config.json as modelConfig`;
  faults.push({ ...fault("model", name, wanted), message: `model: ${known.message}; wanted ${wanted}` });
  return undefined;
}

function chosenGpu(input: unknown, catalog: Catalog, faults: Fault[]): string | undefined {
  const name = fieldOfValue(input, "gpu");
  if (typeof name !== "string" || name === "") return undefined;
  const known = resolveGpu(catalog, name);
  if (known.ok) return known.gpu.name;
  const wanted = `one of ${catalog.gpus.map((gpu) => gpu.name).join(", ")}`;
  faults.push({ ...fault("gpu", name, wanted), message: `gpu: ${known.message}; wanted ${wanted}` });
  return undefined;
}

/** Stands in for a model that is not known, while the other fields are checked. */
const NO_MODEL = { name: "no model" } as const;

function filled(
  input: ServingInput,
  model: ChosenModel | typeof NO_MODEL,
  gpu: string | undefined,
  catalog: Catalog,
): ServingRequest {
  const clouds = input.market?.clouds ?? DEFAULTS.market.clouds;
  const onlyAws = clouds.every((cloud) => cloud === "aws");
  const regions = input.market?.regions ?? (onlyAws ? DEFAULTS.awsRegions : []);
  const { checkpoint } = input;
  const pricing = filledPricing(input.pricing);
  const workload = filledWorkload(input.workload);
  const slo = filledServiceLevel(input.slo);
  const scenarios = filledScenarios(input.scenarios, workload);
  const spareNodes = input.availability?.spareNodes ?? 0;
  const known = catalog.models.some((one) => one.key === model.name);
  return {
    model: model.name,
    ...("architecture" in model && (model.own || !known) ? { architecture: model.architecture } : {}),
    ...(checkpoint === undefined ? {} : { checkpoint: pinned(checkpoint) }),
    quantization: input.quantization ?? DEFAULTS.quantization,
    kvCacheDtype: input.kvCacheDtype ?? DEFAULTS.kvCacheDtype,
    workload,
    slo,
    target: input.target ?? DEFAULTS.target,
    tensorParallel: input.tensorParallel ?? DEFAULTS.tensorParallel,
    pipelineParallel: input.pipelineParallel ?? DEFAULTS.pipelineParallel,
    replicas: input.replicas ?? DEFAULTS.replicas,
    maxModelLen: input.maxModelLen ?? DEFAULTS.maxModelLen,
    ...(gpu === undefined ? {} : { gpu }),
    gpuMemoryUtilization: input.gpuMemoryUtilization ?? DEFAULTS.gpuMemoryUtilization,
    engine: { name: "vllm", version: input.engine?.version ?? DEFAULTS.engine.version },
    market: {
      clouds: [...new Set(clouds)],
      regions: [...new Set(regions)],
      purchase: input.market?.purchase ?? DEFAULTS.market.purchase,
    },
    optimize: input.optimize ?? DEFAULTS.optimize,
    ...(input.confidence === undefined || input.confidence === "expected" ? {} : { confidence: input.confidence }),
    ...(scenarios.length === 0 ? {} : { scenarios }),
    ...(input.asOf === undefined ? {} : { asOf: input.asOf }),
    ...(spareNodes === 0 ? {} : { availability: { spareNodes } }),
    ...(pricing === undefined ? {} : { pricing }),
  };
}

function pinned(checkpoint: NonNullable<ServingInput["checkpoint"]>): { repository: string; revision?: string } {
  const { repository, revision } = checkpoint;
  return revision === undefined ? { repository } : { repository, revision };
}

function marketFaults({ market, target }: ServingRequest, catalog: Catalog): Fault[] {
  const faults: Fault[] = [];
  if (target === "aws" && market.clouds.some((cloud) => cloud !== "aws")) {
    faults.push(fault("market.clouds", market.clouds, "aws alone, because the target aws builds nothing elsewhere"));
  }
  const offered = catalog.offers.filter((offer) => market.clouds.includes(offer.cloud));
  const known = [...new Set(offered.map((offer) => offer.region))].toSorted();
  for (const region of market.regions.filter((one) => !known.includes(one))) {
    const nearest = nearestName(region, known);
    const wanted = `a region with prices of ${market.clouds.join(", ")}`;
    faults.push(
      fault("market.regions", region, nearest === undefined ? wanted : `${wanted} (did you mean ${nearest}?)`),
    );
  }
  return faults;
}

function tensorParallelFaults(request: ServingRequest, architecture: ModelArchitecture): Fault[] {
  if (request.tensorParallel === "auto") return [];
  const quantization = request.quantization === "auto" ? "bf16" : request.quantization;
  const reason = (tensorParallel: number): string | undefined =>
    tensorParallelFault(architecture, quantization, tensorParallel, 1);
  const text = reason(request.tensorParallel);
  if (text === undefined) return [];
  const possible = [1, 2, 4, 8, 16].filter((size) => reason(size) === undefined);
  const wanted = `a size that divides the model, such as ${possible.join(", ")} (${text})`;
  return [fault("tensorParallel", request.tensorParallel, wanted)];
}

function pipelineFaults({ pipelineParallel }: ServingRequest, architecture: ModelArchitecture): Fault[] {
  const layers = layerCount(architecture);
  if (pipelineParallel === "auto" || pipelineParallel <= layers) return [];
  return [fault("pipelineParallel", pipelineParallel, `at most the ${layers} layers of the model`)];
}
