import { describe, expect, test } from "vitest";
import { AnswerStream, errorText } from "../../load/answer-stream";
import type { Answer, Outcome } from "../../load/outcome";
import { event, textChunk } from "../support/stream-server";

/** Feeds pieces of a body at given times to a request that was sent at 1000 ms. */
function read(...pieces: readonly (readonly [atMs: number, text: string])[]): Outcome {
  const stream = new AnswerStream(1000);
  for (const [atMs, text] of pieces) stream.feed(text, atMs);
  return stream.end();
}

function answerOf(outcome: Outcome): Answer {
  if (!outcome.ok) throw new Error(outcome.failure.detail);
  return outcome.answer;
}

const usage = (promptTokens: number, completionTokens: number): string =>
  event({ choices: [], usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens } });

const chatChunk = (delta: object, finish_reason: string | null = null): string =>
  event({ choices: [{ delta, finish_reason }] });

describe("an answer on a timeline", () => {
  test("has the times of its chunks, and the last chunk with a token ends it", () => {
    const answer = answerOf(
      read(
        [1200, event(textChunk("a"))],
        [1250, event(textChunk("b"))],
        [1310, event(textChunk("c", "length"))],
        [1900, usage(7, 3)],
        [2000, event("[DONE]")],
      ),
    );
    expect(answer).toEqual({
      sentMs: 1000,
      firstTokenMs: 1200,
      lastTokenMs: 1310,
      gapsMs: [50, 60],
      outputTokens: 3,
      countedBy: "usage",
      promptTokens: 7,
    });
  });

  test("counts tokens by usage where a chunk holds several", () => {
    const answer = answerOf(
      read([1100, event(textChunk("a b c"))], [1200, event(textChunk("d e f", "stop"))], [1200, usage(1, 6)]),
    );
    expect(answer).toMatchObject({ outputTokens: 6, gapsMs: [100] });
  });

  test("takes usage that rides on the last chunk", () => {
    const last = { ...textChunk("b", "stop"), usage: { prompt_tokens: 4, completion_tokens: 2 } };
    expect(answerOf(read([1100, event(textChunk("a"))], [1200, event(last)]))).toMatchObject({
      outputTokens: 2,
      promptTokens: 4,
      lastTokenMs: 1200,
    });
  });

  test("counts chunks, and says so, where the server sends no usage", () => {
    const answer = answerOf(read([1100, event(textChunk("a"))], [1200, event(textChunk("b", "stop"))]));
    expect(answer).toMatchObject({ outputTokens: 2, countedBy: "chunks" });
    expect(answer).not.toHaveProperty("promptTokens");
  });

  test("counts a completion's chunk whatever its text", () => {
    expect(answerOf(read([1050, event(textChunk(""))], [1070, event(textChunk("a", "stop"))]))).toMatchObject({
      firstTokenMs: 1050,
      gapsMs: [20],
    });
  });

  test("of a chat counts neither the chunk that says the role nor one that only ends it", () => {
    const answer = answerOf(
      read(
        [1000, chatChunk({ role: "assistant", content: "" })],
        [2000, chatChunk({ reasoning: "a" })],
        [2100, chatChunk({ content: "" })],
        [2200, chatChunk({ tool_calls: [{ index: 0 }] })],
        [2300, chatChunk({ reasoning_content: "b", content: null })],
        [3200, chatChunk({}, "stop")],
      ),
    );
    expect(answer).toMatchObject({ firstTokenMs: 2000, gapsMs: [100, 100, 100], lastTokenMs: 2300 });
  });

  test("does not end without a finish reason where [DONE] came", () => {
    expect(read([1100, event(textChunk("a"))], [1150, event("[DONE]")]).ok).toBe(true);
  });

  test("ends without [DONE] where a finish reason came", () => {
    expect(read([1100, event(textChunk("a", "length"))]).ok).toBe(true);
  });

  test("passes over comments and puts split events together", () => {
    const text = event(textChunk("wörd", "stop"));
    const answer = answerOf(read([1050, ": keep-alive\n\n"], [1100, text.slice(0, 20)], [1130, text.slice(20)]));
    expect(answer).toMatchObject({ firstTokenMs: 1130, outputTokens: 1 });
  });

  test("has gaps of nothing between chunks that came together", () => {
    const answer = answerOf(read([1100, event(textChunk("a")) + event(textChunk("b", "stop"))]));
    expect(answer.gapsMs).toEqual([0]);
  });
});

describe("no answer", () => {
  test.each([
    ["ends with nothing", [[1100, event("[DONE]")]], "no tokens"],
    ["stops in the middle", [[1100, event(textChunk("a"))]], "stream cut"],
    [
      "sends an error after a token",
      [
        [1100, event(textChunk("a"))],
        [1200, event({ error: { message: "engine died" } })],
      ],
      "error in the stream",
    ],
    ["sends what is no JSON", [[1100, "data: {oops\n\n"]], "malformed event"],
    ["sends only usage", [[1100, usage(3, 3) + event("[DONE]")]], "no tokens"],
  ] as const)("a stream that %s is a failure", (_, pieces, kind) => {
    const outcome = read(...pieces);
    expect(outcome).toMatchObject({ ok: false, failure: { kind } });
  });

  test("a connection that breaks tells how far it came", () => {
    const stream = new AnswerStream(0);
    stream.feed(event(textChunk("a")), 5);
    expect(stream.broken("aborted")).toEqual({
      ok: false,
      sentMs: 0,
      failure: { kind: "stream cut", detail: "after 1 chunks: aborted" },
    });
  });
});

test.each([
  [{ error: { message: "too long", code: 400 } }, "too long"],
  [{ message: "no" }, "no"],
  [{ detail: "Not Found" }, "Not Found"],
  ["plain", "plain"],
  [{ code: 3 }, '{"code":3}'],
])("the message of %j is %j", (error, text) => {
  expect(errorText(error)).toBe(text);
});
