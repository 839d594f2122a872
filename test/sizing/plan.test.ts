import { describe, expect, test } from "vitest";
import { servingOptions } from "../../components/serving-options";
import { engineDeployment } from "../../components/vllm/vllm-deployment.manifest";
import { FIRST_USE } from "../../config/request/schema";
import { planServing } from "../../sizing/plan";
import { isFeasible, type Reason, type ServingPlan } from "../../sizing/serving-plan";
import { CATALOG, feasiblePlanOf, planOf, requestOf } from "../support/requests";

function reasonOf(plan: ServingPlan, code: string): Reason | undefined {
  return plan.verdict.reasons.find((reason) => reason.code === code);
}

describe("the first use", () => {
  const plan = feasiblePlanOf(FIRST_USE);

  test("is accepted on demand in us-east-1, two GPUs a replica, with the pinned AWQ weights", () => {
    expect(plan.verdict.status).toBe("accepted");
    expect(plan.hardware).toMatchObject({
      cloud: "aws",
      region: "us-east-1",
      purchase: "on-demand",
      tensorParallel: 2,
    });
    expect(plan.hardware.nodes * plan.hardware.gpusPerNode).toBe(plan.hardware.replicas * 2 + plan.hardware.idleGpus);
    expect(plan.model.checkpoint?.repository).toBe("Qwen/Qwen3-32B-AWQ");
  });

  test("gives the engine every limit that was planned, the model first", () => {
    const { args, maxNumSeqs } = plan.engine;
    expect(args[0]).toBe("Qwen/Qwen3-32B-AWQ");
    expect(args).toContain("--revision=0499c3ac83fdef8810b907a23894ba91e95eddd8");
    expect(args).toContain("--tensor-parallel-size=2");
    expect(args).toContain(`--max-num-seqs=${maxNumSeqs}`);
    expect(args).toContain("--max-num-batched-tokens=4096");
    expect(args).toContain("--max-model-len=4096");
    expect(args).toContain("--gpu-memory-utilization=0.92");
    expect(args).toContain("--reasoning-parser=qwen3");
    expect(args.some((arg) => arg.startsWith("--quantization"))).toBe(false);
  });

  test("says that two H100 in one machine are not sold, and what is", () => {
    expect(reasonOf(plan, "shape-not-sold")?.message).toContain(
      "H100-SXM5-80GB (p5.4xlarge with 1 at $6.88/h, p5.48xlarge with 8 at $55.04/h)",
    );
  });

  test("prices the machines by Karpenter's list and names source and date", () => {
    const offer = CATALOG.offers.find(
      ({ instanceType, region, purchase }) =>
        instanceType === plan.hardware.instanceType && region === "us-east-1" && purchase === "on-demand",
    );
    expect(plan.cost.lines[0]).toMatchObject({
      quantity: plan.hardware.nodes,
      usdPerHourEach: offer?.usdPerHour,
      source: "aws/karpenter-provider-aws zz_generated.pricing_aws.go",
      date: "2026-07-20",
    });
    expect(plan.cost.lines.map((line) => line.name).slice(1)).toEqual([
      "EKS control plane",
      "m6i.large system nodes",
      "NAT gateway",
      "public IPv4 address of NAT",
      "KMS key of the Kubernetes secrets",
      "load balancer",
      "gp3 volumes, 100 GiB each",
      "weights in S3, 100 GB each",
      "10 GB of control-plane logs a month (estimate)",
      "10 GB through NAT a month (estimate)",
      "load balancer units (estimate)",
      "GB between zones (estimate)",
    ]);
  });

  test("counts a KV cache of 256 KiB a token over both GPUs", () => {
    expect(plan.kvCache.bytesPerToken).toBe(262_144);
  });

  test("shows the rule of thumb beside the exact figures, with its own contradiction", () => {
    expect(plan.cardEstimate).toMatchObject({ weightsGB: "16-18", kvCacheGB: "200", totalGB: "45-60" });
    expect(plan.cardEstimate?.exactWeightsGB).toBeCloseTo(19.3, 0);
    expect(plan.cardEstimate?.differences.at(-1)).toContain("does not add up with the rule's own 200 GB");
  });

  test("names cheaper plans that the user's own pins rule out", () => {
    const pinned = plan.rejected.filter((row) => row.reason === "pinned");
    expect(pinned.map((row) => row.needed)).toContain("tensorParallel: auto");
  });

  test("alternatives are dearer or equal, and say by how much", () => {
    const machines = plan.cost.lines[0]?.usdPerHour ?? Infinity;
    expect(plan.alternatives.length).toBeGreaterThan(2);
    expect(plan.alternatives.filter((row) => row.usdPerHour < machines)).toEqual([]);
    expect(plan.alternatives[0]?.reason).toMatch(/^(dearer by \$|costs the same)/);
  });
});

