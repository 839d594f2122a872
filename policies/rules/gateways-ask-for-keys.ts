import { at, childOf, listOf, recordOf, textOf, UNKNOWN, type KnownValue } from "../reading/known-values";
import { kindOf, nameOf, sharesNamespace } from "../reading/objects";
import { vllmServersOf } from "../reading/server";
import { complies, violates, type Judgement } from "../rule";
import type { StackResource, StackRule } from "../stack-rule";

export const gatewaysAskForKeys: StackRule = {
  name: "gateways-ask-for-keys",
  description:
    "A Gateway before an engine is an address that anybody may try, and unprotected engines are found within minutes: " +
    "whoever finds this one uses its cards and reads what others may ask it.",
  enforcementLevel: "mandatory",
  severity: "critical",
  remediationSteps:
    "Attach a SecurityPolicy with apiKeyAuth (or jwt, oidc, basicAuth, extAuth) to the Gateway, or give the engine a " +
    "key of its own: the variable VLLM_API_KEY from a Secret.",
  judgeStack,
};

/** What a SecurityPolicy of Envoy Gateway asks of a client. */
const WAYS_OF_ASKING = ["apiKeyAuth", "jwt", "oidc", "basicAuth", "extAuth"];

function judgeStack(resources: readonly StackResource[]): Judgement {
  const engines = resources.filter((resource) => vllmServersOf(resource).length > 0);
  const gateways = resources.filter((resource) => kindOf(resource) === "Gateway");
  if (engines.length === 0 || gateways.length === 0) {
    return { kind: "not-applicable", reason: "has no Gateway before a vLLM server" };
  }
  if (engines.every(asksForKeys)) return complies;
  const policies = resources.filter((resource) => kindOf(resource) === "SecurityPolicy");
  if (policies.some(({ inputs }) => childOf(inputs, "spec") === UNKNOWN)) {
    return { kind: "unknown", what: "what a SecurityPolicy asks for" };
  }
  const open = gateways.filter((gateway) => !policies.some((policy) => guards(policy, gateway)));
  return violates(
    ...open.map(
      (gateway) =>
        `Gateway ${nameOf(gateway)} asks nobody for a key, and neither does the engine behind it; ` +
        `wanted: a SecurityPolicy with one of ${WAYS_OF_ASKING.join(", ")} for it, or VLLM_API_KEY`,
    ),
  );
}

function asksForKeys({ inputs, type }: StackResource): boolean {
  const servers = vllmServersOf({ type, inputs });
  const variables = listOf(at(inputs, "spec", "template", "spec", "containers")).flatMap((container) =>
    listOf(childOf(container, "env")).map((entry) => textOf(childOf(entry, "name"))),
  );
  return variables.includes("VLLM_API_KEY") || servers.every(({ command }) => command.values.has("--api-key"));
}

/** A policy of the Gateway itself, or of a route that may be one of its. */
function guards({ inputs, type }: StackResource, gateway: StackResource): boolean {
  const asks = WAYS_OF_ASKING.some((way) => way in recordOf(childOf(inputs, "spec")));
  if (!asks || !sharesNamespace({ inputs, type }, gateway)) return false;
  const targets: readonly KnownValue[] = [...listOf(at(inputs, "spec", "targetRefs")), at(inputs, "spec", "targetRef")];
  return targets.some((target) => {
    const kind = textOf(childOf(target, "kind"));
    return kind === "Gateway" ? childOf(target, "name") === at(gateway.inputs, "metadata", "name") : kind !== undefined;
  });
}
