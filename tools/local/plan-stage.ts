import { loadCatalog } from "../../config/catalog";
import { parseServingRequest } from "../../config/request";
import { planServing } from "../../sizing/plan";
import { planTable } from "../../sizing/report";
import { isFeasible, type FeasiblePlan } from "../../sizing/serving-plan";
import { colours, say } from "../engine/console";
import { EXIT, Failure } from "../engine/failure";

/** Plans the request and prints the plan, which is to be carried out; a request that is wrong, refused or fits nowhere ends the run. */
export function showPlan(serving: unknown, file: string): FeasiblePlan {
  const catalog = loadCatalog();
  const parsed = parseServingRequest(serving, catalog);
  if (!parsed.ok) {
    const faults = parsed.faults.map((fault) => `  ${fault.message}`).join("\n");
    throw new Failure(`fitserve:serving in ${file} is not valid:\n${faults}`, EXIT.invalidInput);
  }
  if (parsed.request.target !== "local") {
    throw new Failure(
      `${file} has the target ${parsed.request.target}; this command stands up the local target.\n` +
        "For another one use the Pulumi CLI itself: pulumi up --policy-pack policies",
      EXIT.invalidInput,
    );
  }
  const plan = planServing(parsed.request, catalog);
  say(planTable(plan, { color: colours.isColorSupported }));
  const { status } = plan.verdict;
  if (status === "refused") throw new Failure("The policies refuse this plan; nothing was changed.", EXIT.refused);
  if (status === "infeasible" || !isFeasible(plan))
    throw new Failure("No plan fits this request; nothing was changed.", EXIT.infeasible);
  return plan;
}
