import type { Catalog } from "../catalog";
import { parameterCount } from "../model/weights";
import { compareText } from "../search/configurations";
import { modelFacts } from "../search/planned-model";
import type { ServingRequest } from "../serving-request";
import type { ModelComparison, ModelRow } from "./comparison";
import { withModel, withoutPins, type PlanFinder } from "./plans";
import { CALIBRATED_GPU } from "./setups";

/** The largest model of the catalog that is smaller than the requested one and of the same kind; undefined: none. */
export function smallerModel(request: ServingRequest, catalog: Catalog): string | undefined {
  const { architecture, parameters } = modelFacts(request, catalog);
  const smaller = catalog.models
    .filter((model) => model.architecture.modelType === architecture.modelType && model.key !== request.model)
    .map(({ key, architecture: one }) => ({ key, parameters: parameterCount(one) }))
    .filter((model) => model.parameters < parameters)
    .toSorted((a, b) => b.parameters - a.parameters || compareText(a.key, b.key));
  return smaller[0]?.key;
}

/** The requested model beside another one, on any machine and on a single H100. */
export function compareModels(request: ServingRequest, finder: PlanFinder, other: string | undefined): ModelComparison {
  const { catalog } = finder;
  const free = withoutPins(request);
  const { parameters } = modelFacts(request, catalog);
  const asked: ModelRow = {
    model: request.model,
    parameters,
    role: "asked",
    outcome: finder.outcome({ ...free, optimize: "cost" }),
  };
  if (other === undefined) return { rows: [asked], notComputed: [] };
  const second = withModel(request, catalog, other);
  const { gpu: _gpu, ...anyCard } = second.request;
  const cheapest: ServingRequest = { ...anyCard, optimize: "cost" };
  const oneCard: ServingRequest = {
    ...cheapest,
    quantization: "auto",
    gpu: CALIBRATED_GPU,
    tensorParallel: 1,
    replicas: 1,
  };
  const row = (role: ModelRow["role"], one: ServingRequest): ModelRow => ({
    model: other,
    parameters: second.model.parameters,
    role,
    outcome: finder.outcome(one),
  });
  return {
    other,
    rows: [asked, row("other", cheapest), row("other-on-one-h100", oneCard)],
    notComputed: notComputed(request.model, other),
  };
}

function notComputed(asked: string, other: string): string[] {
  return [
    `whether ${other} answers as well as ${asked}: no formula gives quality. Distil or LoRA-tune it on your own ` +
      `prompts and judge both on the same held-out set before the saving counts`,
    `the training itself, and the memory and time of LoRA adapters beside the weights (merged into them they add neither)`,
    `how many tokens each of them answers with: both are sized for the same ones, and a model that thinks longer costs more`,
  ];
}
