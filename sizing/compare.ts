import type { Catalog } from "./catalog";
import { compareCardRule } from "./compare/card-rule";
import { compareCards } from "./compare/cards";
import { compareClouds } from "./compare/clouds";
import {
  COMPARISON_SECTIONS,
  type Comparison,
  type ComparisonSection,
  type ManagedApi,
  type QualityNote,
} from "./compare/comparison";
import { compareHybrid, DEFAULT_SHARES } from "./compare/hybrid";
import { compareManaged } from "./compare/managed";
import { compareModels, smallerModel } from "./compare/models";
import { PlanFinder, pinsOf } from "./compare/plans";
import { comparePrecisions } from "./compare/precisions";
import { whatItSays } from "./compare/verdict";
import { withNegotiatedPrices } from "./cost/negotiated-prices";
import type { ServingRequest } from "./serving-request";

export interface CompareOptions {
  readonly managedApis: readonly ManagedApi[];
  readonly qualityNotes: readonly QualityNote[];
  /** Absent: all. */
  readonly sections?: readonly ComparisonSection[];
  /** Key of the catalog; absent: the next smaller model of the same kind. */
  readonly otherModel?: string;
  /** Share of the requests that goes elsewhere, 0 to 1; absent: a row for each quarter. */
  readonly share?: number;
}

/**
 * The request beside what could be done instead: other weights, cards, clouds, models, somebody else's API, a mix.
 * Pure: equal requests, catalogs and options, in whatever order, give equal comparisons.
 */
export function compareServing(request: ServingRequest, listed: Catalog, options: CompareOptions): Comparison {
  const { managedApis: apis, qualityNotes, sections = COMPARISON_SECTIONS, share } = options;
  // An object of its own: what is simulated for this comparison is kept as long as it is made.
  const catalog = { ...withNegotiatedPrices(request, listed) };
  const wants = (section: ComparisonSection): boolean => sections.includes(section);
  const finder = new PlanFinder(catalog);
  const plan = finder.pinned(request);
  const other = options.otherModel ?? smallerModel(request, catalog);
  const shares = share === undefined ? DEFAULT_SHARES : [...new Set([0, share, 1])].toSorted((a, b) => a - b);
  const compared: Omit<Comparison, "says"> = {
    schemaVersion: 1,
    request,
    pins: pinsOf(request),
    plan,
    ...(wants("precision") ? { precision: comparePrecisions(request, finder, plan, qualityNotes) } : {}),
    ...(wants("gpus") ? { gpus: compareCards(request, finder) } : {}),
    ...(wants("clouds") ? { clouds: compareClouds(request, finder) } : {}),
    ...(wants("models") ? { models: compareModels(request, finder, other) } : {}),
    ...(wants("managed") ? { managed: compareManaged(request, plan, apis) } : {}),
    ...(wants("hybrid") ? { hybrid: compareHybrid(request, finder, plan, { other, apis }, shares) } : {}),
    ...(wants("card") ? { card: compareCardRule(request, catalog) } : {}),
  };
  return { ...compared, says: whatItSays(compared) };
}
