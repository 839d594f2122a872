import type { Catalog } from "../../sizing/catalog";
import type { NegotiatedPrice, ServingRequest } from "../../sizing/serving-request";
import { nearestName } from "../names";
import { fault, type Fault } from "./faults";
import type { ServingInput } from "./schema";

/** The user's own prices without keys that were not given; absent where there are none. */
export function filledPricing(pricing: ServingInput["pricing"]): ServingRequest["pricing"] {
  const negotiated = (pricing?.negotiated ?? []).map(({ instanceType, region, usdPerHour, discountPercent }) => ({
    instanceType,
    ...(region === undefined ? {} : { region }),
    ...(usdPerHour === undefined ? {} : { usdPerHour }),
    ...(discountPercent === undefined ? {} : { discountPercent }),
  }));
  return negotiated.length === 0 ? undefined : { negotiated };
}

/** Prices that name no machine that is sold, or say two things about one. */
export function pricingFaults({ pricing }: ServingRequest, catalog: Catalog): Fault[] {
  const seen = new Set<string>();
  return (pricing?.negotiated ?? []).flatMap((price, i) => {
    const path = `pricing.negotiated[${i}]`;
    const key = `${price.instanceType} ${price.region ?? ""}`;
    const twice = seen.has(key);
    seen.add(key);
    if (twice) return [fault(path, price, `one price for ${price.instanceType} in a region`)];
    if ((price.usdPerHour === undefined) === (price.discountPercent === undefined))
      return [fault(path, price, "either usdPerHour or discountPercent")];
    return machineFault(price, path, catalog);
  });
}

function machineFault({ instanceType, region }: NegotiatedPrice, path: string, catalog: Catalog): Fault[] {
  const priced = catalog.offers.filter((offer) => offer.purchase === "on-demand");
  const offers = priced.filter((offer) => offer.instanceType === instanceType);
  if (offers.length === 0) {
    const unusable = catalog.unusable.find((one) => one.instanceType === instanceType);
    const nearest = nearestName(
      instanceType,
      priced.map((offer) => offer.instanceType),
    );
    const hint =
      unusable === undefined ? (nearest === undefined ? "" : ` (did you mean ${nearest}?)`) : ` (${unusable.reason})`;
    return [fault(`${path}.instanceType`, instanceType, `a machine with a list price in the catalog${hint}`)];
  }
  if (region === undefined) return [];
  const regions = [...new Set(offers.map((offer) => offer.region))].toSorted();
  if (regions.includes(region)) return [];
  const nearest = nearestName(region, regions);
  const hint = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  return [fault(`${path}.region`, region, `a region with a list price of ${instanceType}${hint}`)];
}
