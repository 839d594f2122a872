import { describe, expect, test } from "vitest";
import { policyOf } from "../../policies/rule";
import { noFp16At50Concurrency } from "../../policies/rules/no-fp16-at-50-concurrency";
import { judged, UNKNOWN_AT_PREVIEW } from "../support/judged";
import { GOOD_ARGS, handWritten } from "../support/vllm-deployment";

const policy = policyOf(noFp16At50Concurrency);
const FP16_ARGS = ["Qwen/Qwen3-32B", ...GOOD_ARGS.slice(1)];
const FP16 = { args: FP16_ARGS, nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3" } };
const CLEAN = { kind: "violations", messages: [] };

async function messageOf(inputs: Record<string, unknown>, options: Parameters<typeof judged>[2] = {}): Promise<string> {
  const verdict = await judged(policy, inputs, options);
  return verdict.kind === "violations" ? (verdict.messages[0] ?? "") : "";
}

describe("no-fp16-at-50-concurrency: large models at high concurrency are served quantized", () => {
  test("4-bit weights of the same model comply", async () => {
    expect(await judged(policy, handWritten())).toEqual(CLEAN);
  });

  test("16-bit weights of 32 billion parameters for 50 requests are refused, with both sides of the sum", async () => {
    const message = await messageOf(handWritten(FP16));
    expect(message).toMatch(/^llm: Qwen\/Qwen3-32B are 16-bit weights of 32\.8 billion parameters for 50 concurrent/);
    expect(message).toMatch(/label fitserve\.dev\/concurrency: "50"/);
    expect(message).toMatch(/weights 30\.\d of the 72\.\d GiB/);
    expect(message).toMatch(/deploy Qwen\/Qwen3-32B-AWQ/);
  });

  test("it says that exact arithmetic may let them fit, because on two 80 GB cards it does", async () => {
    expect(await messageOf(handWritten(FP16))).toMatch(/may fit .*decision of policy, not of arithmetic/);
  });

  test("49 requests are allowed", async () => {
    expect(await judged(policy, handWritten({ ...FP16, labels: { "fitserve.dev/concurrency": "49" } }))).toEqual(CLEAN);
  });

  test("14 billion parameters are allowed", async () => {
    expect(await judged(policy, handWritten({ args: ["Qwen/Qwen3-14B", "-tp=2"] }))).toEqual(CLEAN);
  });

  test("without the label the engine's own limit counts, over all replicas", async () => {
    const args = ["Qwen/Qwen3-32B", "-tp=2", "--max-num-seqs=25"];
    expect(await judged(policy, handWritten({ args, labels: {}, replicas: 1 }))).toEqual(CLEAN);
    expect(await messageOf(handWritten({ args, labels: {}, replicas: 2 }))).toMatch(
      /for 50 concurrent requests \(--max-num-seqs 25, 2 replicas\)/,
    );
  });

  test("without label and limit the engine's default counts, which is above 50", async () => {
    const args = ["Qwen/Qwen3-32B", "-tp=2"];
    expect(await messageOf(handWritten({ args, labels: {} }))).toMatch(/sets no --max-num-seqs/);
  });

  test("a label that is no number is a finding, not a way around the rule", async () => {
    expect(await messageOf(handWritten({ ...FP16, labels: { "fitserve.dev/concurrency": "fifty" } }))).toBe(
      'llm: label fitserve.dev/concurrency is "fifty", wanted: a whole number of requests, at least 1',
    );
  });

  test("weights that are quantized while they load comply; a name of a checkpoint's own format does not help", async () => {
    expect(await judged(policy, handWritten({ ...FP16, args: [...FP16_ARGS, "-q", "fp8"] }))).toEqual(CLEAN);
    expect(await messageOf(handWritten({ ...FP16, args: [...FP16_ARGS, "-q", "awq"] }))).toMatch(/16-bit weights/);
  });

  test("both thresholds are configuration", async () => {
    const config = { minConcurrency: 51 };
    expect(await judged(policy, handWritten(FP16), { config })).toEqual(CLEAN);
    expect(await judged(policy, handWritten(FP16), { config: { minParametersBillions: 33 } })).toEqual(CLEAN);
    const strict = { minConcurrency: 10, minParametersBillions: 7 };
    expect(await messageOf(handWritten({ args: ["Qwen/Qwen3-14B"] }), { config: strict })).toMatch(/14\.8 billion/);
  });

  test("unknown weights are not judged", async () => {
    expect(await judged(policy, handWritten({ args: ["acme/secret-32b"] }))).toEqual({
      kind: "not-applicable",
      reason: "the precision of acme/secret-32b is not known",
    });
  });

  test("an unknown value elsewhere does not keep it from judging", async () => {
    const args = [...FP16_ARGS, UNKNOWN_AT_PREVIEW];
    const env = [{ name: "HOST", value: UNKNOWN_AT_PREVIEW }];
    expect(await messageOf(handWritten({ ...FP16, args, env }))).toMatch(/16-bit weights/);
  });

  test("an unknown model is left to the update, and Pulumi is told where the unknown is", async () => {
    expect(await judged(policy, handWritten({ args: [UNKNOWN_AT_PREVIEW] }))).toEqual({
      kind: "unknown",
      message: "string value at .spec.template.spec.containers.0.args.0 can't be known during preview",
    });
  });

  test("what runs no vLLM is not applicable", async () => {
    expect((await judged(policy, handWritten({ image: "nginx:1.29", args: [] }))).kind).toBe("not-applicable");
    expect((await judged(policy, handWritten(), { type: "kubernetes:core/v1:Service" })).kind).toBe("not-applicable");
  });
});
