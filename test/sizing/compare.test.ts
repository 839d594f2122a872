import { describe, expect, test } from "vitest";
import { FIRST_USE } from "../../config/request/schema";
import { CLOUDS, PURCHASES } from "../../sizing/catalog";
import { compareServing } from "../../sizing/compare";
import { COMPARISON_SECTIONS, type ManagedApi, type ReferenceSetup } from "../../sizing/compare/comparison";
import { bestPlan } from "../../sizing/compare/plans";
import { planServing } from "../../sizing/plan";
import { comparisonJson } from "../../sizing/report/compare-json";
import { comparisonMarkdown } from "../../sizing/report/compare-markdown";
import { comparisonTable } from "../../sizing/report/compare-table";
import { isFeasible } from "../../sizing/serving-plan";
import { comparisonOf, planOfOutcome } from "../support/comparisons";
import { CATALOG, requestOf } from "../support/requests";

const FIRST = comparisonOf(FIRST_USE);
const TEXT = comparisonTable(FIRST, { color: false });

/** On cards of 48 GB, where a precision can run out of room. */
const ON_L40S = comparisonOf({ ...FIRST_USE, gpu: "L40S" });

function setupOf(gpu: string, comparison = FIRST): ReferenceSetup {
  const setup = comparison.precision?.setups.find((one) => one.gpu === gpu);
  if (setup === undefined) throw new Error(`no setup on ${gpu}`);
  return setup;
}

function cells(line: string): number {
  return line.replaceAll("\\|", "").split("|").length;
}

function userSpeed(setup: ReferenceSetup, quantization: string, batch: number): number | undefined {
  const row = setup.rows.find((one) => one.quantization === quantization);
  return row?.figures?.speeds.find((speed) => speed.batch === batch)?.tokensPerSecondPerUser.value;
}

