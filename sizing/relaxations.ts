import { judgedLoads, plannedConcurrency } from "./cases";
import type { Catalog } from "./catalog";
import { configurations } from "./configurations";
import { modelFacts } from "./planned-model";
import { judgedTimes, type JudgedTimes } from "./limits";
import { holding, lastTrue, steadyStateOf, type Replica } from "./replica";
import { isUnquantizedAtScale } from "./rules/unquantized-at-scale";
import { search } from "./search";
import type { Solution } from "./solution";
import type { ServingRequest } from "./serving-request";
import type { SteadyState } from "./steady-state";

/** A request with one wish given up, and the words that say which. */
export interface Relaxation {
  readonly change: string;
  readonly request: ServingRequest;
}

export interface RelaxedSolution extends Relaxation {
  readonly solution: Solution;
}

/** The cheapest solution of a request, whatever it optimizes; or undefined. */
export function cheapest(wanted: ServingRequest, catalog: Catalog): Solution | undefined {
  const request: ServingRequest = { ...wanted, optimize: "cost" };
  const model = modelFacts(request, catalog);
  return search(request, model, configurations(request, catalog, model).possible, 1, catalog).solutions[0];
}

/** Every single pin that can be loosened, the least intrusive first. */
export function relaxations(request: ServingRequest): Relaxation[] {
  const { market, slo } = request;
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
    request.confidence === "range" && { change: "confidence: expected", request: asExpected(request) },
    ...withoutScenarios(request),
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

/** Changes that make an impossible request possible, each with the cheapest solution it opens. */
export function workingRelaxations(request: ServingRequest, catalog: Catalog): RelaxedSolution[] {
  const working = relaxations(request).flatMap((relaxation) => {
    const solution = cheapest(relaxation.request, catalog);
    if (solution === undefined) return [];
    if (!isRefused(solution, relaxation.request, catalog)) {
      return [{ ...relaxation, change: withValue(relaxation, solution), solution }];
    }
    return quantized(relaxation, catalog);
  });
  return working.length > 0 ? working : fewerRequests(request, catalog);
}

/** A change whose plan the policies refuse does not work. */
function isRefused({ replica }: Solution, request: ServingRequest, catalog: Catalog): boolean {
  const { quantization } = replica.configuration;
  const { parameters } = modelFacts(request, catalog);
  return isUnquantizedAtScale({ quantization, parameters, concurrency: plannedConcurrency(request) });
}

/** The same change with the choice of precision left to the planner, which keeps to what the policies allow. */
function quantized({ change, request }: Relaxation, catalog: Catalog): RelaxedSolution[] {
  const both: Relaxation = { change, request: { ...request, quantization: "auto" } };
  const solution = cheapest(both.request, catalog);
  if (solution === undefined) return [];
  return [{ ...both, change: `${withValue(both, solution)} and quantization: auto`, solution }];
}

/** Seconds, rounded up so that the limit is met. */
function secondsAtLeast(ms: number): string {
  return (Math.ceil(ms / 10) / 100).toString();
}

/** A limit is not simply dropped: the message names the value that can be had. */
function withValue({ change, request }: Relaxation, { state, replica }: Solution): string {
  if (!change.startsWith("slo.")) return change;
  const worst = worstTimes(request, replica, state);
  if (change === "slo.ttftSeconds") return `${change}: ${secondsAtLeast(worst.ttftMs)}`;
  if (change === "slo.firstAnswerTokenSeconds") return `${change}: ${secondsAtLeast(worst.firstAnswerMs)}`;
  if (change === "slo.endToEndSeconds") return `${change}: ${secondsAtLeast(worst.endToEndMs)}`;
  return `${change}: ${Math.floor(10_000 / worst.stepMs) / 10}`;
}

/** Slowest of all loads to which the limits of the request apply; scenarios may have limits of their own. */
function worstTimes(request: ServingRequest, replica: Replica, state: SteadyState): JudgedTimes {
  const times = judgedLoads(request)
    .filter(({ request: ofCase }) => ofCase.slo === request.slo)
    .map(({ kind, request: ofCase, probe }) => {
      const seen = kind === "base" ? state : steadyStateOf(ofCase, holding(request, ofCase, replica), probe);
      return judgedTimes(seen, replica.deployment, request.confidence);
    });
  const most = (of: (one: JudgedTimes) => number): number => Math.max(...times.map(of));
  return {
    ttftMs: most(({ ttftMs }) => ttftMs),
    firstAnswerMs: most(({ firstAnswerMs }) => firstAnswerMs),
    stepMs: most(({ stepMs }) => stepMs),
    endToEndMs: most(({ endToEndMs }) => endToEndMs),
  };
}

function fewerRequests(request: ServingRequest, catalog: Catalog): RelaxedSolution[] {
  const withConcurrency = (concurrency: number): ServingRequest => ({
    ...request,
    workload: { ...request.workload, concurrency },
  });
  const solutionAt = (concurrency: number): Solution | undefined => cheapest(withConcurrency(concurrency), catalog);
  const { concurrency } = request.workload;
  if (concurrency === 1 || solutionAt(1) === undefined) return [];
  const most = lastTrue(1, concurrency, (fewer) => solutionAt(fewer) !== undefined);
  const solution = solutionAt(most);
  const profile = request.workload.hourlyConcurrency;
  const change =
    profile === undefined ? `workload.concurrency: ${most}` : `a peak of workload.hourlyConcurrency of ${most}`;
  return solution === undefined ? [] : [{ change, request: withConcurrency(most), solution }];
}
