import type { PolicyPackArgs } from "@pulumi/policy";
import { policyOf } from "./rule";
import { modelWeightsAreKnown } from "./rules/model-weights-are-known";
import { noFp16At50Concurrency } from "./rules/no-fp16-at-50-concurrency";
import { tensorParallelMatchesGpus } from "./rules/tensor-parallel-matches-gpus";
import { weightsAndKvCacheFit } from "./rules/weights-and-kv-cache-fit";

export const PACK_NAME = "fitserve";

export const PACK: PolicyPackArgs = {
  description: "Stops LLM deployments that cannot work, before anything is changed.",
  policies: [
    policyOf(noFp16At50Concurrency),
    policyOf(weightsAndKvCacheFit),
    policyOf(tensorParallelMatchesGpus),
    policyOf(modelWeightsAreKnown),
  ],
};
