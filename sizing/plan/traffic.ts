import { HOURS_PER_MONTH } from "../cost/cost-line";
import { holding, steadyStateOf, type Replica } from "../search/replica";
import { nodesOf, type Solution } from "../search/solution";
import type { ServingRequest } from "../serving-request";
import type { TrafficHour, TrafficPlan } from "./scenario-plan";

const SECONDS_PER_HOUR = 3600;

/**
 * A day of the traffic profile: what the planned nodes put out hour by hour, and how many of them each hour needs when a
 * replica holds as many requests as in the peak hour. `fixedUsdPerHour` is what the cluster around them costs.
 */
export function trafficPlan(
  request: ServingRequest,
  solution: Solution,
  fixedUsdPerHour: number,
): TrafficPlan | undefined {
  const concurrencies = request.workload.hourlyConcurrency;
  if (concurrencies === undefined) return undefined;
  const { nodes, usdPerHour } = solution;
  const rates = hourlyRates(request, solution);
  const hours = concurrencies.map((concurrency, hour): TrafficHour => ({
    hour,
    concurrency,
    nodes: nodesFor(request, solution, concurrency),
    outputTokensPerSecond: rates(concurrency),
  }));
  const peak = Math.max(...concurrencies);
  const outputTokensPerDay = hours.reduce((sum, hour) => sum + hour.outputTokensPerSecond * SECONDS_PER_HOUR, 0);
  const allHours = usdPerHour + fixedUsdPerHour;
  const nodeHoursPerDay = hours.reduce((sum, hour) => sum + hour.nodes, 0);
  const scaledUsdPerHour = (usdPerHour * nodeHoursPerDay) / (nodes * hours.length) + fixedUsdPerHour;
  return {
    peakHour: concurrencies.indexOf(peak),
    averageConcurrency: concurrencies.reduce((sum, one) => sum + one, 0) / hours.length,
    hours,
    outputTokensPerDay,
    usdPerMillionOutputTokens: (allHours * hours.length * 1e6) / outputTokensPerDay,
    usdPerMillionOutputTokensAtPeak: (allHours * 1e6) / (rates(peak) * SECONDS_PER_HOUR),
    scaled: {
      nodeHoursPerDay,
      usdPerMonth: scaledUsdPerHour * HOURS_PER_MONTH,
      savedShare: 1 - scaledUsdPerHour / allHours,
    },
  };
}

/** Output of all replicas with so many requests spread evenly over them; each number is simulated once. */
function hourlyRates(request: ServingRequest, solution: Solution): (concurrency: number) => number {
  const { replica, replicas, spareReplicas } = solution;
  const serving = replicas - spareReplicas;
  const known = new Map<number, number>();
  return (concurrency) => {
    if (concurrency === 0) return 0;
    const each = Math.ceil(concurrency / serving);
    const share: Replica = { ...replica, concurrency: each };
    // The turns of a dialogue are spread over the replicas that serve, not over as many as would hold the peak like this.
    const hour = { ...request, workload: { ...request.workload, concurrency: each * serving } };
    const perReplica = known.get(each) ?? steadyStateOf(hour, share).outputTokensPerSecond;
    known.set(each, perReplica);
    return perReplica * (concurrency / each);
  };
}

/** At least one replica stays, so that the first request of the morning is answered. */
function nodesFor(request: ServingRequest, { replica, nodes }: Solution, concurrency: number): number {
  const each = holding(request, request, replica).concurrency;
  const replicas = Math.max(1, Math.ceil(concurrency / each));
  return Math.min(nodes, nodesOf(request, replica.configuration, replicas));
}
