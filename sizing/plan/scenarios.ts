import { judgedLoads, type JudgedLoad } from "../search/cases";
import { judgedTimes, type JudgedTimes } from "../search/limits";
import { holding, judgedStateOf, steadyStateOf, withEveryNodeUp, type Replica } from "../search/replica";
import type { Solution } from "../search/solution";
import type { ServiceLevel, ServingRequest } from "../serving-request";
import { timeBasis, timeErrorBands } from "../time/error-band";
import type { SteadyState } from "../time/steady-state";
import { generatedTokens, meanPromptTokens, promptTokensOfTurn, tokensInFlight } from "../time/workload";
import { whole } from "../wording";
import { firstAnswer } from "./performance";
import { estimate, inverse } from "./ranges";
import type { BindingLimit, LimitOutcome, ScenarioOutcome } from "./scenario-plan";

/** Every load that the solution was judged by, with its own simulation and the margin of each limit. */
export function scenarioOutcomes(request: ServingRequest, solution: Solution): ScenarioOutcome[] {
  const { replica, replicas, spareReplicas, state } = solution;
  return [
    ...allNodes(request, solution),
    ...judgedLoads(request).map((judged) => {
      const share = holding(request, judged.request, replica);
      const seen = judgedStateOf(request, judged, replica, state);
      return outcome(request, judged, nameOf(request, judged), share, replicas - spareReplicas, seen);
    }),
  ];
}

/** With spare nodes the request is planned for their loss; while they stand the others have less to do. */
function allNodes(request: ServingRequest, { replica, replicas }: Solution): ScenarioOutcome[] {
  const share = withEveryNodeUp(request, replica);
  if (share === undefined) return [];
  const base = { kind: "base", request } as const;
  return [outcome(request, base, "base load, every node up", share, replicas, steadyStateOf(request, share))];
}

function nameOf({ availability, workload }: ServingRequest, { kind, name }: JudgedLoad): string {
  if (name !== undefined) return name;
  if (kind !== "base") return kind;
  const lost = availability?.spareNodes ?? 0;
  const hours = workload.hourlyConcurrency;
  const peak = hours === undefined ? "base load" : `peak hour (${hourText(hours.indexOf(Math.max(...hours)))})`;
  return lost === 0
    ? peak
    : `loss of ${lost} ${lost === 1 ? "node" : "nodes"}${hours === undefined ? "" : ` in the ${peak}`}`;
}

/** 0 → 00:00. */
export function hourText(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

function outcome(
  request: ServingRequest,
  { request: ofCase, probe }: Pick<JudgedLoad, "request" | "probe">,
  name: string,
  replica: Replica,
  replicas: number,
  state: SteadyState,
): ScenarioOutcome {
  const { deployment } = replica;
  const { workload } = ofCase;
  const basis = timeBasis(deployment);
  const bands = timeErrorBands(deployment);
  const answer = firstAnswer(state, deployment).firstAnswerTokenP95Ms;
  const limits = [
    ...timeLimits(ofCase.slo, judgedTimes(state, deployment, request.confidence)),
    // Some requests among others leave the KV cache as it is: the base load judges it.
    ...(probe === undefined
      ? [atMost("kv-cache", replica.memory.kvCacheTokens, tokensInFlight(workload, replica.concurrency), "tokens")]
      : []),
  ];
  return {
    name,
    load: {
      requests: probe === undefined ? "all" : "some",
      concurrency: workload.concurrency,
      promptTokens:
        probe === undefined
          ? meanPromptTokens(workload)
          : promptTokensOfTurn(workload, probe.turn) - workload.promptTokens + probe.promptTokens,
      generatedTokens: probe?.generatedTokens ?? generatedTokens(workload),
      replicas,
    },
    ttftP95Ms: estimate(state.ttft.p95Ms, bands.ttft, basis),
    ...(answer === undefined ? {} : { firstAnswerTokenP95Ms: answer }),
    tokensPerSecondPerUser: inverse(estimate(state.tpot.p95Ms, bands.tpot, basis)),
    endToEndP95Ms: estimate(state.endToEnd.p95Ms, bands.endToEnd, basis),
    limits,
    met: limits.every(({ met }) => met),
  };
}

function timeLimits(slo: ServiceLevel, times: JudgedTimes): LimitOutcome[] {
  const { ttftSeconds, firstAnswerTokenSeconds, tokensPerSecondPerUser, endToEndSeconds } = slo;
  return [
    ...(ttftSeconds === undefined ? [] : [atMost("slo.ttftSeconds", ttftSeconds, times.ttftMs / 1000, "s")]),
    ...(firstAnswerTokenSeconds === undefined
      ? []
      : [atMost("slo.firstAnswerTokenSeconds", firstAnswerTokenSeconds, times.firstAnswerMs / 1000, "s")]),
    ...(tokensPerSecondPerUser === undefined ? [] : [atLeast(tokensPerSecondPerUser, times.stepMs)]),
    ...(endToEndSeconds === undefined
      ? []
      : [atMost("slo.endToEndSeconds", endToEndSeconds, times.endToEndMs / 1000, "s")]),
  ];
}

function atMost(
  limit: LimitOutcome["limit"],
  wanted: number,
  predicted: number,
  unit: LimitOutcome["unit"],
): LimitOutcome {
  return { limit, wanted, predicted, unit, margin: 1 - predicted / wanted, met: predicted <= wanted };
}

/** A speed is judged as the time of a token, so that its margin compares with the others. */
function atLeast(wanted: number, stepMs: number): LimitOutcome {
  return {
    limit: "slo.tokensPerSecondPerUser",
    wanted,
    predicted: 1000 / stepMs,
    unit: "tokens/s",
    margin: 1 - (stepMs * wanted) / 1000,
    met: stepMs * wanted <= 1000,
  };
}

/** The limit with the least margin; of equal ones the first. */
export function bindingLimit(scenarios: readonly ScenarioOutcome[]): BindingLimit | undefined {
  const all = scenarios.flatMap(({ name, limits }) => limits.map((limit) => ({ name, limit })));
  const [least] = all.toSorted((a, b) => a.limit.margin - b.limit.margin);
  if (least === undefined) return undefined;
  const { name, limit } = least;
  return { scenario: name, limit: limit.limit, margin: limit.margin, text: `${name}, ${limitText(limit)}` };
}

/** A limit, what is predicted and what is left. */
export function limitText({ limit, wanted, predicted, unit, margin }: LimitOutcome): string {
  const left = `${Math.round(margin * 100)} % left`;
  if (unit === "tokens") return `${limit}: ${whole(predicted)} of ${whole(wanted)} tokens of a replica, ${left}`;
  const digits = predicted < 10 ? 2 : 1;
  return `${limit}: ${predicted.toFixed(digits)} ${unit} of ${wanted} wanted, ${left}`;
}
