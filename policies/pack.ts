import type { PolicyPackArgs } from "@pulumi/policy";
import { policyOf } from "./rule";
import { engineImagesArePinned } from "./rules/engine-images-are-pinned";
import { engineKnowsItsFlags } from "./rules/engine-knows-its-flags";
import { enginesAreFenced } from "./rules/engines-are-fenced";
import { gatewaysAskForKeys } from "./rules/gateways-ask-for-keys";
import { modelWeightsAreKnown } from "./rules/model-weights-are-known";
import { noFp16At50Concurrency } from "./rules/no-fp16-at-50-concurrency";
import { tensorParallelMatchesGpus } from "./rules/tensor-parallel-matches-gpus";
import { weightsAndKvCacheFit } from "./rules/weights-and-kv-cache-fit";
import { stackPolicyOf } from "./stack-rule";

export const PACK_NAME = "fitserve";

export const PACK: PolicyPackArgs = {
  description: "Stops LLM deployments that cannot work, before anything is changed.",
  policies: [
    policyOf(noFp16At50Concurrency),
    policyOf(weightsAndKvCacheFit),
    policyOf(tensorParallelMatchesGpus),
    policyOf(modelWeightsAreKnown),
    policyOf(engineKnowsItsFlags),
    policyOf(engineImagesArePinned),
    stackPolicyOf(gatewaysAskForKeys),
    stackPolicyOf(enginesAreFenced),
  ],
};
