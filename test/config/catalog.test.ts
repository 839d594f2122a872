import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { loadCatalog, resolveGpu, resolveModel } from "../../config/catalog";
import { MODELS } from "../../config/data/models";
import { canonicalGpuName, nearestName } from "../../config/names";
import { generatedFiles } from "../../scripts/generate-catalog";
import { parameterCount } from "../../sizing/model/weights";

const catalog = loadCatalog();
const DATE = /^20\d\d-\d\d(-\d\d)?$/;

const GpuRow = z.object({
  bf16Teraflops: z.number().min(10).max(10_000),
  bandwidthGBPerSecond: z.number().min(100).max(20_000),
  nominalGB: z.number().min(16).max(300),
  usableGiB: z.number().min(15).max(300),
  source: z.string().min(5),
  date: z.string().regex(DATE),
});

const OfferRow = z.object({
  gpuCount: z.number().int().min(1).max(16),
  vcpus: z.number().int().min(2),
  memoryGiB: z.number().min(4),
  usdPerHour: z.number().gt(0.05).max(1000),
  source: z.string().min(5),
  date: z.string().regex(DATE),
});

function linkOf(type: string): string | undefined {
  return catalog.offers.find((offer) => offer.instanceType === type)?.link.kind;
}

describe("catalog rows", () => {
  test("every card has its figures in range, a source and a date", () => {
    expect(catalog.gpus.filter((gpu) => !GpuRow.safeParse(gpu).success)).toEqual([]);
  });

  test("no card has more usable GiB than it has nominal gigabytes", () => {
    expect(catalog.gpus.filter((gpu) => gpu.usableGiB > gpu.nominalGB).map((gpu) => gpu.name)).toEqual([]);
  });

  test("every offer has whole GPUs, host memory, a price above zero, a source and a date", () => {
    const faulty = catalog.offers.filter((offer) => !OfferRow.safeParse(offer).success);
    expect(faulty).toEqual([]);
  });

  test("the AWS price of the first use is Karpenter's of July 2026", () => {
    const offer = catalog.offers.find(
      (one) => one.instanceType === "g7e.12xlarge" && one.region === "us-east-1" && one.purchase === "on-demand",
    );
    expect(offer).toMatchObject({ usdPerHour: 8.28608, gpuCount: 2, date: "2026-07-20", memoryGiB: 512 });
  });

  test("a machine without a price in a region is not offered there", () => {
    const p5e = catalog.offers.filter((offer) => offer.instanceType === "p5e.48xlarge");
    expect(p5e.every((offer) => offer.purchase === "spot")).toBe(true);
    expect(catalog.unusable).toContainEqual({
      cloud: "aws",
      instanceType: "p5e.48xlarge",
      reason: "it has no on-demand price (sold by reservation only)",
    });
  });

  test("fractions of a GPU and cards without roofline figures are unusable by name", () => {
    const reasonOf = (type: string): string | undefined =>
      catalog.unusable.find((one) => one.instanceType === type)?.reason;
    expect(reasonOf("g6f.xlarge")).toBe("it has a fraction of a GPU, and the engine needs whole ones");
    expect(reasonOf("g4dn.xlarge")).toBe("no roofline figures of the T4 are in the catalog");
    expect(catalog.offers.some((offer) => offer.instanceType === "g6f.xlarge")).toBe(false);
  });

  test("HGX machines are joined by NVLink and g types by PCIe", () => {
    expect([linkOf("p5.48xlarge"), linkOf("a3-highgpu-2g"), linkOf("g7e.12xlarge"), linkOf("g6e.12xlarge")]).toEqual([
      "nvlink",
      "nvlink",
      "pcie",
      "pcie",
    ]);
  });

  test("Azure's NC A100 v4 carries the PCIe card, not the SXM module", () => {
    const offer = catalog.offers.find((one) => one.instanceType === "Standard_NC48ads_A100_v4");
    expect(offer?.gpu).toBe("A100-PCIe-80GB");
  });

  test("the generated files are those that the captures give", async () => {
    const files = await generatedFiles();
    expect(files.filter(({ path, text }) => readFileSync(path, "utf8") !== text).map(({ path }) => path)).toEqual([]);
  });
});

