import type { Catalog } from "../catalog";
import type { Quantization } from "../model/precision";
import { modelFacts, type ModelFacts } from "../search/planned-model";
import type { ServingRequest } from "../serving-request";
import type {
  OwnPlan,
  PinnedOutcome,
  PrecisionComparison,
  PrecisionRow,
  QualityNote,
  ReferenceSetup,
} from "./comparison";
import { bestPlan, type PlanFinder } from "./plans";
import { CALIBRATED_GPU, referenceSetup } from "./setups";

const FROM_16_BIT = ["bf16", "fp8", "int8-w8a8", "int4-w4a16"] as const;

/** Cards of the setups where nothing fits the request. */
const USUAL_TENSOR_PARALLEL = 2;

/** Precisions that the model is published in or can be brought into; weights stored quantized stay as they are. */
function comparedPrecisions(request: ServingRequest, catalog: Catalog): readonly Quantization[] {
  const facts = modelFacts({ ...request, quantization: "auto" }, catalog);
  return facts.architecture.checkpointQuantization === undefined ? FROM_16_BIT : facts.quantizations;
}

/** The same request with every precision: what it costs, and how one replica runs on the same cards. */
export function comparePrecisions(
  request: ServingRequest,
  finder: PlanFinder,
  plan: PinnedOutcome,
  notes: readonly QualityNote[],
): PrecisionComparison {
  const { catalog } = finder;
  const quantizations = comparedPrecisions(request, catalog);
  const model = modelFacts({ ...request, quantization: "auto" }, catalog);
  const rows = quantizations.map((quantization) => precisionRow(request, finder, model, quantization, notes));
  return { rows, setups: setups(request, catalog, model, quantizations, plan) };
}

function precisionRow(
  request: ServingRequest,
  finder: PlanFinder,
  model: ModelFacts,
  quantization: Quantization,
  notes: readonly QualityNote[],
): PrecisionRow {
  const repository = model.checkpoints[quantization]?.repository;
  return {
    quantization,
    ...(repository === undefined ? {} : { repository }),
    outcome: finder.pinned({ ...request, quantization }),
    quality: qualityOf(model.key, quantization, notes),
  };
}

/** Notes on the model itself where there are any, else those from other models. */
function qualityOf(model: string, quantization: Quantization, notes: readonly QualityNote[]): QualityNote[] {
  const fitting = notes.filter((note) => note.quantization === quantization);
  const own = fitting.filter((note) => note.model === model);
  return own.length > 0 ? own : fitting.filter((note) => note.model === undefined);
}

/** The planned cards, and those that most measured runs come from, because they are where the figures are surest. */
function setups(
  request: ServingRequest,
  catalog: Catalog,
  model: ModelFacts,
  quantizations: readonly Quantization[],
  plan: PinnedOutcome,
): ReferenceSetup[] {
  const planned: OwnPlan | undefined = plan.asAsked.status === "fits" ? plan.asAsked.plan : bestPlan(plan);
  const tensorParallel =
    planned?.tensorParallel ?? (request.tensorParallel === "auto" ? USUAL_TENSOR_PARALLEL : request.tensorParallel);
  const cards = [
    ...(planned === undefined ? [] : [{ gpu: planned.gpu, tensorParallel, role: "planned" as const }]),
    ...(planned?.gpu === CALIBRATED_GPU ? [] : [{ gpu: CALIBRATED_GPU, tensorParallel, role: "calibrated" as const }]),
  ];
  return cards
    .map((card) => referenceSetup(request, catalog, model, quantizations, card))
    .filter((setup) => setup !== undefined);
}
