import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { describe, expect, test } from "vitest";
import { servingManifests } from "../../components";
import { gpuProductLabel } from "../../components/gpu-product-label";
import { servingOptions } from "../../components/serving-options";
import { engineDeployment } from "../../components/vllm/vllm-deployment.manifest";
import { loadCatalog } from "../../config/catalog";
import { INSTANCE_GPUS } from "../../policies/known/instance-gpus.generated";
import { gpuOfNode } from "../../policies/known/lookup";
import { KNOWN_MODELS } from "../../policies/known/models.generated";
import { instanceGpus, knownModels } from "../../policies/known/tables";
import { PACK } from "../../policies/pack";
import { policyOf } from "../../policies/rule";
import { tensorParallelMatchesGpus } from "../../policies/rules/tensor-parallel-matches-gpus";
import { isUnquantizedAtScale } from "../../sizing/rules/unquantized-at-scale";
import { feasiblePlan } from "../support/feasible-plan";
import { judged } from "../support/judged";
import { judgedStack, typed } from "../support/judged-stack";
import { handWritten } from "../support/vllm-deployment";

const policies = PACK.policies.filter((policy): policy is ResourceValidationPolicy => "validateResource" in policy);
const stackPolicies = PACK.policies.filter((policy): policy is StackValidationPolicy => "validateStack" in policy);

describe("the policy pack", () => {
  test("has every rule of rules/ under the name of its file", () => {
    const files = readdirSync(join(__dirname, "../../policies/rules")).map((file) => file.replace(/\.ts$/, ""));
    expect(PACK.policies.map(({ name }) => name).toSorted()).toEqual(files.toSorted());
  });

  test("says for every rule why it exists and what to do", () => {
    for (const { description, remediationSteps } of PACK.policies) {
      expect(description.length).toBeGreaterThan(80);
      expect(remediationSteps?.length).toBeGreaterThan(40);
    }
  });

  test("carries the catalog's models and machines; run policies/known/generate.ts when this fails", () => {
    const catalog = loadCatalog();
    expect(KNOWN_MODELS).toEqual(knownModels(catalog));
    expect(INSTANCE_GPUS).toEqual(instanceGpus(catalog));
  });

  test("recognizes every card of the catalog by the label that fitserve puts on nodes", () => {
    for (const { name } of loadCatalog().gpus) {
      expect(gpuOfNode({ "nvidia.com/gpu.product": [gpuProductLabel(name)] })?.name).toBe(name);
    }
  });

  test("finds nothing in what fitserve deploys for a good plan", async () => {
    const plan = feasiblePlan();
    const deployment = engineDeployment(plan, servingOptions(plan));
    for (const policy of policies) {
      expect(await judged(policy, deployment)).toEqual({ kind: "violations", messages: [] });
    }
  });

  test("finds nothing in the stack that fitserve deploys, by either gateway", () => {
    for (const gateway of ["ai-gateway", "gateway-api"] as const) {
      const stack = servingManifests(feasiblePlan(), { gateway }).map(typed);
      for (const policy of stackPolicies) {
        expect(judgedStack(policy, stack)).toEqual({ kind: "violations", messages: [] });
      }
    }
  });

  test("refuses at the same numbers as the plan does", async () => {
    const [policy] = policies.filter(({ name }) => name === "no-fp16-at-50-concurrency");
    if (policy === undefined) throw new Error("the rule is missing");
    for (const concurrency of [49, 50]) {
      const labels = { "fitserve.dev/concurrency": String(concurrency) };
      const verdict = await judged(policy, handWritten({ args: ["Qwen/Qwen3-32B", "-tp=2"], labels }));
      const refused = verdict.kind === "violations" && verdict.messages.length > 0;
      const parameters = 32_762_123_264;
      expect(refused).toBe(isUnquantizedAtScale({ quantization: "bf16", parameters, concurrency }));
    }
  });
});

describe("a rule that crashes", () => {
  test("is a reported violation, never silence", async () => {
    const crashing = policyOf({
      ...tensorParallelMatchesGpus,
      judge: () => {
        throw new Error("out of cheese");
      },
    });
    expect(await judged(crashing, handWritten())).toEqual({
      kind: "violations",
      messages: [
        "llm: the rule tensor-parallel-matches-gpus failed and judged nothing: out of cheese. This is a bug of the policy pack.",
      ],
    });
  });
});
