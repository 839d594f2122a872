import { describe, expect, test } from "vitest";
import { loadCatalog } from "../../config/catalog";
import { MODELS } from "../../config/data/models";
import { parseServingRequest } from "../../config/request";
import { DEFAULTS, FIRST_USE, WANTED } from "../../config/request/schema";
import type { ServingRequest } from "../../sizing/serving-request";

const catalog = loadCatalog();

function faultsOf(input: unknown): string[] {
  const result = parseServingRequest(input, catalog);
  return result.ok ? [] : result.faults.map((fault) => fault.message);
}

function requestOf(input: unknown): ServingRequest {
  const result = parseServingRequest(input, catalog);
  if (!result.ok) throw new Error(result.faults.map((fault) => fault.message).join("\n"));
  return result.request;
}

describe("a good request", () => {
  test("needs a model alone; the rest are the defaults", () => {
    expect(requestOf({ model: "qwen3-32b" })).toEqual({
      model: "qwen3-32b",
      quantization: "auto",
      kvCacheDtype: "auto",
      workload: DEFAULTS.workload,
      slo: DEFAULTS.slo,
      target: "local",
      tensorParallel: "auto",
      pipelineParallel: "auto",
      replicas: "auto",
      maxModelLen: "auto",
      gpuMemoryUtilization: "auto",
      engine: { name: "vllm", version: "0.33.0" },
      market: { clouds: ["aws"], regions: ["us-east-1"], purchase: "on-demand" },
      optimize: "cost",
    });
  });

  test("an slo that is given replaces the default limits instead of joining them", () => {
    expect(requestOf({ model: "qwen3-32b", slo: { endToEndSeconds: 30 } }).slo).toEqual({ endToEndSeconds: 30 });
    expect(requestOf({ model: "qwen3-32b", slo: {} }).slo).toEqual({});
  });

  test("a market of several clouds is searched in every region", () => {
    const { market } = requestOf({ model: "qwen3-32b", market: { clouds: ["aws", "gcp"] } });
    expect(market).toEqual({ clouds: ["aws", "gcp"], regions: [], purchase: "on-demand" });
  });

  test("cards are known by their aliases", () => {
    expect(requestOf({ model: "qwen3-32b", gpu: "h100" }).gpu).toBe("H100-SXM5-80GB");
  });

  test("a model that the catalog does not have is sized from its config.json", () => {
    const config = MODELS.find((model) => model.key === "qwen3-8b")?.config;
    const request = requestOf({ model: "our-own-8b", modelConfig: config });
    expect(request.model).toBe("our-own-8b");
    expect(request.architecture?.hiddenSize).toBe(4096);
  });

  test("the first use is a good request", () => {
    expect(requestOf(FIRST_USE).tensorParallel).toBe(2);
  });
});

const good = { model: "qwen3-32b" };
const withConcurrency = (concurrency: unknown): unknown => ({ ...good, workload: { concurrency } });
const WHOLE = "wanted a whole number from 1 to 100,000";

