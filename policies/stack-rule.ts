import type { StackValidationPolicy } from "@pulumi/policy";
import { knownCopy } from "./reading/known-values";
import type { JudgedResource } from "./reading/server";
import { judgedOrCrash, type Judgement, type Rule } from "./rule";

/** A resource with the address by which a report names it. */
export interface StackResource extends JudgedResource {
  readonly urn: string;
}

/** What no resource shows by itself: whether one of the stack belongs to another. */
export interface StackRule extends Pick<
  Rule,
  "name" | "description" | "enforcementLevel" | "severity" | "remediationSteps"
> {
  readonly judgeStack: (resources: readonly StackResource[]) => Judgement;
}

/** The rule as Pulumi takes it: after the preview, before anything is changed. */
export function stackPolicyOf({ judgeStack, ...texts }: StackRule): StackValidationPolicy {
  return {
    ...texts,
    validateStack: (args, reportViolation) => {
      const resources = args.resources.map(({ type, urn, props }): StackResource => ({
        type,
        urn,
        inputs: knownCopy(props),
      }));
      const judgement = judgedOrCrash(texts.name, () => judgeStack(resources));
      // What is not known yet may comply: the update itself is judged again, with everything known.
      if (judgement.kind !== "judged") args.notApplicable(reasonOf(judgement));
      else for (const finding of judgement.findings) reportViolation(finding);
    },
  };
}

function reasonOf(judgement: Exclude<Judgement, { readonly kind: "judged" }>): string {
  return judgement.kind === "unknown" ? `${judgement.what} is known only after the update` : judgement.reason;
}
