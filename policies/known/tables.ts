import type { Catalog } from "../../sizing/catalog";
import { parameterCount } from "../../sizing/model/weights";
import type { KnownModel } from "./lookup";

/** What the policies know of models; written to `models.generated.ts`, so that the pack needs no catalog. */
export function knownModels(catalog: Catalog): readonly KnownModel[] {
  return catalog.models.map(({ key, architecture, checkpoints }) => ({
    key,
    parameters: parameterCount(architecture),
    architecture,
    repositories: Object.fromEntries(
      Object.entries(checkpoints).map(([quantization, checkpoint]) => [quantization, checkpoint.repository]),
    ),
  }));
}

/** Instance type → card, for nodes that are chosen by their instance type. */
export function instanceGpus(catalog: Catalog): Readonly<Record<string, string>> {
  const pairs = catalog.offers.map(({ instanceType, gpu }) => [instanceType, gpu] as const);
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
