import { loadCatalog } from "../config/catalog";
import { parseServingRequest } from "../config/request";
import { planServing } from "../sizing/plan";
import { isFeasible, type FeasiblePlan } from "../sizing/serving-plan";
import { InvalidInputError } from "./errors";
import { noPlanFits } from "./no-plan";
import { readRequest, type RequestOptions } from "./request-input";

/** The plan that a measurement is compared with. */
export interface PlannedRun {
  readonly plan: FeasiblePlan;
  /** The config.json that the request brings along, for a model that the catalog does not have. */
  readonly modelConfig: unknown;
  /** The request in one piece, as it was read and laid over. */
  readonly input: unknown;
}

/** The plan of the options; one that the policies refuse can be measured as well as any other. */
export async function plannedRun(options: RequestOptions): Promise<PlannedRun> {
  const input = await readRequest(options, process.cwd(), process.stdin);
  const catalog = loadCatalog();
  const parsed = parseServingRequest(input, catalog);
  if (!parsed.ok) throw new InvalidInputError(parsed.faults.map(({ message }) => message).join("\n"));
  const plan = planServing(parsed.request, catalog);
  if (!isFeasible(plan)) throw noPlanFits(plan, "there is nothing to compare with");
  const modelConfig: unknown =
    typeof input === "object" && input !== null && "modelConfig" in input ? input.modelConfig : undefined;
  return { plan, modelConfig, input };
}