describe("the comparison of the first use", () => {
  test("reads as the golden table", async () => {
    await expect(TEXT).toMatchFileSnapshot("../golden/compare-first-use.txt");
  });

  test("says first what it compared, and then what the numbers say in a few sentences", () => {
    expect(TEXT).toMatch(/^COMPARED {2}qwen3-32b\n {2}- As asked, /);
    expect(FIRST.says.length).toBeGreaterThanOrEqual(2);
    expect(FIRST.says.length).toBeLessThanOrEqual(5);
  });

  test("stays within 100 columns", () => {
    expect(TEXT.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test("starts from the plan that fitserve plan gives", () => {
    const plan = planServing(requestOf(FIRST_USE), CATALOG);
    const asked = planOfOutcome(FIRST.plan.asAsked);
    expect(isFeasible(plan) ? plan.cost.expected.usdPerMonth : undefined).toBe(asked.totalUsdPerMonth);
    expect(isFeasible(plan) ? plan.hardware.instanceType : undefined).toBe(asked.instanceType);
  });
});

describe("precisions", () => {
  test("INT4 is the fastest alone and FP8 at 50 requests, on the planned cards and on two H100", () => {
    for (const gpu of ["RTX-PRO-6000-Blackwell-Server", "H100-SXM5-80GB"]) {
      const setup = setupOf(gpu);
      expect(setup.fastest.find(({ batch }) => batch === 1)?.quantization).toBe("int4-w4a16");
      expect(setup.fastest.find(({ batch }) => batch === 50)?.quantization).toBe("fp8");
      expect(userSpeed(setup, "fp8", 50)).toBeGreaterThan(userSpeed(setup, "int4-w4a16", 50) ?? Infinity);
    }
  });

  test("a lead that is smaller than the range of the prediction is called so", () => {
    expect(setupOf("H100-SXM5-80GB").fastest.find(({ batch }) => batch === 50)?.isClose).toBe(true);
    expect(FIRST.says[1]).toContain("within the range of the prediction");
  });

  test("a precision that runs out of KV cache is marked and not in the race", () => {
    const fp16 = setupOf("L40S", ON_L40S).rows.find(({ quantization }) => quantization === "bf16");
    expect(fp16?.figures?.speeds.map(({ batch, queues }) => [batch, queues])).toEqual([
      [1, false],
      [8, false],
      [32, false],
      [50, true],
      [128, true],
    ]);
  });

  test("fewer bits leave more room for the KV cache", () => {
    const rooms = setupOf("L40S", ON_L40S).rows.map(({ figures }) => figures?.kvCacheTokens ?? 0);
    expect(rooms).toEqual(rooms.toSorted((a, b) => a - b));
  });

  test("FP16 fits and is refused by policy", () => {
    const fp16 = FIRST.precision?.rows.find(({ quantization }) => quantization === "bf16");
    expect(planOfOutcome(fp16?.outcome.asAsked).refusedByPolicy).toBe(true);
  });

  test("weights that nobody has published are said to be missing", () => {
    const missing = FIRST.precision?.rows.filter(({ repository }) => repository === undefined);
    expect(missing?.map(({ quantization }) => quantization)).toEqual(["int8-w8a8"]);
  });

  test("every quality note has a link, and a model without notes of its own gets those of others", () => {
    const other = comparisonOf({ ...FIRST_USE, model: "qwen3-14b" }, { sections: ["precision"] });
    const notes = [...(FIRST.precision?.rows ?? []), ...(other.precision?.rows ?? [])].flatMap((row) => row.quality);
    expect(notes.filter(({ source }) => !source.startsWith("https://"))).toEqual([]);
    const fp8 = other.precision?.rows.find(({ quantization }) => quantization === "fp8");
    expect(fp8?.quality.map(({ text }) => text)).toEqual([
      "no loss at any size of Llama 3.1; nothing found on this model",
    ]);
  });

  test("a model whose weights are stored quantized is compared in that precision alone", () => {
    const { precision } = comparisonOf({ model: "gpt-oss-20b" }, { sections: ["precision"] });
    expect(precision?.rows.map(({ quantization }) => quantization)).toEqual(["mxfp4"]);
  });

  test("INT8 on a card without kernels for it is refused by name", () => {
    const { precision } = comparisonOf(
      { ...FIRST_USE, gpu: "RTX-PRO-6000-Blackwell-Server" },
      { sections: ["precision"] },
    );
    const int8 = precision?.rows.find(({ quantization }) => quantization === "int8-w8a8");
    expect(int8?.outcome.asAsked).toMatchObject({ status: "none", why: expect.stringContaining("no INT8 kernels") });
  });
});

describe("clouds", () => {
  const { clouds = [], plan } = comparisonOf(FIRST_USE, { sections: ["clouds"] });

  test("each is asked on demand and spot, in the regions that the request names where it has them", () => {
    expect(clouds.map(({ cloud, purchase }) => `${cloud} ${purchase}`)).toEqual(
      CLOUDS.flatMap((cloud) => PURCHASES.map((purchase) => `${cloud} ${purchase}`)),
    );
    expect(clouds.map(({ regions }) => regions)).toEqual([["us-east-1"], ["us-east-1"], [], [], [], []]);
  });

  test("the request's own market gives the request's own plan", () => {
    expect(clouds[0]?.outcome).toEqual(plan);
  });

  test("pins hold everywhere, and every price has its source and day", () => {
    for (const { cloud, purchase, outcome } of clouds) {
      if (outcome.asAsked.status === "none") continue;
      const own = outcome.asAsked.plan;
      expect(own).toMatchObject({ cloud, purchase, tensorParallel: 2, quantization: "int4-w4a16" });
      const offer = CATALOG.offers.find(
        (one) => one.instanceType === own.instanceType && one.region === own.region && one.purchase === purchase,
      );
      expect(own.price).toEqual({ source: offer?.source, date: offer?.date });
      expect(own.usdPerHour).toBeCloseTo(own.nodes * (offer?.usdPerHour ?? 0), 9);
    }
  });

  test("none is dearer than the same cloud searched in one of its regions", () => {
    const google = clouds.find(({ cloud, purchase }) => cloud === "gcp" && purchase === "on-demand");
    const market = { clouds: ["gcp"], regions: ["us-central1"] };
    const one = comparisonOf({ ...FIRST_USE, market }, { sections: ["clouds"] });
    expect(planOfOutcome(google?.outcome.asAsked).usdPerHour).toBeLessThanOrEqual(
      planOfOutcome(one.plan.asAsked).usdPerHour,
    );
  });

  test("prices that nobody wrote down are told from machines that nobody sells", () => {
    const azureSpot = clouds.find(({ cloud, purchase }) => cloud === "azure" && purchase === "spot");
    expect(azureSpot?.outcome.asAsked).toEqual({ status: "none", why: "the catalog has no spot prices of azure" });
  });

  test("the sentence names the cheapest on demand and spot", () => {
    const { says } = comparisonOf(FIRST_USE, { sections: ["clouds"] });
    expect(says[1]).toMatch(/^The cheapest of all clouds is on demand \$[\d.]+\/h \(.*\), spot \$[\d.]+\/h \(.*\)\.$/);
  });
});

describe("cards", () => {
  test("are the six that are asked about, whatever card the request pins", () => {
    const { gpus } = comparisonOf({ ...FIRST_USE, gpu: "L4" }, { sections: ["gpus"] });
    expect(gpus?.map(({ gpu }) => gpu)).toEqual([
      "L40S",
      "RTX-PRO-6000-Blackwell-Server",
      "A100-SXM4-80GB",
      "H100-SXM5-80GB",
      "H200-SXM-141GB",
      "B200-SXM-180GB",
      "L4",
    ]);
  });

  test("one that the market does not sell is said so", () => {
    const market = { clouds: ["gcp"], regions: ["us-central1"], purchase: "on-demand" };
    const { gpus } = comparisonOf({ ...FIRST_USE, market }, { sections: ["gpus"] });
    expect(gpus?.find(({ gpu }) => gpu === "L40S")?.outcome.asAsked).toEqual({
      status: "none",
      why: "not sold in us-central1 (on-demand)",
    });
  });

  test("without its pins the request never costs more", () => {
    for (const { outcome } of FIRST.gpus ?? []) {
      if (outcome.withoutPins === undefined) continue;
      expect(planOfOutcome(outcome.withoutPins).usdPerHour).toBeLessThan(planOfOutcome(outcome.asAsked).usdPerHour);
    }
  });
});

describe("models", () => {
  test("the next smaller one of the same kind is compared, also on one H100", () => {
    expect(FIRST.models?.other).toBe("qwen3-14b");
    const alone = FIRST.models?.rows.find(({ role }) => role === "other-on-one-h100");
    expect(planOfOutcome(alone?.outcome)).toMatchObject({
      gpu: "H100-SXM5-80GB",
      tensorParallel: 1,
      replicas: 1,
    });
  });

  test("quality is said to be not computed", () => {
    expect(FIRST.models?.notComputed[0]).toContain("no formula gives quality");
  });

  test("the smallest of its kind has nothing beside it", () => {
    const comparison = comparisonOf({ model: "qwen3-0.6b" }, { sections: ["models", "hybrid"] });
    expect(comparison.models?.other).toBeUndefined();
    expect(comparisonTable(comparison, { color: false })).toContain("--model-b names one");
  });
});

test("the dialogues of one replica find their history there, however many are in flight", () => {
  const dialogue = { promptTokens: 4000, outputTokens: 32, turns: 2 };
  const speedOfEight = (concurrency: number): unknown => {
    const input = { ...FIRST_USE, slo: {}, workload: { ...dialogue, concurrency } };
    const { rows } = setupOf("H100-SXM5-80GB", comparisonOf(input, { sections: ["precision"] }));
    const figures = rows.find(({ quantization }) => quantization === "fp8")?.figures;
    return figures?.speeds.find(({ batch }) => batch === 8);
  };
  expect(speedOfEight(200)).toEqual(speedOfEight(8));
});

describe("managed APIs", () => {
  test("the break-even is own cost over the API's cost for the same tokens", () => {
    const asked = planOfOutcome(FIRST.plan.asAsked);
    for (const { api, breakEvens, usdPerMonth } of FIRST.managed?.rows ?? []) {
      const answers = (asked.outputTokensPerSecond.value / 512) * 730 * 3600;
      const usd = (answers * (1024 * api.usdPerMillionInputTokens + 512 * api.usdPerMillionOutputTokens)) / 1e6;
      expect(usdPerMonth).toBeCloseTo(usd, 6);
      expect(breakEvens[0]?.share).toBeCloseTo(asked.totalUsdPerMonth / usd, 9);
    }
  });

  test("an API that is cheaper even day and night is called so", () => {
    const api: ManagedApi = {
      name: "almost-free",
      provider: "nobody",
      usdPerMillionInputTokens: 0.001,
      usdPerMillionOutputTokens: 0.001,
      source: "https://example.com",
      date: "2026-01-01",
      basis: "assumed",
      note: "made up",
    };
    const { says } = comparisonOf(FIRST_USE, { managedApis: [api], sections: ["managed"] });
    expect(says[1]).toContain("than almost-free never");
  });

  test("with a traffic profile an API is paid for the tokens of the day, not for the peak hour day and night", () => {
    const lengths = { promptTokens: 1024, outputTokens: 512 };
    const hourlyConcurrency = Array.from({ length: 24 }, (_, hour) => (hour < 12 ? 0 : 50));
    const half = comparisonOf(
      { ...FIRST_USE, workload: { ...lengths, hourlyConcurrency } },
      { sections: ["managed", "hybrid"] },
    );
    const [all, day] = [FIRST, half].map(({ managed }) => managed?.rows[0]?.usdPerMonth ?? 0);
    expect(half.managed?.load?.dayShare).toBeCloseTo(0.5, 9);
    expect(day).toBeCloseTo((all ?? 0) / 2, 6);
    const text = comparisonTable(half, { color: false }).replaceAll(/\s+/g, " ");
    expect(text).toContain("puts out 50 % of what its peak hour would day and night");
    expect(text).toContain("the API's part is for the traffic profile");
    expect(text).not.toContain("% of the time at this load");
  });

  test("where nothing fits there is no load and no break-even", () => {
    const { managed } = comparisonOf({ ...FIRST_USE, slo: { ttftSeconds: 0.001 } }, { sections: ["managed"] });
    expect(managed?.load).toBeUndefined();
    expect(managed?.rows.flatMap(({ breakEvens }) => breakEvens)).toEqual([]);
  });
});

describe("hybrid", () => {
  test("no share elsewhere is the request without its pins, and all of it elsewhere is the other model alone", () => {
    const [first] = FIRST.hybrid?.rows ?? [];
    const last = FIRST.hybrid?.rows.at(-1);
    expect(first?.withOtherUsdPerMonth).toBe(bestPlan(FIRST.plan)?.totalUsdPerMonth);
    const other = FIRST.models?.rows.find(({ role }) => role === "other");
    expect(last?.withOtherUsdPerMonth).toBe(planOfOutcome(other?.outcome).totalUsdPerMonth);
    expect(last?.asked).toBeUndefined();
  });

  test("all of it to an API costs what the API costs", () => {
    const api = FIRST.managed?.rows.map(({ usdPerMonth }) => usdPerMonth);
    expect(FIRST.hybrid?.rows.at(-1)?.withApi.map(({ usdPerMonth }) => usdPerMonth)).toEqual(api);
  });

  test("two models pay for one cluster", () => {
    const half = FIRST.hybrid?.rows.find(({ share }) => share === 0.5);
    const [asked, other] = [planOfOutcome(half?.asked), planOfOutcome(half?.other)];
    const sum = asked.totalUsdPerMonth + other.totalUsdPerMonth - asked.clusterUsdPerMonth;
    expect(half?.withOtherUsdPerMonth).toBeCloseTo(sum, 9);
  });

  test("a share of the user stands between none and all", () => {
    const { hybrid } = comparisonOf(FIRST_USE, { share: 0.3, sections: ["hybrid"] });
    expect(hybrid?.rows.map(({ share }) => share)).toEqual([0, 0.3, 1]);
  });
});

describe("the rule of thumb", () => {
  test("is quoted row by row", () => {
    const quoted = FIRST.card?.rows.map(({ title, quoted: row }) => [title, row.weightsGB, row.kvCacheGB, row.totalGB]);
    expect(quoted).toEqual([
      ["FP16", "64", "200", "140-160"],
      ["INT8", "32", "200", "90-100"],
      ["INT4", "16-18", "200", "45-60"],
    ]);
  });

  test("the exact addends sum up to the exact total", () => {
    for (const { exact } of FIRST.card?.rows ?? [])
      expect(exact.totalGB).toBeCloseTo(exact.weightsGB + exact.kvCacheGB + exact.runtimeGB, 9);
  });

  test("50 x 2,048 tokens are 26.8 GB of KV cache, not 200", () => {
    expect(FIRST.card?.rows[0]?.exact.kvCacheGB).toBeCloseTo((262_144 * 50 * 2048) / 1e9, 9);
  });

  test("FP16 is said to fit two cards, and to be refused as a policy", () => {
    const [fp16] = FIRST.card?.rows ?? [];
    expect(fp16?.fitsTwoCards).toBe(true);
    expect(fp16?.reasons.at(-1)).toContain("refused as a policy");
  });

  test("says nothing about a model of another size", () => {
    const { card } = comparisonOf({ model: "qwen3-14b" }, { sections: ["card"] });
    expect(card).toEqual({ notApplicable: expect.stringContaining("30 to 36 billion"), rows: [] });
  });
});

describe("every form", () => {
  test.each(COMPARISON_SECTIONS)("%s can be had alone", (section) => {
    const keys = Object.keys(comparisonOf(FIRST_USE, { sections: [section] }));
    expect(keys.toSorted()).toEqual(["schemaVersion", "request", "pins", "plan", "says", section].toSorted());
  });

  test("shuffling the catalog changes no byte", () => {
    const shuffled = {
      ...CATALOG,
      models: CATALOG.models.toReversed(),
      gpus: CATALOG.gpus.toReversed(),
      offers: CATALOG.offers.toReversed(),
    };
    const request = requestOf(FIRST_USE);
    const options = { managedApis: [], qualityNotes: [] };
    const json = comparisonJson(compareServing(request, CATALOG, options));
    expect(comparisonJson(compareServing(request, shuffled, options))).toBe(json);
  });

  test("none shows a value that is no value", () => {
    const inputs = [FIRST_USE, { ...FIRST_USE, slo: { ttftSeconds: 0.001 } }, { model: "qwen3-0.6b" }];
    for (const comparison of inputs.map((input) => comparisonOf(input))) {
      for (const text of [
        comparisonTable(comparison, { color: false }),
        comparisonMarkdown(comparison),
        comparisonJson(comparison),
      ])
        expect(text).not.toMatch(/undefined|NaN|Infinity|null|\[object/);
    }
  });

  test("Markdown rows have the cells of their head", () => {
    const lines = comparisonMarkdown(FIRST).split("\n");
    const broken = lines.filter(
      (line, i) => line.startsWith("|") && lines[i - 1]?.startsWith("|") && cells(line) !== cells(lines[i - 1] ?? ""),
    );
    expect(broken).toEqual([]);
  });
});
