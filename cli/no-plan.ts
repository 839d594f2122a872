import type { ServingPlan } from "../sizing/serving-plan";
import { CliError, EXIT } from "./errors";

/** Each reason of the verdict with the change that would mend it below. */
export function reasonLines({ verdict }: ServingPlan): string[] {
  return verdict.reasons.map(({ message, fix }) => (fix === undefined ? message : `${message}\n  ${fix}`));
}

/** What a command says that cannot go on without a plan; `consequence` is what does not happen. */
export function noPlanFits(plan: ServingPlan, consequence?: string): CliError {
  const title = consequence === undefined ? "no plan fits" : `${consequence}: no plan fits`;
  return new CliError([title, ...reasonLines(plan)].join("\n"), EXIT.infeasible);
}
