import { removedFlag } from "../../components/vllm/vllm-flags";
import { missingUntil } from "../../sizing/engine/flag-versions";
import type { VllmServer } from "../reading/server";
import { complies, violates, type Judgement, type Rule } from "../rule";

export const engineKnowsItsFlags: Rule = {
  name: "engine-knows-its-flags",
  description:
    "vLLM ends at once with a flag that its version has removed or does not have yet, and its pod is started again " +
    "and again: a rollout that ends the old pod first is then an outage.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps: "Leave the flag out or use what replaced it, or deploy a version of vLLM that has it.",
  judge,
};

function judge({ command, containerName, engineVersion }: VllmServer): Judgement {
  if (engineVersion === undefined) {
    return { kind: "not-applicable", reason: "the image's tag names no version of vLLM" };
  }
  const findings = [...command.values.keys()].flatMap((flag) => {
    const instead = removedFlag(flag, engineVersion);
    if (instead !== undefined) return [`vLLM ${engineVersion} has removed ${flag}; instead: ${instead}`];
    const since = missingUntil(flag, engineVersion);
    return since === undefined ? [] : [`vLLM ${engineVersion} has no ${flag} yet; it came with ${since}`];
  });
  if (findings.length > 0) return violates(...findings.map((finding) => `container ${containerName}: ${finding}`));
  return command.hasUnknownWords ? { kind: "unknown", what: "a word of the command line" } : complies;
}
