import { describe, expect, test } from "vitest";
import type { Catalog, InstanceOffer } from "../../../sizing/catalog";
import type { ModelArchitecture } from "../../../sizing/model/architecture";
import { gpusOf, parallelismText, splitsOf, type Parallelism } from "../../../sizing/model/parallelism";
import { tensorParallelFault } from "../../../sizing/model/tensor-parallel";
import { planServing } from "../../../sizing/plan";
import { isFeasible } from "../../../sizing/serving-plan";
import { CATALOG, feasiblePlanOf, planOf, requestOf } from "../../support/requests";

const AUTO = { tensorParallel: "auto", pipelineParallel: "auto" } as const;

function architectureOf(key: string): ModelArchitecture {
  const model = CATALOG.models.find((one) => one.key === key);
  if (model === undefined) throw new Error(`no model ${key}`);
  return model.architecture;
}

function splits(key: string, gpuCount: number): string[] {
  return splitsOf(AUTO, architectureOf(key), "bf16", gpuCount)
    .filter((split) => split.pipelineParallel > 1)
    .map(parallelismText);
}

describe("splits that are searched", () => {
  test.each([1, 2, 4, 8])("no pipeline where tensor parallelism uses a machine of %i", (gpuCount) => {
    expect(splits("qwen3-32b", gpuCount)).toEqual([]);
  });

  test("a machine of three or six cards is used by stages", () => {
    expect(splits("qwen3-32b", 3)).toEqual(["TP=1 PP=3"]);
    expect(splits("qwen3-32b", 6).toSorted()).toEqual(["TP=1 PP=3", "TP=2 PP=3"]);
  });

  test("sixteen cards hold five copies of three, where tensor parallelism holds four of four", () => {
    expect(splits("qwen3-32b", 16)).toEqual(["TP=1 PP=3"]);
  });

  test("heads that do not divide by four leave the rest to stages", () => {
    const architecture = architectureOf("qwen3-32b");
    const heads = architecture.layerGroups.map((group) => ({
      ...group,
      attention:
        group.attention.kind === "grouped-query" ? { ...group.attention, queryHeads: 14, kvHeads: 2 } : group.attention,
    }));
    const odd: ModelArchitecture = { ...architecture, layerGroups: heads };
    const staged = splitsOf(AUTO, odd, "bf16", 8).filter((split) => split.pipelineParallel > 1);
    expect(staged).toContainEqual({ tensorParallel: 2, pipelineParallel: 2 });
    expect(staged).toContainEqual({ tensorParallel: 2, pipelineParallel: 4 });
    const fault = (split: Parallelism): string | undefined =>
      tensorParallelFault(odd, "bf16", split.tensorParallel, split.pipelineParallel);
    expect(staged.every((split) => fault(split) === undefined && gpusOf(split) <= 8)).toBe(true);
  });

  test("a pinned tensorParallel means exactly these GPUs, a pinned pipelineParallel every size of group", () => {
    const architecture = architectureOf("qwen3-32b");
    const two = splitsOf({ tensorParallel: 2, pipelineParallel: "auto" }, architecture, "bf16", 6);
    expect(two).toEqual([{ tensorParallel: 2, pipelineParallel: 1 }]);
    const staged = splitsOf({ tensorParallel: "auto", pipelineParallel: 2 }, architecture, "bf16", 8);
    expect(staged.every((split) => split.pipelineParallel === 2)).toBe(true);
    expect(staged.map((split) => split.tensorParallel)).toContain(4);
  });
});

describe("plans with stages", () => {
  const pinned = {
    model: "qwen3-32b",
    quantization: "int4-w4a16",
    tensorParallel: 2,
    pipelineParallel: 2,
    gpu: "L4",
    slo: {},
    workload: { concurrency: 8 },
  };

  test("the engine, the hardware and the idle cards count every stage", () => {
    const plan = feasiblePlanOf(pinned);
    expect(plan.hardware).toMatchObject({ tensorParallel: 2, pipelineParallel: 2 });
    expect(plan.engine.args).toContain("--tensor-parallel-size=2");
    expect(plan.engine.args).toContain("--pipeline-parallel-size=2");
    const { nodes, gpusPerNode, replicas, idleGpus } = plan.hardware;
    expect(nodes * gpusPerNode).toBe(replicas * 4 + idleGpus);
    expect(plan.alternatives.every((row) => row.pipelineParallel === 2)).toBe(true);
  });

  test("a token of the cache is as large over all stages as in one", () => {
    const whole = feasiblePlanOf({ ...pinned, pipelineParallel: 1, tensorParallel: 4 });
    expect(feasiblePlanOf(pinned).kvCache.bytesPerToken).toBe(whole.kvCache.bytesPerToken);
  });

  test("without stages the engine is not told of any", () => {
    const { args } = feasiblePlanOf({ ...pinned, pipelineParallel: 1 }).engine;
    expect(args.filter((arg) => arg.includes("pipeline"))).toEqual([]);
  });

  test("more stages than layers are a fault of the request", () => {
    expect(() => planOf({ ...pinned, pipelineParallel: 64, model: "qwen3-0.6b" })).toThrow(
      "pipelineParallel: got 64; wanted at most the 28 layers of the model",
    );
  });

  test("a machine of three cards is bought where two of them are too small", () => {
    const l4 = CATALOG.offers.find(({ gpu, gpuCount }) => gpu === "L4" && gpuCount === 4);
    if (l4 === undefined) throw new Error("no L4");
    const three: InstanceOffer = { ...l4, region: "us-east-1", instanceType: "three.l4", gpuCount: 3, usdPerHour: 1 };
    const two: InstanceOffer = { ...three, instanceType: "two.l4", gpuCount: 2, usdPerHour: 0.7 };
    const catalog: Catalog = { ...CATALOG, offers: [three, two] };
    const workload = { concurrency: 4, promptTokens: 6000, outputTokens: 500 };
    const request = requestOf({ model: "qwen3-32b", quantization: "fp8", slo: {}, workload });
    const plan = planServing(request, catalog);
    if (!isFeasible(plan)) throw new Error("nothing fits");
    expect(plan.hardware).toMatchObject({ instanceType: "three.l4", tensorParallel: 1, pipelineParallel: 3, nodes: 1 });
    expect(plan.hardware.idleGpus).toBe(0);
  });
});
