import { at, childOf, listOf, recordOf, UNKNOWN } from "../reading/known-values";
import { kindOf, nameOf, selects, sharesNamespace } from "../reading/objects";
import { vllmServersOf } from "../reading/server";
import { violates, type Judgement } from "../rule";
import type { StackResource, StackRule } from "../stack-rule";

export const enginesAreFenced: StackRule = {
  name: "engines-are-fenced",
  description:
    "vLLM's own key guards only some of its paths: tokenizing, scoring, pausing and the metrics are open to whoever " +
    "reaches the pod. Past the gateway, every pod of the cluster does, unless a NetworkPolicy keeps it away.",
  enforcementLevel: "advisory",
  severity: "medium",
  remediationSteps:
    "Add a NetworkPolicy that selects the engine's pods and lets in the gateway's proxies and the scraper of metrics only.",
  judgeStack,
};

function judgeStack(resources: readonly StackResource[]): Judgement {
  const engines = resources.filter((resource) => vllmServersOf(resource).length > 0);
  if (engines.length === 0) return { kind: "not-applicable", reason: "runs no vLLM server" };
  const policies = resources.filter((resource) => kindOf(resource) === "NetworkPolicy");
  if (policies.some(({ inputs }) => childOf(inputs, "spec") === UNKNOWN)) {
    return { kind: "unknown", what: "what a NetworkPolicy selects" };
  }
  const open = engines.filter((engine) => !policies.some((policy) => fences(policy, engine)));
  return violates(
    ...open.map(
      (engine) =>
        `${kindOf(engine) ?? "engine"} ${nameOf(engine)} is reachable for every pod; no NetworkPolicy selects it`,
    ),
  );
}

function fences(policy: StackResource, engine: StackResource): boolean {
  const types = listOf(at(policy.inputs, "spec", "policyTypes"));
  if (types.length > 0 && !types.includes("Ingress")) return false;
  const labels = recordOf(at(engine.inputs, "spec", "template", "metadata", "labels"));
  const wanted = recordOf(at(policy.inputs, "spec", "podSelector", "matchLabels"));
  return sharesNamespace(policy, engine) && selects(wanted, labels);
}
