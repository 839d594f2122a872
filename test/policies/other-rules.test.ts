import { describe, expect, test } from "vitest";
import { policyOf } from "../../policies/rule";
import { modelWeightsAreKnown } from "../../policies/rules/model-weights-are-known";
import { tensorParallelMatchesGpus } from "../../policies/rules/tensor-parallel-matches-gpus";
import { weightsAndKvCacheFit } from "../../policies/rules/weights-and-kv-cache-fit";
import { judged, UNKNOWN_AT_PREVIEW, type Verdict } from "../support/judged";
import { GOOD_ARGS, handWritten } from "../support/vllm-deployment";

const CLEAN = { kind: "violations", messages: [] };

function onCard(product: string) {
  return { nodeSelector: { "nvidia.com/gpu.product": product } };
}

function onlyMessage(verdict: Verdict): string {
  return verdict.kind === "violations" && verdict.messages.length === 1 ? (verdict.messages[0] ?? "") : "";
}

describe("weights-and-kv-cache-fit: the engine starts and holds its load", () => {
  const policy = policyOf(weightsAndKvCacheFit);

  test("4-bit weights of a 32B model on two 48 GB cards fit", async () => {
    expect(await judged(policy, handWritten())).toEqual(CLEAN);
  });

  test("16-bit weights of a 32B model on two 24 GB cards are refused, with every addend", async () => {
    const inputs = handWritten({ args: ["Qwen/Qwen3-32B", "-tp", "2"], ...onCard("NVIDIA-L4") });
    const message = onlyMessage(await judged(policy, inputs));
    expect(message).toMatch(/weights 30\.\d \+ activation [\d.]+ \+ outside of torch [\d.]+/);
    expect(message).toMatch(/--gpu-memory-utilization 0\.92 × 22\.\d = 20\.\d GiB of each card/);
    expect(message).toMatch(/Nearest change that works: --tensor-parallel-size 8/);
  });

  test("a context that the cache cannot hold once is refused, because the engine would not start", async () => {
    const args = ["Qwen/Qwen3-32B-AWQ", "--max-model-len=40960", "--max-num-seqs=64"];
    const message = onlyMessage(await judged(policy, handWritten({ args, ...onCard("NVIDIA-L4") })));
    expect(message).toMatch(/one request of --max-model-len needs 40960 tokens|before any KV cache/);
  });

  test("a load that the cache cannot hold is refused, with the product of requests and tokens", async () => {
    const annotations = { "fitserve.dev/tokens-per-request": "8000" };
    const message = onlyMessage(await judged(policy, handWritten({ annotations })));
    expect(message).toMatch(/50 requests of 8000 tokens a replica need 400000 tokens/);
  });

  test("the load is shared by the replicas", async () => {
    const annotations = { "fitserve.dev/tokens-per-request": "8000" };
    expect(await judged(policy, handWritten({ annotations, replicas: 4 }))).toEqual(CLEAN);
  });

  test("a card can be named by the instance type", async () => {
    const nodeSelector = { "node.kubernetes.io/instance-type": "g6.12xlarge" };
    const message = onlyMessage(await judged(policy, handWritten({ args: ["Qwen/Qwen3-32B", "-tp=2"], nodeSelector })));
    expect(message).toMatch(/on L4 needs/);
  });

  test("without a known card or known weights nothing is claimed", async () => {
    expect((await judged(policy, handWritten(onCard("NVIDIA-GTX-1080")))).kind).toBe("not-applicable");
    expect((await judged(policy, handWritten({ args: ["acme/x"] }))).kind).toBe("not-applicable");
    expect((await judged(policy, handWritten({ args: [...GOOD_ARGS, "--cpu-offload-gb=10"] }))).kind).toBe(
      "not-applicable",
    );
  });

  test("an unknown model is left to the update", async () => {
    expect((await judged(policy, handWritten({ args: [UNKNOWN_AT_PREVIEW] }))).kind).toBe("unknown");
  });
});

describe("tensor-parallel-matches-gpus: as many cards as ranks", () => {
  const policy = policyOf(tensorParallelMatchesGpus);

  test("two ranks on two cards comply, whether the limit is text or a number", async () => {
    expect(await judged(policy, handWritten())).toEqual(CLEAN);
    expect(await judged(policy, handWritten({ gpus: 2 }))).toEqual(CLEAN);
  });

  test.each([["1"], ["4"], [undefined]])("two ranks with the limit %s are refused", async (gpus) => {
    expect(onlyMessage(await judged(policy, handWritten({ gpus })))).toMatch(
      /nvidia\.com\/gpu: (1|4|none), wanted: 2 = tensor-parallel 2 × pipeline-parallel 1 × data-parallel 1$/,
    );
  });

  test("pipeline and data parallelism multiply", async () => {
    const args = ["Qwen/Qwen3-32B-AWQ", "-tp", "2", "-pp", "2", "-dp", "2"];
    expect(await judged(policy, handWritten({ args, gpus: "8" }))).toEqual(CLEAN);
  });

  test("heads that do not divide are refused even when the cards match", async () => {
    const args = ["Qwen/Qwen3-32B-AWQ", "-tp=3"];
    expect(onlyMessage(await judged(policy, handWritten({ args, gpus: "3" })))).toMatch(/does not divide the 64/);
  });

  test("an unknown limit is left to the update", async () => {
    expect((await judged(policy, handWritten({ gpus: UNKNOWN_AT_PREVIEW }))).kind).toBe("unknown");
  });

  test("ranks that are spread over pods, and CPU images, are not judged", async () => {
    expect((await judged(policy, handWritten({ args: [...GOOD_ARGS, "--nnodes=2"] }))).kind).toBe("not-applicable");
    expect((await judged(policy, handWritten({ image: "vllm/vllm-openai-cpu:v0.33.0", gpus: undefined }))).kind).toBe(
      "not-applicable",
    );
  });
});

describe("model-weights-are-known: what the other rules cannot judge is said", () => {
  const policy = policyOf(modelWeightsAreKnown);

  test("weights of the catalog are known, also by a path", async () => {
    expect(await judged(policy, handWritten())).toEqual(CLEAN);
    expect(await judged(policy, handWritten({ args: ["/models/Qwen/Qwen3-32B"] }))).toEqual(CLEAN);
  });

  test("other weights are named", async () => {
    expect(onlyMessage(await judged(policy, handWritten({ args: ["acme/secret-32b"] })))).toBe(
      "llm: container server serves acme/secret-32b, which is not in the catalog: not judged",
    );
  });

  test("an unknown model is left to the update", async () => {
    expect((await judged(policy, handWritten({ args: [UNKNOWN_AT_PREVIEW] }))).kind).toBe("unknown");
  });

  test("it only advises", () => {
    expect(policy.enforcementLevel).toBe("advisory");
  });
});
