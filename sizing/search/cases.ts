import type { ServingRequest } from "../serving-request";
import type { Probe } from "../time/request-stream";
import { generatedTokens, tokensInFlight } from "../time/workload";

/** One load that the machines have to serve, as a request of its own; the first is the request itself. */
export interface Case {
  /** Absent: the request itself. */
  readonly name?: string;
  readonly request: ServingRequest;
}

/** The request and the scenarios that it names, which are served one at a time by the same machines. */
export function casesOf(request: ServingRequest): readonly Case[] {
  const { scenarios = [] } = request;
  if (scenarios.length === 0) return [{ request }];
  return [
    { request },
    ...scenarios.map(({ name, workload, slo = request.slo }) => ({ name, request: { ...request, workload, slo } })),
  ];
}

/** Requests in flight that decide the number of replicas: the most of all cases. */
export function plannedConcurrency({ workload, scenarios = [] }: ServingRequest): number {
  return scenarios.reduce((most, scenario) => Math.max(most, scenario.workload.concurrency), workload.concurrency);
}

/**
 * Tokens of each of the planned requests, so that as many of them hold what the fullest case does: the policies, which
 * know of one load alone, judge the KV cache by it.
 */
export function plannedTokensPerRequest(request: ServingRequest): number {
  const inFlight = casesOf(request).map(({ request: { workload } }) => tokensInFlight(workload, workload.concurrency));
  return Math.max(...inFlight) / plannedConcurrency(request);
}

/**
 * Requests of a case that one replica holds where replicas are planned for `each` requests of the planned concurrency.
 * Rounded up, so that it is never less than an even share of the replicas leaves.
 */
export function shareOfCase(request: ServingRequest, ofCase: ServingRequest, each: number): number {
  const planned = plannedConcurrency(request);
  return ofCase.workload.concurrency === planned ? each : Math.ceil((each * ofCase.workload.concurrency) / planned);
}

/** Whether the plan gives such a name to a scenario of its own. */
export function isOwnScenarioName(name: string): boolean {
  return /^(base load|longest lengths|last turn|peak hour|loss of)\b/i.test(name);
}

/** What a plan is judged by: each case, and of the request itself the requests that fare worst. */
export interface JudgedLoad extends Case {
  readonly kind: "base" | "worst-lengths" | "last-turn" | "scenario";
  /** Requests whose times are looked at; absent: all. */
  readonly probe?: Probe;
}

/** Every load that a simulation of its own judges; the request itself is the first, and often the only one. */
export function judgedLoads(request: ServingRequest): readonly JudgedLoad[] {
  const [base, ...scenarios] = casesOf(request);
  return [
    { kind: "base", request: base?.request ?? request },
    ...worstLengths(request),
    ...lastTurn(request),
    ...scenarios.map((one) => ({ ...one, kind: "scenario" as const })),
  ];
}

/** A request whose prompt and answer both have the length of the 95th percentile, among the others. */
function worstLengths(request: ServingRequest): JudgedLoad[] {
  const { promptTokens, promptTokensP95, outputTokens, outputTokensP95, turns = 1 } = request.workload;
  if (promptTokensP95 === undefined && outputTokensP95 === undefined) return [];
  const longer = outputTokensP95 === undefined ? 1 : outputTokensP95 / outputTokens;
  const probe = {
    promptTokens: promptTokensP95 ?? promptTokens,
    generatedTokens: generatedTokens(request.workload) * longer,
    turn: Math.ceil(turns / 2),
  };
  return [{ kind: "worst-lengths", name: "longest lengths (p95)", request, probe }];
}

/** A request of mean length with the whole history behind it, among those of other turns. */
function lastTurn(request: ServingRequest): JudgedLoad[] {
  const { promptTokens, turns = 1 } = request.workload;
  if (turns === 1) return [];
  const probe = { promptTokens, generatedTokens: generatedTokens(request.workload), turn: turns };
  return [{ kind: "last-turn", name: `last turn (${turns})`, request, probe }];
}
