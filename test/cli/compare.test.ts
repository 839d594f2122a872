import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CommandLine, type Run } from "../support/command-line";

const commandLine = new CommandLine();

const compare = (...args: string[]): Run => commandLine.run(["compare", ...args]);

beforeAll(() => commandLine.build());
afterAll(() => commandLine.remove());

describe("fitserve compare", () => {
  test("compares the first use where there is no project, and exits 0", () => {
    const { code, out, err } = compare();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^COMPARED {2}qwen3-32b\n/);
  });

  test("prints JSON with the sections that were asked for", () => {
    const { out } = compare("--only", "card", "managed", "--format", "json");
    const value: object = JSON.parse(out);
    expect(Object.keys(value)).toEqual(["schemaVersion", "says", "request", "pins", "plan", "managed", "card"]);
  });

  test("prints Markdown", () => {
    expect(compare("--only", "card", "--format", "markdown").out).toMatch(/^## qwen3-32b: compared\n/);
  });

  test("exits 3 when nothing fits in any precision or on any card", () => {
    expect(compare("--set", "slo.ttftSeconds=0.001", "--only", "precision", "gpus").code).toBe(3);
  });

  test("names every fault of request and options at once, and exits 2", () => {
    const { code, out, err } = compare("--set", "workload.concurrency=-1", "--model-b", "nope", "--share", "2");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.trim().split("\n")).toEqual([
      "workload.concurrency: got -1; wanted a whole number from 1 to 100,000",
      '--model-b: the model "nope" is not in the catalog; wanted a model of the catalog',
      '--share: got "2"; wanted a number from 0 to 1, such as 0.3',
    ]);
  });

  test.each([["NaN"], ["1e9"], ["-0.1"], [""], ["30%"], ["Infinity"]])("a share of %s is refused", (share) => {
    const { code, err } = compare(`--share=${share}`);
    expect(code).toBe(2);
    expect(err).toContain("wanted a number from 0 to 1");
  });

  test("a model beside itself is refused", () => {
    expect(compare("--model-b", "Qwen/Qwen3-32B-AWQ")).toMatchObject({ code: 2, out: "" });
  });

  test("a model whose context is too short for the requests is refused", () => {
    const { code, err } = compare("--model-b", "llama-2-7b", "--set", "workload.promptTokens=8000");
    expect(code).toBe(2);
    expect(err).toContain("a context of 4,096 tokens");
  });

  test("a table that does not exist is refused with those that do", () => {
    const { code, err } = compare("--only", "nope");
    expect(code).toBe(2);
    expect(err).toContain("precision, gpus, clouds, models, managed, hybrid, card");
  });
});
