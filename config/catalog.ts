import type { Catalog, CatalogModel, Cloud, Gpu, InstanceOffer, UnusableInstance } from "../sizing/catalog";
import { AWS_INSTANCES, AWS_SOURCES } from "./data/aws.generated";
import { AWS_REGION_PRICES } from "./data/aws-region-prices";
import { AZURE_INSTANCES, AZURE_SOURCES } from "./data/azure.generated";
import { GCP_INSTANCES, GCP_SOURCES } from "./data/gcp.generated";
import { GPUS } from "./data/gpus";
import type { InstanceRow, PriceRow, PriceSource } from "./data/instance-row";
import { MODELS, type ModelRow } from "./data/models";
import { parseModelConfig } from "./model-config";
import { canonicalGpuName, nearestGpuName, nearestName } from "./names";

const MARKET: readonly (readonly [Cloud, readonly InstanceRow[], readonly PriceSource[]])[] = [
  ["aws", AWS_INSTANCES, AWS_SOURCES],
  ["gcp", GCP_INSTANCES, GCP_SOURCES],
  ["azure", AZURE_INSTANCES, AZURE_SOURCES],
];

let loaded: Catalog | undefined;

/** What the world is: models, cards, prices. Read once a process; keys are checked, rows by the generator and a test. */
export function loadCatalog(): Catalog {
  loaded ??= checked({
    models: MODELS.map(catalogModel),
    gpus: GPUS,
    offers: MARKET.flatMap(([cloud, rows, sources]) => rows.flatMap((row) => offersOf(cloud, row, sources))),
    unusable: MARKET.flatMap(([cloud, rows]) => rows.flatMap((row) => unusableOf(cloud, row))),
    awsPrices: AWS_REGION_PRICES,
  });
  return loaded;
}

function catalogModel(row: ModelRow): CatalogModel {
  const parsed = parseModelConfig(row.config);
  if (!parsed.ok) throw new Error(`catalog model ${row.key}: ${parsed.faults.join("; ")}`);
  const { key, repository, checkpoints, source, date } = row;
  return { key, repository, architecture: parsed.architecture, checkpoints, source, date };
}

function offersOf(cloud: Cloud, row: InstanceRow, sources: readonly PriceSource[]): InstanceOffer[] {
  const { memoryGiB } = row;
  if (row.unusable !== undefined || memoryGiB === undefined) return [];
  return row.prices.flatMap(([region, onDemand, spot, sourceIndex]) => {
    const source = sources[sourceIndex];
    if (source === undefined)
      throw new Error(`catalog instance ${row.instanceType}: price source ${sourceIndex} is missing`);
    const { instanceType, gpu, gpuCount, link, vcpus } = row;
    const machine = { cloud, region, instanceType, gpu, gpuCount, link, vcpus, memoryGiB };
    const offer = (purchase: InstanceOffer["purchase"], usdPerHour: number | undefined): InstanceOffer[] => {
      if (usdPerHour === undefined) return [];
      const from =
        purchase === "spot"
          ? { source: source.spot, date: source.spotDate }
          : { source: source.onDemand, date: source.onDemandDate };
      return [{ ...machine, purchase, usdPerHour, ...from }];
    };
    return [...offer("on-demand", onDemand), ...offer("spot", spot)];
  });
}

function unusableOf(cloud: Cloud, row: InstanceRow): UnusableInstance[] {
  const { instanceType } = row;
  if (row.unusable !== undefined) return [{ cloud, instanceType, reason: row.unusable }];
  const hasOnDemand = row.prices.some(([, onDemand]: PriceRow) => onDemand !== undefined);
  return hasOnDemand ? [] : [{ cloud, instanceType, reason: "it has no on-demand price (sold by reservation only)" }];
}

function checked(catalog: Catalog): Catalog {
  assertUnique("model", catalog.models, (model) => model.key);
  assertUnique("gpu", catalog.gpus, (gpu) => gpu.name);
  assertUnique("offer", catalog.offers, (offer) => `${offer.instanceType} ${offer.region} ${offer.purchase}`);
  const cards = new Set(catalog.gpus.map((gpu) => gpu.name));
  const stray = catalog.offers.find((offer) => !cards.has(offer.gpu));
  if (stray !== undefined) throw new Error(`catalog offer ${stray.instanceType}: unknown card ${stray.gpu}`);
  return catalog;
}

function assertUnique<Row>(kind: string, rows: readonly Row[], keyOf: (row: Row) => string): void {
  const seen = new Set<string>();
  for (const row of rows) {
    const key = keyOf(row);
    if (seen.has(key)) throw new Error(`catalog ${kind} ${key} is there twice`);
    seen.add(key);
  }
}

/** The card that a name means, by any known spelling; the message names the nearest card. */
export function resolveGpu(
  catalog: Catalog,
  name: string,
): { readonly ok: true; readonly gpu: Gpu } | { readonly ok: false; readonly message: string } {
  const canonical = canonicalGpuName(name) ?? name;
  const gpu = catalog.gpus.find((one) => one.name.toLowerCase() === canonical.toLowerCase());
  if (gpu !== undefined) return { ok: true, gpu };
  const names = catalog.gpus.map((one) => one.name);
  return { ok: false, message: unknownName("GPU", name, names, nearestGpuName(name)) };
}

/** The model that a catalog key or a repository (of the model or of one of its checkpoints) means. */
export function resolveModel(
  catalog: Catalog,
  name: string,
): { readonly ok: true; readonly model: CatalogModel } | { readonly ok: false; readonly message: string } {
  const folded = name.toLowerCase();
  const model = catalog.models.find((one) => namesOf(one).some((known) => known.toLowerCase() === folded));
  if (model !== undefined) return { ok: true, model };
  const names = folded.includes("/") ? catalog.models.flatMap(namesOf) : catalog.models.map((one) => one.key);
  return { ok: false, message: unknownName("model", name, names, nearestName(name, names)) };
}

function namesOf(model: CatalogModel): string[] {
  return [model.key, model.repository, ...Object.values(model.checkpoints).map((checkpoint) => checkpoint.repository)];
}

function unknownName(kind: string, name: string, known: readonly string[], nearest: string | undefined): string {
  const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}...` : name);
  const fitting = known.filter((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}-`));
  if (fitting.length > 1) return `the ${kind} ${shown} can be ${fitting.join(", ")}: name one of them`;
  return `the ${kind} ${shown} is not in the catalog${nearest === undefined ? "" : `; the nearest name is "${nearest}"`}`;
}
