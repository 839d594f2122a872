import type { Catalog } from "../catalog";
import { isUnquantizedAtScale } from "../rules/unquantized-at-scale";
import type { ServingRequest } from "../serving-request";
import type { SteadyState } from "../time/steady-state";
import { judgedLoads, plannedConcurrency } from "./cases";
import { judgedTimes, type JudgedTimes } from "./limits";
import { MAKEABLE, modelFacts } from "./planned-model";
import { cheapest, relaxations, type Relaxation } from "./relaxations";
import { judgedStateOf, lastTrue, type Replica } from "./replica";
import type { Solution } from "./solution";

/** A change that makes an impossible request possible, with the cheapest solution that it opens. */
export interface RelaxedSolution extends Relaxation {
  readonly solution: Solution;
}

const AUTO_QUANTIZATION = "quantization: auto";

/** Single changes that work; where none does fewer requests, and at last the fewest changes that work together. */
export function workingRelaxations(request: ServingRequest, catalog: Catalog): RelaxedSolution[] {
  const working = relaxations(request).flatMap((one) => solved([one.change], one.request, catalog) ?? []);
  if (working.length > 0) return working;
  const fewer = fewerRequests(request, catalog);
  return fewer.length > 0 ? fewer : severalChanges(request, catalog);
}

/** All pins and limits given up at once, then each taken back, the most intrusive first, as long as the rest works. */
function severalChanges(request: ServingRequest, catalog: Catalog): RelaxedSolution[] {
  const together = (names: readonly string[]): RelaxedSolution | undefined => {
    const relaxed = names.reduce(
      (before, name) => relaxations(before).find(({ change }) => change === name)?.request ?? before,
      request,
    );
    return solved(names, relaxed, catalog);
  };
  let needed = relaxations(request).map(({ change }) => change);
  let found = together(needed);
  if (found === undefined) return [];
  for (const name of needed.toReversed()) {
    const without = needed.filter((other) => other !== name);
    const fewer = together(without);
    if (fewer !== undefined) [needed, found] = [without, fewer];
  }
  return [found];
}

/** The cheapest solution of the changed request, if need be with quantized weights, because a refused plan does not work. */
function solved(names: readonly string[], request: ServingRequest, catalog: Catalog): RelaxedSolution | undefined {
  const as = (relaxed: ServingRequest, more: readonly string[]): RelaxedSolution | undefined => {
    const solution = allowedSolution(relaxed, catalog);
    if (solution === undefined) return undefined;
    const kept = more.length === 0 ? names : names.filter((name) => name !== AUTO_QUANTIZATION);
    const changes = kept.map((name) => withValue({ change: name, request: relaxed }, solution));
    return { change: [...changes, ...more].join(" and "), request: relaxed, solution };
  };
  const asked = as(request, []);
  if (asked !== undefined || cheapest(request, catalog) === undefined) return asked;
  const published = as({ ...request, quantization: "auto" }, [AUTO_QUANTIZATION]);
  if (published !== undefined) return published;
  for (const quantization of MAKEABLE) {
    const own = as({ ...request, quantization }, [`quantization: ${quantization} with weights of your own`]);
    if (own !== undefined) return own;
  }
  return undefined;
}

/** The cheapest solution that the policies let pass, or undefined. */
function allowedSolution(request: ServingRequest, catalog: Catalog): Solution | undefined {
  const solution = cheapest(request, catalog);
  if (solution === undefined) return undefined;
  const { quantization } = solution.replica.configuration;
  const { parameters } = modelFacts(request, catalog);
  const concurrency = plannedConcurrency(request);
  return isUnquantizedAtScale({ quantization, parameters, concurrency }) ? undefined : solution;
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
    .map((judged) =>
      judgedTimes(judgedStateOf(request, judged, replica, state), replica.deployment, request.confidence),
    );
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
  const solutionAt = (concurrency: number): Solution | undefined =>
    allowedSolution(withConcurrency(concurrency), catalog);
  const { concurrency } = request.workload;
  if (concurrency === 1 || solutionAt(1) === undefined) return [];
  const most = lastTrue(1, concurrency, (fewer) => solutionAt(fewer) !== undefined);
  const solution = solutionAt(most);
  const profile = request.workload.hourlyConcurrency;
  const change =
    profile === undefined ? `workload.concurrency: ${most}` : `a peak of workload.hourlyConcurrency of ${most}`;
  return solution === undefined ? [] : [{ change, request: withConcurrency(most), solution }];
}
