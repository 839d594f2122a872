import { expect, test } from "vitest";
import { cachedModel } from "../../../components/aws/cache/model-cache.manifest";
import { servingOptions } from "../../../components/serving-options";
import { engineDeployment } from "../../../components/vllm/vllm-deployment.manifest";
import { FIRST_USE } from "../../../config/request/schema";
import { policyOf } from "../../../policies/rule";
import { noFp16At50Concurrency } from "../../../policies/rules/no-fp16-at-50-concurrency";
import { judged } from "../../support/judged";
import { feasiblePlanOf } from "../../support/requests";

const policy = policyOf(noFp16At50Concurrency);

function deploymentOf(quantization: string): Record<string, unknown> {
  const plan = feasiblePlanOf({ ...FIRST_USE, quantization, target: "aws" });
  const { checkpoint } = plan.model;
  if (checkpoint === undefined) throw new Error("the plan has no weights");
  const options = servingOptions(plan, { modelSource: cachedModel("llm-models-123456789012-us-east-1", checkpoint) });
  return { ...engineDeployment(plan, options) };
}

test("weights that are streamed from a bucket are judged as those of the hub", async () => {
  const refused = await judged(policy, deploymentOf("bf16"));
  expect(refused).toMatchObject({ kind: "violations", messages: [expect.stringContaining("Qwen3-32B")] });
  const accepted = await judged(policy, deploymentOf("int4-w4a16"));
  expect(accepted).toEqual({ kind: "violations", messages: [] });
});