describe("models", () => {
  test("Qwen3-32B has the parameters that its checkpoint's index states", () => {
    const resolved = resolveModel(catalog, "qwen3-32b");
    expect(resolved.ok && parameterCount(resolved.model.architecture)).toBe(32_762_123_264);
  });

  test("the first use is pinned to a commit of the weights", () => {
    const row = MODELS.find((model) => model.key === "qwen3-32b");
    expect(row?.checkpoints["int4-w4a16"]).toEqual({
      repository: "Qwen/Qwen3-32B-AWQ",
      revision: "0499c3ac83fdef8810b907a23894ba91e95eddd8",
    });
  });

  test("revisions are whole commit hashes", () => {
    const revisions = MODELS.flatMap((model) => Object.values(model.checkpoints).map((one) => one.revision));
    expect(revisions.filter((one) => one !== undefined && !/^[0-9a-f]{40}$/.test(one))).toEqual([]);
  });

  test.each(["qwen3-32b", "Qwen/Qwen3-32B", "qwen/qwen3-32b-awq", "Qwen/Qwen3-32B-FP8"])("%s is Qwen3-32B", (name) => {
    const resolved = resolveModel(catalog, name);
    expect(resolved.ok && resolved.model.key).toBe("qwen3-32b");
  });

  test("an unknown model is answered with the nearest name", () => {
    expect(resolveModel(catalog, "qwen3-33b")).toEqual({
      ok: false,
      message: 'the model "qwen3-33b" is not in the catalog; the nearest name is "qwen3-32b"',
    });
  });
});

describe("names of cards", () => {
  test.each([
    ["H100", "H100-SXM5-80GB"],
    ["NVIDIA H100 80GB HBM3", "H100-SXM5-80GB"],
    ["h100-nvl", "H100-NVL-94GB"],
    ["A100-80GB", "A100-SXM4-80GB"],
    ["RTX PRO 6000", "RTX-PRO-6000-Blackwell-Server"],
    ["B200-SXM (HGX)", "B200-SXM-180GB"],
    ["l40s", "L40S"],
  ])("%s is %s", (name, canonical) => {
    expect(canonicalGpuName(name)).toBe(canonical);
  });

  test("A100 alone is not guessed, because 40 and 80 GB are different cards", () => {
    const resolved = resolveGpu(catalog, "A100");
    expect(resolved).toEqual({
      ok: false,
      message: 'the GPU "A100" can be A100-SXM4-40GB, A100-SXM4-80GB, A100-PCIe-80GB: name one of them',
    });
  });

  test("a mistyped card is answered with the nearest one", () => {
    const resolved = resolveGpu(catalog, "L4OS");
    expect(!resolved.ok && resolved.message).toContain('"L40S"');
  });

  test.each([
    ["H10O", "H100-SXM5-80GB"],
    ["B20O", "B200-SXM-180GB"],
    ["RTX 4O90", "RTX-4090"],
    ["GH20O", "GH200-96GB"],
  ])("%s is answered with %s", (name, nearest) => {
    const resolved = resolveGpu(catalog, name);
    expect(!resolved.ok && resolved.message).toContain(`the nearest name is "${nearest}"`);
  });

  test("a name that resembles nothing has no nearest name", () => {
    expect(nearestName("zzzzzzzzzzzz", ["int4-w4a16", "fp8"])).toBeUndefined();
  });

  test.each([
    ["foo", "slo"],
    ["tp", "id"],
    ["seed", "model"],
  ])("the short name %s is not taken for %s", (name, known) => {
    expect(nearestName(name, [known])).toBeUndefined();
  });

  test.each([
    ["modle", "model"],
    ["was", "aws"],
    ["gpus", "gpu"],
    ["tensorParalel", "tensorParallel"],
  ])("the slip %s is taken for %s", (name, known) => {
    expect(nearestName(name, ["id", "slo", known])).toBe(known);
  });

  test("the cards of workstations are known by the names that nvidia-smi prints, and nobody sells them", () => {
    const names = ["NVIDIA GeForce RTX 4090", "NVIDIA RTX A6000", "NVIDIA H100 PCIe", "NVIDIA GH200 480GB"];
    const cards = names.map((name) => canonicalGpuName(name));
    expect(cards).toEqual(["RTX-4090", "RTX-A6000", "H100-PCIe-80GB", "GH200-96GB"]);
    expect(catalog.offers.filter((offer) => cards.includes(offer.gpu))).toEqual([]);
  });
});
