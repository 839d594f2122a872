import { findWeights } from "../known/lookup";
import { complies, violates, type Rule } from "../rule";

export const modelWeightsAreKnown: Rule = {
  name: "model-weights-are-known",
  description:
    "vLLM reads the precision of weights from the checkpoint, not from its flags. For weights that the catalog does " +
    "not have, the other rules cannot tell whether they are quantized or fit, and say nothing.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps: "Check precision and memory of these weights by hand: `fitserve predict` takes any config.json.",
  judge: ({ command, containerName }) => {
    if (command.model === undefined) {
      return command.hasUnknownWords
        ? { kind: "unknown", what: "the model" }
        : violates(`container ${containerName} names no model, so that vLLM serves its own default`);
    }
    return findWeights(command.model) === undefined
      ? violates(`container ${containerName} serves ${command.model}, which is not in the catalog: not judged`)
      : complies;
  },
};