describe("policy", () => {
  test("unquantized weights of a 32B model at 50 requests fit, are refused as a decision, and get a fix", () => {
    const plan = planOf({ ...FIRST_USE, quantization: "bf16" });
    expect(plan.verdict.status).toBe("refused");
    const reason = reasonOf(plan, "no-fp16-at-50-concurrency");
    expect(reason?.message).toContain("They fit, at $");
    expect(reason?.fix).toMatch(/^quantization: (fp8|int4-w4a16) works on /);
  });

  test("a scenario with more requests than the load is judged as well, here and by what the deployment says of itself", () => {
    const night = { ...FIRST_USE, quantization: "bf16", slo: {}, workload: { concurrency: 20 } };
    expect(planOf(night).verdict.status).toBe("accepted");
    const plan = feasiblePlanOf({ ...night, scenarios: [{ name: "night", concurrency: 60, promptTokens: 100 }] });
    expect(plan.verdict.status).toBe("refused");
    const { metadata } = engineDeployment(plan, servingOptions(plan));
    expect(metadata.labels["fitserve.dev/concurrency"]).toBe("60");
    // 60 x (100 + 512) are more than 20 x (1,024 + 512).
    expect(metadata.annotations["fitserve.dev/tokens-per-request"]).toBe("612");
  });

  test("a model whose quantized weights nobody published gets as a fix what its user can make", () => {
    const plan = planOf({ model: "mixtral-8x7b" });
    expect(plan.verdict.status).toBe("refused");
    const { fix } = reasonOf(plan, "no-fp16-at-50-concurrency") ?? {};
    expect(fix).toMatch(/^quantization: \S+ works on .*; the catalog knows no such weights: name yours as checkpoint$/);
  });

  test("where quantized weights miss a limit, because prefill unpacks them, the fix is fewer requests", () => {
    const pinned = { model: "yi-34b", quantization: "bf16", gpu: "A100-SXM4-80GB", tensorParallel: 8, replicas: 1 };
    const firstTokenMs = feasiblePlanOf({ ...pinned, slo: {} }).performance.ttftP95Ms.value;
    const plan = planOf({ ...pinned, slo: { ttftSeconds: (firstTokenMs * 1.01) / 1000 } });
    expect(plan.verdict.status).toBe("refused");
    expect(reasonOf(plan, "no-fp16-at-50-concurrency")?.fix).toBe(
      "fewer than 50 requests at the same time are not refused",
    );
  });

  test.each([
    ["49 requests", { ...FIRST_USE, quantization: "bf16", workload: { concurrency: 49 } }],
    ["a model of 15 billion parameters", { model: "qwen3-14b", quantization: "bf16" }],
    ["fp8 weights", { ...FIRST_USE, quantization: "fp8" }],
  ])("%s are not refused", (_what, input) => {
    expect(planOf(input).verdict.status).toBe("accepted");
  });

  test("an automatic choice never takes what a policy refuses", () => {
    expect(feasiblePlanOf({ model: "qwen3-32b" }).quantization).not.toBe("bf16");
  });
});

