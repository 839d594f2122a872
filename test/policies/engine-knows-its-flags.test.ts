import { describe, expect, test } from "vitest";
import { policyOf } from "../../policies/rule";
import { engineKnowsItsFlags } from "../../policies/rules/engine-knows-its-flags";
import { judged, UNKNOWN_AT_PREVIEW } from "../support/judged";
import { GOOD_ARGS, handWritten } from "../support/vllm-deployment";

const policy = policyOf(engineKnowsItsFlags);

function started(version: string, ...more: readonly string[]) {
  return handWritten({ image: `vllm/vllm-openai:v${version}`, args: [...GOOD_ARGS, ...more] });
}

describe("engine-knows-its-flags: the engine starts with what it is given", () => {
  test("flags that the version has comply", async () => {
    const inputs = started("0.33.0", "--max-num-queued-reqs=256", "--logging-config.formatter=json");
    expect(await judged(policy, inputs)).toEqual({ kind: "violations", messages: [] });
  });

  test("a flag that was removed is refused, with what to use", async () => {
    expect(await judged(policy, started("0.33.0", "--swap-space", "4"))).toEqual({
      kind: "violations",
      messages: [
        "llm: container server: vLLM 0.33.0 has removed --swap-space; instead: nothing: the engine preempts by recompute",
      ],
    });
    expect(await judged(policy, started("0.17.1", "--swap-space", "4"))).toMatchObject({ messages: [] });
  });

  test("a flag of a later version is refused, with that version", async () => {
    expect(await judged(policy, started("0.28.0", "--max-num-queued-reqs=256"))).toEqual({
      kind: "violations",
      messages: ["llm: container server: vLLM 0.28.0 has no --max-num-queued-reqs yet; it came with 0.29.0"],
    });
  });

  test("an image of a name of one's own is not judged", async () => {
    const verdict = await judged(policy, handWritten({ image: "example.org/vllm:ours", args: ["--swap-space=4"] }));
    expect(verdict.kind).toBe("not-applicable");
  });

  test("a word that is unknown until the update may be anything", async () => {
    const inputs = handWritten({ args: [...GOOD_ARGS, UNKNOWN_AT_PREVIEW] });
    expect((await judged(policy, inputs)).kind).toBe("unknown");
  });
});
