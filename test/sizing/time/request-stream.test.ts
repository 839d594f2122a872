import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestStream } from "../../../sizing/time/request-stream";

const SETTINGS = { historyHitShare: 0, maxModelLen: 131_072 };
const REQUESTS = 400;

function meanOf(length: (index: number) => number): number {
  let sum = 0;
  for (let index = 0; index < REQUESTS; index += 1) sum += length(index);
  return sum / REQUESTS;
}

describe("requests of a workload", () => {
  test("have the tokens that were asked for, on average, and not some more", () => {
    const tokens = fc.double({ min: 1, max: 20_000, noNaN: true });
    fc.assert(
      fc.property(tokens, tokens, (promptTokens, outputTokens) => {
        const { lengths } = requestStream({ concurrency: 1, promptTokens, outputTokens }, SETTINGS);
        expect(meanOf(lengths.prompt)).toBeCloseTo(promptTokens, 1);
        expect(meanOf(lengths.output)).toBeCloseTo(outputTokens, 1);
      }),
    );
  });
});
