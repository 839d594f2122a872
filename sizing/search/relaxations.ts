import type { Catalog } from "../catalog";
import type { ServingRequest } from "../serving-request";
import { configurations } from "./configurations";
import { modelFacts } from "./planned-model";
import { search } from "./search";
import type { Solution } from "./solution";

/** A request with one wish given up, and the words that say which. */
export interface Relaxation {
  readonly change: string;
  readonly request: ServingRequest;
}

/** The cheapest solution of a request, whatever it optimizes; or undefined. */
export function cheapest(wanted: ServingRequest, catalog: Catalog): Solution | undefined {
  const request: ServingRequest = { ...wanted, optimize: "cost" };
  const model = modelFacts(request, catalog);
  return search(request, model, configurations(request, catalog, model).possible, 1, catalog).solutions[0];
}

/** Every single wish that can be given up, the least intrusive first. */
export function relaxations(request: ServingRequest): Relaxation[] {
  return [
    ...pinRelaxations(request),
    ...marketRelaxations(request),
    ...(request.confidence === "range" ? [{ change: "confidence: expected", request: asExpected(request) }] : []),
    ...withoutScenarios(request),
    ...limitRelaxations(request),
  ];
}

/** What the request says of how the model is run, each left to the search. */
export function pinRelaxations(request: ServingRequest): Relaxation[] {
  const changes: (Relaxation | false)[] = [
    request.tensorParallel !== "auto" && {
      change: "tensorParallel: auto",
      request: { ...request, tensorParallel: "auto" },
    },
    request.pipelineParallel !== "auto" && {
      change: "pipelineParallel: auto",
      request: { ...request, pipelineParallel: "auto" },
    },
    request.replicas !== "auto" && { change: "replicas: auto", request: { ...request, replicas: "auto" } },
    request.gpu !== undefined && { change: "no gpu pinned", request: withoutGpu(request) },
    request.gpuMemoryUtilization !== "auto" && {
      change: "gpuMemoryUtilization: auto",
      request: { ...request, gpuMemoryUtilization: "auto" },
    },
    request.maxModelLen !== "auto" && { change: "maxModelLen: auto", request: { ...request, maxModelLen: "auto" } },
    request.quantization !== "auto" && { change: "quantization: auto", request: { ...request, quantization: "auto" } },
    request.kvCacheDtype === "auto" && { change: "kvCacheDtype: any", request: { ...request, kvCacheDtype: "any" } },
  ];
  return changes.filter((change) => change !== false);
}

function marketRelaxations(request: ServingRequest): Relaxation[] {
  const { market } = request;
  const changes: (Relaxation | false)[] = [
    market.regions.length > 0 && {
      change: `every region of ${market.clouds.join(", ")}`,
      request: { ...request, market: { ...market, regions: [] } },
    },
    market.purchase === "spot" && {
      change: "market.purchase: on-demand",
      request: { ...request, market: { ...market, purchase: "on-demand" } },
    },
    request.target !== "aws" &&
      market.clouds.length < 3 && {
        change: "market.clouds: [aws, gcp, azure] in every region",
        request: { ...request, market: { ...market, clouds: ["aws", "gcp", "azure"], regions: [] } },
      },
  ];
  return changes.filter((change) => change !== false);
}

function limitRelaxations(request: ServingRequest): Relaxation[] {
  const { slo } = request;
  const changes: (Relaxation | false)[] = [
    slo.ttftSeconds !== undefined && withoutLimit(request, "ttftSeconds"),
    slo.firstAnswerTokenSeconds !== undefined && withoutLimit(request, "firstAnswerTokenSeconds"),
    slo.tokensPerSecondPerUser !== undefined && withoutLimit(request, "tokensPerSecondPerUser"),
    slo.endToEndSeconds !== undefined && withoutLimit(request, "endToEndSeconds"),
  ];
  return changes.filter((change) => change !== false);
}

function withoutGpu(request: ServingRequest): ServingRequest {
  const { gpu: _gpu, ...rest } = request;
  return rest;
}

function asExpected(request: ServingRequest): ServingRequest {
  const { confidence: _confidence, ...rest } = request;
  return rest;
}

/** Each scenario left out for once; the others stay. */
function withoutScenarios(request: ServingRequest): Relaxation[] {
  const { scenarios = [] } = request;
  return scenarios.map(({ name }) => ({
    change: `scenarios without ${name}`,
    request: { ...request, scenarios: scenarios.filter((other) => other.name !== name) },
  }));
}

function withoutLimit(request: ServingRequest, limit: keyof ServingRequest["slo"]): Relaxation {
  const slo = Object.fromEntries(Object.entries(request.slo).filter(([name]) => name !== limit));
  return { change: `slo.${limit}`, request: { ...request, slo } };
}
