import { describe, expect, test } from "vitest";
import { parseRequestText } from "../../../config/request/text";

function messagesOf(text: string): readonly string[] {
  const result = parseRequestText(text);
  return result.ok ? [] : result.faults.map((fault) => fault.message);
}

describe("the text of a request", () => {
  test("YAML and JSON give the same value", () => {
    const value = { model: "qwen3-32b", workload: { concurrency: 50 } };
    expect(parseRequestText(JSON.stringify(value))).toEqual({ ok: true, value });
    expect(parseRequestText("model: qwen3-32b\nworkload: {concurrency: 50}\n")).toEqual({ ok: true, value });
  });

  test("text that is not YAML is placed by line and column", () => {
    expect(messagesOf("model: qwen3-32b\nworkload: {concurrency: 50\n")[0]).toMatch(/^request: line \d+, column \d+: /);
  });

  test("a key that is there twice is a fault, because either could be meant", () => {
    expect(messagesOf("model: a\nmodel: b\n")).toEqual(["request: line 2, column 1: Map keys must be unique"]);
  });

  test("what the parser says twice is one fault", () => {
    const messages = messagesOf("workload: [[[");
    expect(new Set(messages).size).toBe(messages.length);
  });

  test("text that nests without end is one fault, in words", () => {
    expect(messagesOf(`model: ${"[".repeat(100_000)}`)).toEqual(["request: it nests too deeply to be read"]);
  });

  test("anchors that multiply are cut off", () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]",
      "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]",
      "d: [*c,*c,*c,*c,*c,*c,*c,*c,*c]",
    ].join("\n");
    expect(messagesOf(bomb)).toEqual(["request: Excessive alias count indicates a resource exhaustion attack"]);
  });
});
