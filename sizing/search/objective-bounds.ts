import type { ServingRequest } from "../serving-request";
import { requestsHeld } from "../time/workload";
import type { Configuration } from "./configurations";
import type { ModelFacts } from "./planned-model";
import { fastestTtftOf, replicaOf } from "./replica";
import { nodesOf, spareRequestsPerDollar, type Solution } from "./solution";

/** What the request optimizes, as a figure of which less is better, and a lower bound on it. */
export interface Aim {
  readonly valueOf: (solution: Solution) => number;
  /** No solution with this configuration and at least so many replicas has less. */
  readonly boundOf: (configuration: Configuration, replicas: number) => number;
}

/** Sums and simulations are not exact; a bound stays below what it bounds. */
const SLACK = 1 - 1e-9;

/** The aim of a request; its unit is that of the objective: $/h, milliseconds, or requests per dollar with a minus. */
export function aimOf(request: ServingRequest, model: ModelFacts): Aim {
  if (request.optimize === "latency") {
    return {
      valueOf: ({ state }) => state.ttft.p95Ms,
      boundOf: (configuration) => fastestTtftOf(request, replicaOf(request, model, configuration, 1)) * SLACK,
    };
  }
  if (request.optimize === "headroom") {
    return {
      valueOf: (solution) => -spareRequestsPerDollar(request, solution),
      // With one request its limits of the engine are the least, and so is the memory that they take from the KV cache.
      boundOf: (configuration) => {
        const { memory } = replicaOf(request, model, configuration, 1);
        const held = requestsHeld(request.workload, memory.kvCacheTokens) * configuration.replicasPerNode;
        return -held / (configuration.offer.usdPerHour * SLACK);
      },
    };
  }
  return {
    valueOf: ({ usdPerHour }) => usdPerHour,
    boundOf: (configuration, replicas) => nodesOf(request, configuration, replicas) * configuration.offer.usdPerHour,
  };
}