describe("nothing fits", () => {
  test("a limit that no machine meets is answered with what the best one reaches and a value that can be had", () => {
    const plan = planOf({ ...FIRST_USE, slo: { ttftSeconds: 0.001 } });
    expect(plan.verdict.status).toBe("infeasible");
    const [reason] = plan.verdict.reasons;
    expect(reason?.code).toBe("ttft");
    expect(reason?.message).toMatch(/needs at most 0\.001 s to the first token, but 2x B200-SXM-180GB .* at best/);
    expect(reason?.fix).toMatch(/^slo\.ttftSeconds: \d/);
  });

  test("the offered limit is met when it is asked for", () => {
    const { verdict } = planOf({ ...FIRST_USE, slo: { ttftSeconds: 0.001 } });
    const value = /^slo\.ttftSeconds: ([\d.]+) works/.exec(verdict.reasons[0]?.fix ?? "")?.[1];
    expect(planOf({ ...FIRST_USE, slo: { ttftSeconds: Number(value) } }).verdict.status).toBe("accepted");
  });

  test("a model that does not fit its pinned card shows the sum, and one change that works", () => {
    const plan = planOf({ model: "qwen3-32b", gpu: "L4", tensorParallel: 1, quantization: "fp8" });
    const [reason] = plan.verdict.reasons;
    expect(reason?.code).toBe("memory");
    expect(reason?.message).toMatch(
      /needs more than [\d.]+ GiB per GPU, but 1x L4 .* has 19\.8 GiB per GPU: [\d.]+ GiB weights \+ [\d.]+ GiB activation/,
    );
    expect(reason?.fix).toBeTypeOf("string");
  });

  test("a change whose plan the policies would refuse is not offered as one that works", () => {
    const plan = planOf({ model: "qwen3-32b", gpu: "L4", tensorParallel: 1, quantization: "bf16" });
    expect(plan.verdict.status).toBe("infeasible");
    expect(plan.verdict.reasons[0]?.fix).toMatch(/^tensorParallel: auto and quantization: auto works: .* int4-w4a16/);
  });

  test("where nobody published quantized weights, what the policies refuse is offered with weights of one's own", () => {
    const plan = planOf({ model: "mixtral-8x7b", gpu: "L4", tensorParallel: 1, quantization: "bf16" });
    const fixes = plan.verdict.reasons.map((reason) => `${reason.fix ?? ""}${reason.message}`).join("\n");
    expect(fixes).toMatch(/ and quantization: (fp8|int4-w4a16) with weights of your own works: /);
    expect(fixes).not.toContain("quantization: auto works");
  });

  test("more tensor parallelism than any machine has GPUs names the largest machine", () => {
    const plan = planOf({ ...FIRST_USE, tensorParallel: 16, quantization: "fp8" });
    expect(plan.verdict.status).toBe("infeasible");
    expect(plan.verdict.reasons[0]?.message).toContain("needs 16 GPUs");
    expect(plan.verdict.reasons[0]?.fix).toMatch(/^tensorParallel: auto works/);
  });

  test.each([
    [
      "a card that nobody sells, in more pieces than any machine has",
      { model: "qwen2.5-72b-instruct", quantization: "fp8", tensorParallel: 16, gpu: "RTX-3090" },
      /^tensorParallel: auto and no gpu pinned works: /,
    ],
    [
      "two limits that nothing meets",
      { model: "qwen3-32b", slo: { ttftSeconds: 0.001, tokensPerSecondPerUser: 5000 } },
      /^slo\.ttftSeconds: [\d.]+ and slo\.tokensPerSecondPerUser: [\d.]+ works: /,
    ],
  ])("%s: where no single change works, the fewest that work together are offered", (_what, input, fix) => {
    const plan = planOf(input);
    expect(plan.verdict.status).toBe("infeasible");
    expect(plan.verdict.reasons.map((reason) => reason.fix).filter((text) => text !== undefined)).toEqual([
      expect.stringMatching(fix),
    ]);
  });

  test("a card that the region does not sell is said so, with where it is sold", () => {
    const plan = planOf({ model: "qwen3-32b", gpu: "H100-NVL-94GB" });
    expect(plan.verdict.reasons[0]).toMatchObject({
      code: "not-sold",
      message: "aws (us-east-1, on-demand) does not sell a machine with H100-NVL-94GB",
    });
    expect(plan.verdict.reasons[0]?.fix).toBeTypeOf("string");
  });

  test("pinned replicas that are too few are too few even where more would fit", () => {
    const plan = planOf({ ...FIRST_USE, workload: { concurrency: 2000 }, replicas: 1 });
    expect(plan.verdict.status).toBe("infeasible");
    expect(
      plan.verdict.reasons.some((reason) => `${reason.fix ?? ""}${reason.message}`.includes("replicas: auto")),
    ).toBe(true);
  });
});

