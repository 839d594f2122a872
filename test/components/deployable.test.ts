import { describe, expect, test } from "vitest";
import { deployabilityFaults } from "../../components";
import { feasiblePlan } from "../support/feasible-plan";

const plan = feasiblePlan();

function withArgs(change: (args: readonly string[]) => readonly string[]) {
  return { ...plan, engine: { ...plan.engine, args: change(plan.engine.args) } };
}

const adapters = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `a${index}`, repository: "acme/a" }));

describe("a plan is deployable when the engine would start with it and serve what was planned", () => {
  test("the known-good plan has no fault", () => {
    expect(deployabilityFaults(plan)).toEqual([]);
  });

  test("arguments that differ from the plan are named with both values", () => {
    const faults = deployabilityFaults(
      withArgs((args) => args.map((arg) => (arg.startsWith("--tensor-parallel") ? "-tp=4" : arg))),
    );
    expect(faults).toEqual(["--tensor-parallel-size is 4, the plan says 2"]);
  });

  test("a route takes the model and 63 adapters", () => {
    expect(deployabilityFaults(feasiblePlan(), { loraAdapters: adapters(63) })).toEqual([]);
    expect(deployabilityFaults(feasiblePlan(), { loraAdapters: adapters(64) })).toEqual([
      "there are 64 adapters; one route takes the model and 63 of them",
    ]);
  });

  test("an adapter may not have the model's own name", () => {
    const loraAdapters = [{ name: "qwen3-32b", repository: "acme/legal" }];
    expect(deployabilityFaults(plan, { loraAdapters })).toEqual([
      "an adapter is called qwen3-32b, as the model itself is; give it another name",
    ]);
  });

  test("an image of another version is not what was planned, one of another registry is", () => {
    const registry = "registry.example.org:5000/vllm-openai";
    expect(deployabilityFaults(plan, { engineImage: `${registry}:v0.33.0@sha256:${"a".repeat(64)}` })).toEqual([]);
    expect(deployabilityFaults(plan, { engineImage: `${registry}@sha256:${"a".repeat(64)}` })).toEqual([]);
    expect(deployabilityFaults(plan, { engineImage: `${registry}:v0.32.1` })).toEqual([
      `the image ${registry}:v0.32.1 is of vLLM 0.32.1, the plan of 0.33.0; plan for engine.version 0.32.1`,
    ]);
  });

  test("a missing limit is a fault, because the engine's default was not planned for", () => {
    const faults = deployabilityFaults(withArgs((args) => args.filter((arg) => !arg.startsWith("--max-num-seqs"))));
    expect(faults).toEqual(["--max-num-seqs is missing, the plan says 64"]);
  });

  test("weights of another repository or revision are not the plan's", () => {
    const faults = deployabilityFaults(withArgs(([, , ...rest]) => ["Qwen/Qwen3-32B", ...rest]));
    expect(faults).toHaveLength(2);
    expect(faults[0]).toBe("the engine is given Qwen/Qwen3-32B, the plan is for Qwen/Qwen3-32B-AWQ");
  });

  test("flags that the engine removed or does not have yet are refused", () => {
    const old = withArgs((args) => [...args, "--swap-space=4"]);
    expect(deployabilityFaults(old)[0]).toMatch(/has no --swap-space/);
    const before = { ...old, engine: { ...old.engine, version: "0.17.1" } };
    expect(deployabilityFaults(before).filter((fault) => fault.includes("--swap-space"))).toEqual([]);
    const early = { ...plan, engine: { ...plan.engine, version: "0.28.0" } };
    expect(deployabilityFaults(early)[0]).toMatch(/no --max-num-queued-reqs; it came with 0\.29/);
  });

  test("fewer batched tokens than sequences are refused", () => {
    const engine = {
      ...plan.engine,
      maxNumBatchedTokens: 32,
      args: plan.engine.args.map((arg) => arg.replace("4096", "32")),
    };
    expect(deployabilityFaults({ ...plan, engine })[0]).toMatch(/at least --max-num-seqs, 64/);
  });

  test("a cache that cannot hold one request of full length is refused with both sizes", () => {
    const kvCache = { ...plan.kvCache, tokens: 9000, requestsAtWorstLength: 0.5 };
    expect(deployabilityFaults({ ...plan, kvCache })[0]).toMatch(/holds 9000 tokens.*16384/);
  });
});
