import { PassThrough, Readable, Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { answerLine, predictStream } from "../../cli/predict";
import { LLAMA_3_1_8B, QWEN3_32B_CONFIG } from "../config/model-configs";

interface Answer {
  readonly id: unknown;
  readonly line?: number;
  readonly memory?: Readonly<Record<string, number | string>>;
  readonly performance?: Readonly<Record<string, unknown>>;
  readonly notes?: readonly string[];
  readonly error?: { readonly code: string; readonly message: string; readonly fields?: readonly string[] };
}

const REQUEST = { id: "a", model: "Qwen/Qwen3-32B", modelConfig: QWEN3_32B_CONFIG, gpu: "H100", tensorParallel: 2 };

function answered(line: string, lineNumber = 1): Answer {
  return JSON.parse(JSON.stringify(answerLine(line, lineNumber)));
}

function answer(change: Readonly<Record<string, unknown>> = {}, lineNumber = 1): Answer {
  return answered(JSON.stringify({ ...REQUEST, ...change }), lineNumber);
}

describe("answers", () => {
  test("without a load it is memory alone, and its addends sum to the budget", () => {
    const { id, memory, performance } = answer();
    expect(id).toBe("a");
    expect(performance).toBeUndefined();
    const sum = ["weightsGiB", "activationGiB", "nonTorchGiB", "kvCacheGiB"].reduce(
      (s, name) => s + Number(memory?.[name]),
      0,
    );
    expect(sum).toBeCloseTo(Number(memory?.["budgetGiB"]), 2);
  });

  test("with a load the speed comes too", () => {
    const { performance } = answer({ load: { concurrency: 8 }, inputTokens: 1024.5, outputTokens: 128 });
    expect(Object.keys(performance ?? {}).slice(0, 5)).toEqual([
      "ttftMs",
      "tpotMs",
      "itlP50Ms",
      "e2eMs",
      "outputTokensPerSecond",
    ]);
  });

  test("null means not given", () => {
    const nulls = {
      maxNumSeqs: null,
      maxNumBatchedTokens: null,
      load: null,
      engine: null,
      modelConfig: null,
      model: "qwen3-32b",
    };
    expect(answer(nulls)).toEqual(answer({ model: "qwen3-32b" }));
  });

  test("any model with a config.json is sized, whatever its name", () => {
    expect(
      answer({ model: "me/mine", modelConfig: LLAMA_3_1_8B, tensorParallel: 1 }).memory?.["weightsGiB"],
    ).toBeCloseTo(14.99, 2);
  });

  test.each([
    ["GPTQ of 8 bit", { quant_method: "gptq", bits: 8 }, 30.5, 34],
    ["FP8", { quant_method: "fp8" }, 30.5, 34],
    ["GPTQ of 4 bit", { quant_method: "gptq", bits: 4 }, 17, 20],
  ])("the weights of a checkpoint in %s have its bytes", (_, quantization_config, least, most) => {
    const weights = answer({ modelConfig: { ...QWEN3_32B_CONFIG, quantization_config }, tensorParallel: 1 }).memory;
    expect(weights?.["weightsGiB"]).toBeGreaterThan(least);
    expect(weights?.["weightsGiB"]).toBeLessThan(most);
  });

  test("a config without the longest context is sized when maxModelLen is given", () => {
    const modelConfig = { ...QWEN3_32B_CONFIG, max_position_embeddings: undefined };
    expect(answer({ modelConfig, maxModelLen: 8192 }).memory?.["weightsGiB"]).toBeGreaterThan(30);
  });

  test("the checkpoint's own quantization is taken when the request has none", () => {
    const quantization_config = { quant_method: "awq", bits: 4, group_size: 128, zero_point: true };
    const own = answer({ modelConfig: { ...QWEN3_32B_CONFIG, quantization_config } });
    expect(own.memory?.["weightsGiB"]).toBeLessThan(10);
  });

  test("a key that is nobody's is answered with a note", () => {
    expect(answer({ comment: "x" }).notes).toEqual(["comment is no field of a request and was not read"]);
  });
});

const BAD: readonly (readonly [string, Readonly<Record<string, unknown>>, string, readonly string[]])[] = [
  ["an unknown card", { gpu: "H200X-banana" }, "unknown-gpu", ["gpu"]],
  ["a card that can be two", { gpu: "A100" }, "unknown-gpu", ["gpu"]],
  ["an unknown model without a config", { model: "who/knows", modelConfig: null }, "unknown-model", ["model"]],
  ["a missing card", { gpu: null }, "invalid-request", ["gpu"]],
  [
    "a bad config",
    { modelConfig: { ...QWEN3_32B_CONFIG, num_hidden_layers: -1 } },
    "invalid-model-config",
    ["modelConfig"],
  ],
  ["an architecture without a formula", { modelConfig: { model_type: "t5" } }, "invalid-model-config", ["modelConfig"]],
  [
    "a context that nobody states",
    { modelConfig: { ...QWEN3_32B_CONFIG, max_position_embeddings: undefined } },
    "invalid-model-config",
    ["modelConfig"],
  ],
  [
    "a checkpoint of an unknown format and no precision",
    { modelConfig: { ...QWEN3_32B_CONFIG, quantization_config: { quant_method: "bitsandbytes", load_in_4bit: true } } },
    "invalid-request",
    ["quantization"],
  ],
  ["zero ranks", { tensorParallel: 0 }, "invalid-request", ["tensorParallel"]],
  ["half a rank", { tensorParallel: 1.5 }, "invalid-request", ["tensorParallel"]],
  ["a rank in letters", { tensorParallel: "2" }, "invalid-request", ["tensorParallel"]],
  ["ranks beyond sense", { tensorParallel: 1e300 }, "invalid-request", ["tensorParallel"]],
  ["ranks that heads do not divide by", { tensorParallel: 3 }, "invalid-request", ["tensorParallel"]],
  ["more than all memory", { gpuMemoryUtilization: 1.01 }, "invalid-request", ["gpuMemoryUtilization"]],
  [
    "two faults",
    { gpuMemoryUtilization: 0, maxNumSeqs: -1 },
    "invalid-request",
    ["gpuMemoryUtilization", "maxNumSeqs"],
  ],
  [
    "a step shorter than its sequences",
    { maxNumSeqs: 512, maxNumBatchedTokens: 256 },
    "invalid-request",
    ["maxNumBatchedTokens"],
  ],
  ["a context beyond the model's", { maxModelLen: 50_000 }, "invalid-request", ["maxModelLen"]],
  [
    "a prompt beyond the context",
    { load: { concurrency: 1 }, inputTokens: 41_000, outputTokens: 1 },
    "invalid-request",
    ["inputTokens"],
  ],
  ["a load without lengths", { load: { concurrency: 1 } }, "invalid-request", ["inputTokens", "outputTokens"]],
  [
    "two loads",
    { load: { concurrency: 1, requestRate: 1 }, inputTokens: 1, outputTokens: 1 },
    "invalid-request",
    ["load"],
  ],
  [
    "half a client",
    { load: { concurrency: 0.5 }, inputTokens: 1, outputTokens: 1 },
    "invalid-request",
    ["load.concurrency"],
  ],
  [
    "a rate of nothing",
    { load: { requestRate: 0 }, inputTokens: 1, outputTokens: 1 },
    "invalid-request",
    ["load.requestRate"],
  ],
  [
    "clients beyond sense",
    { load: { concurrency: 1e6 }, inputTokens: 1, outputTokens: 1 },
    "invalid-request",
    ["load.concurrency"],
  ],
  ["another engine", { engine: { name: "sglang" } }, "invalid-request", ["engine.name"]],
  ["no release", { engine: { version: "latest" } }, "invalid-request", ["engine.version"]],
  ["MXFP4, which is for experts, of a dense model", { quantization: "mxfp4" }, "invalid-request", ["quantization"]],
  ["a mistyped key of the engine", { engine: { verison: "0.19.0" } }, "invalid-request", ["engine.verison"]],
  [
    "a mistyped key of the load",
    { load: { concurrency: 1, requestRat: 1 }, inputTokens: 1, outputTokens: 1 },
    "invalid-request",
    ["load.requestRat"],
  ],
  ["an unknown precision", { quantization: "int3" }, "invalid-request", ["quantization"]],
  ["a mistyped key", { tensorParalel: 2 }, "invalid-request", ["tensorParalel"]],
  ["no room for weights", { gpu: "L4", tensorParallel: 1 }, "no-room", ["gpu"]],
  ["no room for one request", { tensorParallel: 1, maxModelLen: 40_960 }, "no-room", ["maxModelLen"]],
];

describe("errors", () => {
  test.each(BAD)("%s is refused by its field", (_, change, code, fields) => {
    const { error } = answer(change);
    expect({ code: error?.code, fields: error?.fields }).toEqual({ code, fields });
    expect(error?.message).not.toMatch(/undefined|NaN|\[object/);
  });

  test.each(["modelConfig", "gpu", "load", "quantization"])(
    "a %s of a thousand levels is refused by its field",
    (key) => {
      const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
      const { error } = answered(`{"id":"a","model":"qwen3-8b","gpu":"H100","${key}":${deep}}`);
      expect(error).toEqual({ code: "invalid-request", message: `${key} nests deeper than 64 levels`, fields: [key] });
    },
  );

  test("a byte order mark before the first line is not part of it", () => {
    expect(answerLine(`\uFEFF${JSON.stringify(REQUEST)}`, 1)).toEqual(answerLine(JSON.stringify(REQUEST), 1));
  });

  test("a line that is no JSON is answered by its number", () => {
    expect(answerLine("{oops", 7)).toEqual({
      id: null,
      line: 7,
      error: { code: "invalid-json", message: "line 7 is no JSON" },
    });
  });

  test.each(["42", "null", "[]", '"text"'])("the line %s is no request", (line) => {
    expect(answerLine(line, 3)).toMatchObject({ id: null, line: 3, error: { code: "invalid-request" } });
  });

  test("a request without an id is answered by its line", () => {
    expect(answer({ id: undefined }, 5)).toMatchObject({ id: null, line: 5, memory: {} });
  });
});

describe("stream", () => {
  test("every line is answered in order, a bad one in the middle too, empty ones skipped", async () => {
    const lines = [JSON.stringify({ ...REQUEST, id: 1 }), "", "no json", JSON.stringify({ ...REQUEST, id: 2 })];
    const output = new PassThrough();
    const text = collected(output);
    await predictStream(Readable.from([lines.join("\n")]), output);
    output.end();
    const answers = (await text)
      .trim()
      .split("\n")
      .map((line): Answer => JSON.parse(line));
    expect(answers.map(({ id, line }) => [id, line])).toEqual([
      [1, undefined],
      [null, 3],
      [2, undefined],
    ]);
  });

  test("a slow reader is waited for: no more is buffered than its high-water mark and one answer", async () => {
    let largest = 0;
    const output = new Writable({
      highWaterMark: 2000,
      write: (_chunk, _encoding, done) => {
        largest = Math.max(largest, output.writableLength);
        setImmediate(done);
      },
    });
    const line = `${JSON.stringify(REQUEST)}\n`;
    await predictStream(Readable.from(Array.from({ length: 200 }, () => line)), output);
    expect(largest).toBeLessThan(4000);
  });

  test("a reader that goes away ends the stream quietly", async () => {
    const output = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      },
    });
    const line = `${JSON.stringify(REQUEST)}\n`;
    await expect(predictStream(Readable.from([line, line, line]), output)).resolves.toBeUndefined();
  });
});

async function collected(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