describe("bad values", () => {
  test.each([
    [withConcurrency(0), `workload.concurrency: got 0; ${WHOLE}`],
    [withConcurrency(-1), `workload.concurrency: got -1; ${WHOLE}`],
    [withConcurrency(1.5), `workload.concurrency: got 1.5; ${WHOLE}`],
    [withConcurrency(1e9), `workload.concurrency: got 1000000000; ${WHOLE}`],
    [withConcurrency("fifty"), `workload.concurrency: got "fifty"; ${WHOLE}`],
    [withConcurrency(Number.NaN), `workload.concurrency: got no number; ${WHOLE}`],
    [withConcurrency(Infinity), `workload.concurrency: got an endless number; ${WHOLE}`],
    [withConcurrency(null), `workload.concurrency: got an empty value; ${WHOLE}`],
    [withConcurrency([50]), `workload.concurrency: got a list [50]; ${WHOLE}`],
    [
      { ...good, workload: 50 },
      "workload: got 50; wanted an object such as {concurrency: 50, promptTokens: 1024, outputTokens: 512}",
    ],
    [
      { ...good, workload: [] },
      "workload: got an empty list; wanted an object such as {concurrency: 50, promptTokens: 1024, outputTokens: 512}",
    ],
    [{ ...good, slo: { ttftSeconds: 0 } }, "slo.ttftSeconds: got 0; wanted a number of seconds above 0, up to 86,400"],
    [{ ...good, target: "amazon" }, 'target: got "amazon"; wanted one of local, existing, aws'],
    [
      { ...good, quantization: "int4" },
      'quantization: got "int4"; wanted one of bf16, fp8, int8-w8a8, int4-w4a16, mxfp4, auto (did you mean int4-w4a16?)',
    ],
    [
      { ...good, market: { clouds: ["was"] } },
      'market.clouds[0]: got "was"; wanted one of aws, gcp, azure (did you mean aws?)',
    ],
    [
      { ...good, market: { regions: ["us-esat-1"] } },
      'market.regions: got "us-esat-1"; wanted a region with prices of aws (did you mean us-east-1?)',
    ],
    [
      { ...good, target: "aws", market: { clouds: ["gcp"] } },
      'market.clouds: got a list ["gcp"]; wanted aws alone, because the target aws builds nothing elsewhere',
    ],
    [
      { ...good, tensorParallel: 3 },
      "tensorParallel: got 3; wanted a size that divides the model, such as 1, 2, 4, 8, 16 (tensorParallel 3 does not divide the 64 attention heads)",
    ],
    [{ ...good, gpuMemoryUtilization: 1 }, "gpuMemoryUtilization: got 1; wanted a number from 0.1 to 0.98, or auto"],
    [{ ...good, engine: { version: "latest" } }, 'engine.version: got "latest"; wanted a version such as 0.33.0'],
    [
      { ...good, workload: { promptTokens: 40_000, outputTokens: 2000 } },
      "workload: got 40,000 prompt + 2,000 answer = 42,000 tokens; wanted at most the 40,960 tokens of qwen3-32b's context",
    ],
    [{ ...good, maxModelLen: 65_536 }, "maxModelLen: got 65536; wanted at most qwen3-32b's context of 40,960 tokens"],
    [
      { ...good, maxModelLen: 1000 },
      "maxModelLen: got 1000; wanted at least the mean request of 1,024 prompt + 512 answer = 1,536 tokens",
    ],
    [{}, "model: got nothing; wanted the name of a model, such as qwen3-32b"],
    [null, "request: got an empty value; wanted an object such as {model: qwen3-32b, workload: {concurrency: 50}}"],
    [[], "request: got an empty list; wanted an object such as {model: qwen3-32b, workload: {concurrency: 50}}"],
    ["qwen3-32b", 'request: got "qwen3-32b"; wanted an object such as {model: qwen3-32b, workload: {concurrency: 50}}'],
  ])("%j", (input, message) => {
    expect(faultsOf(input)).toEqual([message]);
  });

  test("an unknown model names the nearest one and the way out", () => {
    expect(faultsOf({ model: "qwen3-33b" })).toEqual([
      'model: the model "qwen3-33b" is not in the catalog; the nearest name is "qwen3-32b"; wanted a model of the catalog, or any model with its config.json as modelConfig',
    ]);
  });

  test("an unknown card names the nearest one and every known one", () => {
    const [message] = faultsOf({ ...good, gpu: "H10O" });
    expect(message).toMatch(
      /^gpu: the GPU "H10O" is not in the catalog; the nearest name is "H100-SXM5-80GB"; wanted one of A100-/,
    );
  });

  test("control characters of a value do not reach the terminal", () => {
    expect(faultsOf({ ...good, target: "\u001b[31mred\u0007" })).toEqual([
      'target: got " [31mred "; wanted one of local, existing, aws',
    ]);
    expect(faultsOf({ ...good, target: "a\u202eb\u2028c" })).toEqual([
      'target: got "a b c"; wanted one of local, existing, aws',
    ]);
  });

  test("names that plans print hold no control characters", () => {
    const model = "m\u001b[2J";
    expect(faultsOf({ ...good, model, checkpoint: { repository: model, revision: model } })).toEqual([
      expect.stringMatching(/^model: got "m \[2J"; wanted the name of a model/),
      expect.stringMatching(/^checkpoint.repository: got "m \[2J"/),
      expect.stringMatching(/^checkpoint.revision: got "m \[2J"/),
      expect.stringMatching(/^model: the model .* is not in the catalog/),
    ]);
  });

  test("what YAML writes as .nan and .inf is told in words", () => {
    expect(faultsOf({ ...good, replicas: Number.NaN, tensorParallel: Number.POSITIVE_INFINITY })).toEqual([
      "tensorParallel: got an endless number; wanted a whole number from 1 to 64, or auto",
      "replicas: got no number; wanted a whole number from 1 to 1,000, or auto",
    ]);
  });

  test("a value that is wrong in two ways is one fault", () => {
    expect(faultsOf({ ...good, maxModelLen: 1e308 })).toHaveLength(1);
    expect(faultsOf({ ...good, gpu: [] })).toHaveLength(1);
  });
});