describe("machines", () => {
  test("idle GPUs of a partly used machine are counted, and replicas that fill them offered", () => {
    const plan = feasiblePlanOf({
      model: "qwen3-8b",
      gpu: "A100-80GB",
      tensorParallel: 1,
      workload: { concurrency: 8 },
    });
    expect(plan.hardware).toMatchObject({ gpusPerNode: 8, nodes: 1 });
    expect(plan.hardware.idleGpus).toBe(8 - plan.hardware.replicas);
    const fix = reasonOf(plan, "idle-gpus")?.fix ?? "";
    const filled = feasiblePlanOf({
      model: "qwen3-8b",
      gpu: "A100-80GB",
      tensorParallel: 1,
      workload: { concurrency: 8 },
      replicas: 8,
    });
    expect(filled.hardware).toMatchObject({ nodes: 1, idleGpus: 0 });
    const seconds = (of: typeof plan): string => (of.performance.ttftP95Ms.value / 1000).toFixed(2);
    const speed = (of: typeof plan): string => of.performance.tokensPerSecondPerUser.value.toFixed(1);
    expect(fix).toBe(
      `replicas: 8 would use them at the same price: at p95 the first token after ${seconds(filled)} s instead of ` +
        `${seconds(plan)} s, ${speed(filled)} tokens/s a user instead of ${speed(plan)} tokens/s`,
    );
  });

  test("replicas that would have nothing to do are told", () => {
    const plan = feasiblePlanOf({ model: "qwen3-8b", replicas: 12, workload: { concurrency: 10 } });
    expect(reasonOf(plan, "idle-replicas")).toEqual({
      code: "idle-replicas",
      message: "2 replicas of 12 would have no request to serve",
      fix: "replicas: auto plans as many as the load needs",
    });
    const enough = feasiblePlanOf({ model: "qwen3-8b", replicas: 10, workload: { concurrency: 10 } });
    expect(reasonOf(enough, "idle-replicas")).toBeUndefined();
  });

  test("more replicas than requests are not offered fewer as a way to use idle GPUs", () => {
    const few = { concurrency: 1, promptTokens: 1, outputTokens: 1 };
    const market = { clouds: ["aws"], regions: ["us-east-1"] };
    const plan = feasiblePlanOf({ model: "qwen3-32b", tensorParallel: 2, replicas: 3, workload: few, slo: {}, market });
    expect(plan.hardware.idleGpus).toBeGreaterThanOrEqual(2);
    expect(reasonOf(plan, "idle-gpus")?.message).toMatch(/paid for and idle: every request has a replica already$/);
  });

  test("prices that nobody wrote down are told from machines that nobody sells", () => {
    const market = { clouds: ["azure"], purchase: "spot" };
    expect(planOf({ model: "qwen3-8b", market }).verdict.reasons[0]?.message).toBe(
      "the catalog has no spot prices of azure",
    );
    expect(planOf({ model: "qwen3-8b", gpu: "A10" }).verdict.reasons[0]?.message).toMatch(
      /does not sell a machine with A10$/,
    );
  });

  test("a share of memory that makes a plan dearer is told", () => {
    const plan = feasiblePlanOf({ model: "qwen3-32b", gpuMemoryUtilization: 0.3 });
    expect(plan.rejected.map(({ needed }) => needed)).toContain("gpuMemoryUtilization: auto");
  });

  test("idle GPUs that no other copy fits are said to be too few", () => {
    const plan = feasiblePlanOf({ model: "qwen3-32b", gpu: "L4", tensorParallel: 2, pipelineParallel: 3, slo: {} });
    expect(plan.hardware.idleGpus).toBeGreaterThan(0);
    expect(reasonOf(plan, "idle-gpus")?.message).toContain("too few for one more copy of the model, which takes 6");
    expect(reasonOf(plan, "idle-gpus")).not.toHaveProperty("fix");
  });

  test("a machine whose own memory cannot take the weights is not chosen", () => {
    const plan = planOf({ model: "qwen3-32b", quantization: "bf16", workload: { concurrency: 4 }, slo: {} });
    expect(plan.rejected).toContainEqual(
      expect.objectContaining({ candidate: "g7e.2xlarge bf16", reason: "host-memory", available: "57.6 GiB" }),
    );
    expect(isFeasible(plan) && plan.hardware.instanceType).not.toBe("g7e.2xlarge");
  });

  test("INT8 weights are not planned on Blackwell, for which vLLM has no such kernels", () => {
    const plan = planOf({ model: "qwen3-32b", quantization: "int8-w8a8" });
    expect(plan.rejected).toContainEqual(
      expect.objectContaining({ candidate: "RTX-PRO-6000-Blackwell-Server int8-w8a8", reason: "precision" }),
    );
  });

  test("weights that the catalog does not know are sized, with the warning that they cannot be deployed", () => {
    const plan = feasiblePlanOf({ model: "qwen3-32b", quantization: "int8-w8a8" });
    expect(plan.model.checkpoint).toBeUndefined();
    expect(reasonOf(plan, "no-checkpoint")?.fix).toContain("checkpoint: {repository, revision}");
  });

  test("an existing cluster pays for no control plane", () => {
    const plan = feasiblePlanOf({ ...FIRST_USE, target: "existing" });
    expect(plan.cost.lines).toHaveLength(1);
    expect(plan.cost.notIncluded[0]).toBe("the cluster around the GPU nodes");
  });

  test("spot prices are the floor of an on-demand plan where they are known", () => {
    const plan = feasiblePlanOf({ model: "qwen3-8b", market: { clouds: ["gcp"], regions: ["us-central1"] } });
    expect(plan.cost.floor.usdPerHour).toBeLessThan(plan.cost.expected.usdPerHour);
  });
});

test("a limit that only part of the range meets is called close", () => {
  const met = feasiblePlanOf(FIRST_USE).performance.tokensPerSecondPerUser;
  const limit = Math.floor(met.value * 10) / 10;
  const plan = feasiblePlanOf({ ...FIRST_USE, slo: { tokensPerSecondPerUser: limit } });
  const low = plan.performance.tokensPerSecondPerUser.low;
  expect(reasonOf(plan, "close-call")?.message).toContain(`down to ${low.toFixed(1)}`);
});

test("the engine keeps no queue limit for releases that do not know the flag", () => {
  const args = feasiblePlanOf({ ...FIRST_USE, engine: { version: "0.28.0" } }).engine.args;
  expect(args.some((arg) => arg.startsWith("--max-num-queued-reqs"))).toBe(false);
});

test("a request for a model that nobody knows is a bug of the caller", () => {
  expect(() => planServing({ ...requestOf(FIRST_USE), model: "unknown" }, CATALOG)).toThrow(/unknown model/);
});
