import type { PolicyConfigSchema, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { knownCopy } from "./reading/known-values";
import { hasUnknownPod, vllmServersOf, type JudgedResource, type VllmServer } from "./reading/server";

/** What a rule says of one server. An empty list of findings means that it complies. */
export type Judgement =
  | { readonly kind: "judged"; readonly findings: readonly string[] }
  | { readonly kind: "not-applicable"; readonly reason: string }
  | { readonly kind: "unknown"; readonly what: string };

export interface Rule<Config extends object = object> {
  readonly name: string;
  /** Why the rule exists; what triggered it is said by the findings. */
  readonly description: string;
  readonly enforcementLevel: "mandatory" | "advisory";
  readonly severity: "low" | "medium" | "high" | "critical";
  readonly remediationSteps: string;
  readonly configSchema?: PolicyConfigSchema;
  readonly judge: (server: VllmServer, config: Config) => Judgement;
}

export const complies: Judgement = { kind: "judged", findings: [] };

/** A judgement with one finding for each fault of the server. */
export function violates(...findings: readonly string[]): Judgement {
  return { kind: "judged", findings };
}

/** Judges every vLLM server of a resource; findings win over what could not be judged. */
function judgeResource<Config extends object>(
  rule: Pick<Rule<Config>, "judge">,
  resource: JudgedResource,
  config: Config,
): Judgement {
  const servers = vllmServersOf(resource);
  if (servers.length === 0) {
    return hasUnknownPod(resource)
      ? { kind: "unknown", what: "its containers" }
      : { kind: "not-applicable", reason: "runs no vLLM server" };
  }
  const judgements = servers.map((server) => rule.judge(server, config));
  const findings = judgements.flatMap((judgement) => (judgement.kind === "judged" ? judgement.findings : []));
  if (findings.length > 0) return { kind: "judged", findings };
  return judgements.find(({ kind }) => kind !== "judged") ?? complies;
}

/** The rule as Pulumi takes it. */
export function policyOf<Config extends object>(rule: Rule<Config>): ResourceValidationPolicy {
  const { judge, ...texts } = rule;
  return {
    ...texts,
    validateResource: (args, reportViolation) => {
      const judgement = judgedOrCrash(rule.name, () => judgementOf(judge, args));
      if (judgement.kind === "not-applicable") args.notApplicable(judgement.reason);
      else if (judgement.kind === "unknown") readUnknowns(args.props);
      else for (const finding of judgement.findings) reportViolation(`${args.name}: ${finding}`);
    },
  };
}

/** Reads until Pulumi finds the unknown value itself, and tells the user where it is instead of what the rule thinks. */
function readUnknowns(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) readUnknowns(Reflect.get(value, key));
}

function judgementOf<Config extends object>(judge: Rule<Config>["judge"], args: ResourceValidationArgs): Judgement {
  return judgeResource({ judge }, { type: args.type, inputs: knownCopy(args.props) }, args.getConfig<Config>());
}

/** What the rule says; one that crashes reports that: silence would pass for compliance. */
export function judgedOrCrash(name: string, judge: () => Judgement): Judgement {
  try {
    return judge();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return violates(`the rule ${name} failed and judged nothing: ${cause}. This is a bug of the policy pack.`);
  }
}
