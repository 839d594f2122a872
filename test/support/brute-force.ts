import type { Catalog } from "../../sizing/catalog";
import { plannedConcurrency } from "../../sizing/search/cases";
import { configurations } from "../../sizing/search/configurations";
import { modelFacts } from "../../sizing/search/planned-model";
import { holding, memoryShortfall, replicaOf, simulatedShortfall, steadyStateOf } from "../../sizing/search/replica";
import type { ServingRequest } from "../../sizing/serving-request";
import { CATALOG } from "./requests";

/** Cheapest row by looking at every row with every number of replicas. */
export function bruteForce(request: ServingRequest, catalog: Catalog = CATALOG): number {
  const model = modelFacts(request, catalog);
  const concurrency = plannedConcurrency(request);
  const spareNodes = request.availability?.spareNodes ?? 0;
  let least = Infinity;
  const known = new Map<string, boolean>();
  for (const configuration of configurations(request, catalog, model).possible) {
    const { offer, replicasPerNode, ...kind } = configuration;
    const counts =
      request.replicas === "auto" ? Array.from({ length: concurrency }, (_, i) => i + 1) : [request.replicas];
    for (const replicas of counts) {
      const usdPerHour = (Math.ceil(replicas / replicasPerNode) + spareNodes) * offer.usdPerHour;
      if (usdPerHour >= least) break;
      const each = Math.ceil(concurrency / replicas);
      const key = JSON.stringify([kind, offer.link, each, spareNodes === 0 ? 0 : replicasPerNode]);
      const replica = replicaOf(request, model, configuration, each);
      const fits =
        known.get(key) ??
        (memoryShortfall(request, replica) === undefined &&
          simulatedShortfall(request, replica, steadyStateOf(request, holding(request, request, replica))) ===
            undefined);
      known.set(key, fits);
      if (fits) least = usdPerHour;
    }
  }
  return least;
}
