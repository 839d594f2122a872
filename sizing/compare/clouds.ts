import { CLOUDS, PURCHASES, type Catalog, type Cloud } from "../catalog";
import type { ServingRequest } from "../serving-request";
import type { CloudRow } from "./comparison";
import type { PlanFinder } from "./plans";

/**
 * The cheapest plan that each cloud sells, on demand and spot, with everything else as the request pins it. Regions that
 * it names are kept in the cloud that has them; of a cloud where it names none, every region counts.
 */
export function compareClouds(request: ServingRequest, finder: PlanFinder): CloudRow[] {
  return CLOUDS.flatMap((cloud) => {
    const regions = regionsOf(request, finder.catalog, cloud);
    return PURCHASES.map((purchase) => {
      const market = { clouds: [cloud], regions, purchase };
      return { cloud, purchase, regions, outcome: finder.pinned({ ...request, market, optimize: "cost" }) };
    });
  });
}

function regionsOf({ market }: ServingRequest, { offers }: Catalog, cloud: Cloud): readonly string[] {
  const known = new Set(offers.filter((offer) => offer.cloud === cloud).map(({ region }) => region));
  return market.regions.filter((region) => known.has(region));
}