describe("bad keys", () => {
  test("a mistyped key names the one that was meant", () => {
    expect(faultsOf({ ...good, quantisation: "fp8" })[0]).toMatch(
      /^quantisation: unknown key; .*\(did you mean quantization\?\)$/,
    );
  });

  test("a key on the wrong level says where it belongs", () => {
    expect(faultsOf({ ...good, concurrency: 50 })[0]).toContain("(it belongs at workload.concurrency)");
  });

  test("a nested unknown key lists its siblings", () => {
    expect(faultsOf({ ...good, workload: { users: 50 } })).toEqual([
      "workload.users: unknown key; wanted one of the keys concurrency, promptTokens, promptTokensP95, outputTokens, outputTokensP95, reasoningTokens, turns, sharedPrefixTokens, hourlyConcurrency",
    ]);
  });

  test("keys of the prototype are unknown keys like any other", () => {
    const input: unknown = JSON.parse('{"model": "qwen3-32b", "__proto__": {"target": "aws"}, "constructor": 1}');
    const messages = faultsOf(input);
    expect(messages.some((message) => message.startsWith("constructor: unknown key"))).toBe(true);
  });

  test("all faults come in one answer", () => {
    const input = {
      model: "qwen3-99b",
      gpu: "nothing-like-it",
      workload: { concurrency: 0, promptTokens: -1 },
      slo: { ttftSecond: 1 },
      colour: "blue",
    };
    expect(faultsOf(input).map((message) => message.split(":")[0])).toEqual([
      "workload.concurrency",
      "workload.promptTokens",
      "slo.ttftSecond",
      "colour",
      "model",
      "gpu",
    ]);
  });

  test("faults of shape, of meaning and of the model come in one answer", () => {
    const faults = faultsOf({
      model: "no-such-model",
      target: "aws",
      quantization: "int4",
      workload: { promptTokens: 100, promptTokensP95: 50, sharedPrefixTokens: 200 },
      market: { clouds: ["gcp"], regions: ["nowhere"] },
      pricing: { negotiated: [{ instanceType: "p5.48xlarge" }] },
    });
    expect(faults.map((text) => text.slice(0, text.indexOf(":")))).toEqual([
      "quantization",
      "model",
      "market.clouds",
      "market.regions",
      "workload.promptTokensP95",
      "workload.sharedPrefixTokens",
      "pricing.negotiated[0]",
    ]);
  });

  test("what is compared with a load of the wrong shape is not judged by the default load", () => {
    const load = { concurrency: "many", promptTokens: 100, outputTokens: 50 };
    expect(
      faultsOf({ ...good, maxModelLen: 200, workload: load, scenarios: [{ name: "a", promptTokens: 10 }] }),
    ).toEqual([`workload.concurrency: got "many"; ${WHOLE}`]);
  });

  test("a broken config.json is answered field by field", () => {
    const messages = faultsOf({ model: "mine", modelConfig: { model_type: "qwen3" } });
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.every((message) => message.startsWith("modelConfig: "))).toBe(true);
  });
});

test("every field has words for what it wants", () => {
  expect(Object.values(WANTED).every((words) => words.length > 3)).toBe(true);
});
