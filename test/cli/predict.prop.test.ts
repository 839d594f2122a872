import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerLine } from "../../cli/predict";
import { PREDICT_KEYS } from "../../config/predict-fields";
import {
  DEEPSEEK_V3,
  GEMMA_3_12B,
  GPT_OSS_20B,
  LLAMA_3_1_8B,
  QWEN3_32B_CONFIG,
  QWEN3_NEXT,
} from "../config/model-configs";

const CONFIGS: readonly Readonly<Record<string, unknown>>[] = [
  DEEPSEEK_V3,
  GEMMA_3_12B,
  GPT_OSS_20B,
  LLAMA_3_1_8B,
  QWEN3_32B_CONFIG,
  QWEN3_NEXT,
];

/** Values that no field wants, or that only some do. */
const ODD = fc.constantFrom<unknown>(
  0,
  -1,
  1,
  7,
  0.5,
  1e-9,
  1e15,
  1e308,
  -1e308,
  5e-324,
  2 ** 53,
  null,
  "",
  "1",
  "NaN",
  "日本語",
  "__proto__",
  true,
  [],
  [1],
  {},
  { a: { b: 1 } },
);

const LOAD = fc.oneof(
  fc.record({ concurrency: fc.constantFrom(1, 3, 50, 1000, 100_000) }),
  fc.record({ requestRate: fc.constantFrom(0.001, 1, 100, 1e6) }),
);

const REQUEST = fc.record({
  id: fc.constantFrom<unknown>(1, "a", "\u2028", null),
  modelConfig: fc.constantFrom(...CONFIGS),
  gpu: fc.constantFrom("L4", "L40S", "RTX-PRO-6000", "A100-40GB", "A100", "H100", "H200", "B200"),
  quantization: fc.constantFrom(undefined, "bf16", "fp8", "int8-w8a8", "int4-w4a16", "mxfp4"),
  tensorParallel: fc.constantFrom(1, 2, 4, 8),
  pipelineParallel: fc.constantFrom(1, 2),
  engine: fc.record({ version: fc.constantFrom("0.6.3", "0.11.1", "0.19.0", "0.33.0") }),
  load: fc.option(LOAD, { nil: undefined }),
  inputTokens: fc.constantFrom(1, 16, 700, 1023.5, 8000),
  outputTokens: fc.constantFrom(1, 128, 300.7, 1000),
  maxNumSeqs: fc.constantFrom(undefined, 1, 64, 4096),
  maxNumBatchedTokens: fc.constantFrom(undefined, 1, 16, 8192, 1_000_000),
  sharedPrefixTokens: fc.constantFrom(undefined, 0, 1),
});

function numbersOf(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersOf) : [];
}

interface Answer {
  readonly memory?: unknown;
  readonly performance?: unknown;
  readonly error?: unknown;
}

/** What is wrong with the answer to a line, in words; nothing as it should be. */
function wrongs(line: string): readonly string[] {
  const text = JSON.stringify(answerLine(line, 1));
  const { memory, performance, error }: Answer = JSON.parse(text);
  // JSON has no NaN: it would come out as null.
  const figures = JSON.stringify([memory ?? 0, performance ?? 0]);
  return [
    text.includes("\n") ? "takes more than a line" : "",
    /"code":"internal"|undefined|Infinity|\[object/.test(text) ? "shows a fault of ours" : "",
    numbersOf([memory, performance]).some((value) => value < 0) ? "has a negative figure" : "",
    figures.includes("null") ? "has a figure that is no number" : "",
    (error === undefined) === (memory === undefined) ? "has both figures and an error, or neither" : "",
  ]
    .filter((wrong) => wrong !== "")
    .map((wrong) => `${line} ${wrong}: ${text}`);
}

describe("any line is answered on one line, by figures or by an error that is no fault of ours", () => {
  test("requests that make sense, alone and together", () => {
    fc.assert(
      fc.property(REQUEST, (request) => {
        expect(wrongs(JSON.stringify(request))).toEqual([]);
      }),
      { numRuns: 80, seed: 20261125 },
    );
  });

  test("requests with a field of a wrong kind or size", () => {
    fc.assert(
      fc.property(REQUEST, fc.constantFrom(...PREDICT_KEYS), ODD, (request, key, odd) => {
        expect(wrongs(JSON.stringify({ ...request, [key]: odd }))).toEqual([]);
      }),
      { numRuns: 300, seed: 20261125 },
    );
  });

  test("configs with a field of a wrong kind or size, or without it", () => {
    const changed = fc.constantFrom(...CONFIGS).chain((config) =>
      fc.tuple(fc.constantFrom(...Object.keys(config)), fc.option(ODD, { nil: undefined })).map(([key, odd]) => ({
        ...config,
        [key]: odd,
      })),
    );
    fc.assert(
      fc.property(REQUEST, changed, (request, modelConfig) => {
        expect(wrongs(JSON.stringify({ ...request, modelConfig }))).toEqual([]);
      }),
      { numRuns: 300, seed: 20261125 },
    );
  });

  test("text that is no request", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(wrongs(text)).toEqual([]);
      }),
      { numRuns: 200, seed: 20261125 },
    );
  });
});
