import { describe, expect, test } from "vitest";
import { servingManifests } from "../../components";
import { policyOf } from "../../policies/rule";
import { engineImagesArePinned } from "../../policies/rules/engine-images-are-pinned";
import { enginesAreFenced } from "../../policies/rules/engines-are-fenced";
import { gatewaysAskForKeys } from "../../policies/rules/gateways-ask-for-keys";
import { stackPolicyOf } from "../../policies/stack-rule";
import { feasiblePlan } from "../support/feasible-plan";
import { judged, UNKNOWN_AT_PREVIEW } from "../support/judged";
import { judgedStack, typed, type TypedInputs } from "../support/judged-stack";
import { handWritten } from "../support/vllm-deployment";

const CLEAN = { kind: "violations", messages: [] };

function deployed(...without: readonly string[]): TypedInputs[] {
  return servingManifests(feasiblePlan())
    .filter(({ kind }) => !without.includes(kind))
    .map(typed);
}

/** The stack as a preview has it where the spec of one kind is not known yet. */
function withUnknownSpec(kind: string): TypedInputs[] {
  return deployed().map((object) =>
    object.type.endsWith(`:${kind}`) ? { ...object, inputs: { ...object.inputs, spec: UNKNOWN_AT_PREVIEW } } : object,
  );
}

describe("gateways-ask-for-keys", () => {
  const policy = stackPolicyOf(gatewaysAskForKeys);

  test("a gateway that asks for keys complies", () => {
    expect(judgedStack(policy, deployed())).toEqual(CLEAN);
  });

  test("a gateway that asks nobody is refused", () => {
    expect(judgedStack(policy, deployed("SecurityPolicy"))).toEqual({
      kind: "violations",
      messages: [expect.stringMatching(/^Gateway fitserve\/qwen3-32b asks nobody for a key, .* or VLLM_API_KEY$/)],
    });
  });

  test("a policy of another gateway guards nothing", () => {
    const stack = deployed().map((object) =>
      object.type.endsWith(":Gateway")
        ? { ...object, inputs: { ...object.inputs, metadata: { name: "other" } } }
        : object,
    );
    expect(judgedStack(policy, stack)).toMatchObject({ messages: [expect.stringMatching(/^Gateway other asks/)] });
  });

  test("an engine that checks a key itself complies", () => {
    const env = [{ name: "VLLM_API_KEY", valueFrom: { secretKeyRef: { name: "keys", key: "ada" } } }];
    const engine = { type: "kubernetes:apps/v1:Deployment", inputs: handWritten({ env }) };
    const others = deployed("SecurityPolicy", "Deployment");
    expect(judgedStack(policy, [engine, ...others])).toEqual(CLEAN);
  });

  test("what a policy asks for may be unknown until the update", () => {
    expect(judgedStack(policy, withUnknownSpec("SecurityPolicy"))).toMatchObject({ kind: "not-applicable" });
  });

  test("a gateway before other things is none of its business", () => {
    expect(judgedStack(policy, deployed("Deployment"))).toMatchObject({ kind: "not-applicable" });
  });
});

describe("engines-are-fenced", () => {
  const policy = stackPolicyOf(enginesAreFenced);

  test("an engine that a NetworkPolicy selects complies", () => {
    expect(judgedStack(policy, deployed())).toEqual(CLEAN);
  });

  test("an engine that none selects is reported", () => {
    expect(judgedStack(policy, deployed("NetworkPolicy"))).toEqual({
      kind: "violations",
      messages: ["Deployment fitserve/qwen3-32b is reachable for every pod; no NetworkPolicy selects it"],
    });
  });

  test("a policy for what goes out lets everybody in", () => {
    const outward = deployed().map((object) =>
      object.type.endsWith(":NetworkPolicy")
        ? { ...object, inputs: { ...object.inputs, spec: { podSelector: {}, policyTypes: ["Egress"] } } }
        : object,
    );
    expect(judgedStack(policy, outward)).toMatchObject({ messages: [expect.any(String)] });
  });

  test("what a policy selects may be unknown until the update", () => {
    expect(judgedStack(policy, withUnknownSpec("NetworkPolicy"))).toMatchObject({ kind: "not-applicable" });
  });
});

describe("engine-images-are-pinned", () => {
  const policy = policyOf(engineImagesArePinned);

  test.each([
    "vllm/vllm-openai:v0.33.0",
    "registry:5000/vllm-openai:v0.33.0-cu129",
    `vllm/vllm-openai@sha256:${"a".repeat(64)}`,
  ])("%s complies", async (image) => {
    expect(await judged(policy, handWritten({ image }))).toEqual(CLEAN);
  });

  test.each([
    "vllm/vllm-openai",
    "vllm/vllm-openai:latest",
    "registry:5000/vllm-openai",
    "vllm/vllm-openai:nightly-x86_64",
  ])("%s is reported", async (image) => {
    expect(await judged(policy, handWritten({ image }))).toMatchObject({
      messages: [expect.stringMatching(/which moves; wanted: a release or a digest/)],
    });
  });

  test("an image that is not known yet is not judged", async () => {
    const verdict = await judged(policy, handWritten({ image: UNKNOWN_AT_PREVIEW, command: ["vllm", "serve"] }));
    expect(verdict.kind).toBe("unknown");
  });
});
