import { describe, expect, test } from "vitest";
import type { Outcome } from "../../load/outcome";
import { measureScale } from "../../load/prompt-sizing";
import { promptText, seededRandom, spreadLength } from "../../load/prompts";
import { requestBody } from "../../load/workload";

describe("prompts", () => {
  test("are the same for the same seed, and differ from the first words on for others", () => {
    expect(promptText(1, 0, 50)).toBe(promptText(1, 0, 50));
    const beginnings = [promptText(1, 0, 4), promptText(1, 1, 4), promptText(2, 0, 4), promptText(2, 1, 4)];
    expect(new Set(beginnings).size).toBe(4);
  });

  test("of a thousand numbers share no beginning of eight words", () => {
    const beginnings = Array.from({ length: 1000 }, (_, index) => promptText(7, index, 8));
    expect(new Set(beginnings).size).toBe(1000);
  });

  test("have as many words as asked", () => {
    expect(promptText(3, 3, 257).split(" ")).toHaveLength(257);
  });

  test("vary evenly about the mean where a spread is given", () => {
    const random = seededRandom(5);
    const lengths = Array.from({ length: 4000 }, () => spreadLength(100, 0.3, random));
    expect(Math.min(...lengths)).toBe(70);
    expect(Math.max(...lengths)).toBe(130);
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeCloseTo(100, -0.5);
    expect(spreadLength(100, 0, random)).toBe(100);
  });
});

/** A probe whose server counts the words of a prompt so. */
const counting =
  (count: (words: number) => number | undefined) =>
  (prompt: string): Promise<Outcome> => {
    const promptTokens = count(prompt.split(" ").length);
    const answer = {
      sentMs: 0,
      firstTokenMs: 1,
      lastTokenMs: 1,
      gapsMs: [],
      outputTokens: 1,
      countedBy: "usage",
    } as const;
    return Promise.resolve({
      ok: true,
      answer: { ...answer, ...(promptTokens === undefined ? {} : { promptTokens }) },
    });
  };

describe("sizing of prompts", () => {
  test("finds the tokens of a word and of the template around them", async () => {
    const sized = await measureScale(
      1000,
      1,
      counting((words) => 1.25 * words + 20),
    );
    expect("scale" in sized && sized.scale.wordsFor(1020)).toBe(800);
    expect("scale" in sized && sized.scale.isMeasured).toBe(true);
  });

  test("takes a word for a token where the server tells nothing", async () => {
    const sized = await measureScale(
      100,
      1,
      counting(() => undefined),
    );
    expect("scale" in sized && [sized.scale.wordsFor(100), sized.scale.isMeasured]).toEqual([100, false]);
  });

  test("passes on why the probe failed", async () => {
    const failed = { ok: false, sentMs: 0, failure: { kind: "HTTP 401", detail: "no key" } } as const;
    expect(await measureScale(100, 1, () => Promise.resolve(failed))).toEqual({ failed });
  });
});

test("bodies have the fields of vllm bench serve", () => {
  const workload = { model: "m", ignoreEos: false } as const;
  const streamed = { stream: true, stream_options: { include_usage: true } };
  expect(requestBody({ ...workload, api: "completions" }, "hi", 9)).toEqual({
    model: "m",
    prompt: "hi",
    max_tokens: 9,
    ...streamed,
  });
  expect(requestBody({ ...workload, api: "chat", ignoreEos: true }, "hi", 9)).toEqual({
    model: "m",
    messages: [{ role: "user", content: "hi" }],
    max_completion_tokens: 9,
    ignore_eos: true,
    ...streamed,
  });
});
