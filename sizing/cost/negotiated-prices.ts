import type { Catalog, InstanceOffer } from "../catalog";
import type { Basis } from "../model/precision";
import type { NegotiatedPrice, ServingRequest } from "../serving-request";

const NEGOTIATED = "negotiated, given in the request";

/** A price of the user has no day of capture, unless it is a discount off a list price that has one. */
export const UNDATED = "undated";

/** Whether the user's own price stands behind this source. */
export function isNegotiated({ source }: { readonly source: string }): boolean {
  return source.startsWith(NEGOTIATED);
}

/** What a price rests on; the catalog begins the source of a price that it worked out from others with "computed". */
export function priceBasis(offer: InstanceOffer): Basis {
  if (isNegotiated(offer)) return "assumed";
  return offer.source.startsWith("computed") ? "computed" : "published";
}

/** The catalog with the user's prices in place of on-demand list prices; one for a region is stronger than one for all. */
export function withNegotiatedPrices({ pricing }: ServingRequest, catalog: Catalog): Catalog {
  if (pricing === undefined) return catalog;
  return { ...catalog, offers: catalog.offers.map((offer) => negotiated(offer, pricing.negotiated)) };
}

function negotiated(offer: InstanceOffer, prices: readonly NegotiatedPrice[]): InstanceOffer {
  if (offer.purchase !== "on-demand") return offer;
  const own = prices.filter(({ instanceType }) => instanceType === offer.instanceType);
  const price = own.find(({ region }) => region === offer.region) ?? own.find(({ region }) => region === undefined);
  if (price === undefined) return offer;
  const list = `list $${offer.usdPerHour.toFixed(2)}/h, ${offer.source}`;
  if (price.usdPerHour !== undefined)
    return { ...offer, usdPerHour: price.usdPerHour, source: `${NEGOTIATED} (${list}, ${offer.date})`, date: UNDATED };
  const discount = price.discountPercent ?? 0;
  return {
    ...offer,
    usdPerHour: offer.usdPerHour * (1 - discount / 100),
    source: `${NEGOTIATED} (${discount} % off ${list})`,
  };
}
