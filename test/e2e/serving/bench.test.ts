import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runBench, type BenchResult } from "../../../load/bench";
import { Endpoint } from "../../../load/endpoint";
import type { Api } from "../../../load/workload";
import { type Answer, chat } from "./support/client";
import { planFor, ServingStack } from "./support/serving-stack";

const KEY = "key-of-the-bench-0123456789";
const CLIENTS = 8;
const REQUESTS = 24;
const TOKENS = 12;
/** So slow that two cores are no limit. */
const ENGINE = { ttftMs: 1000, interTokenMs: 250, maxNumSeqs: 2 * CLIENTS };
/** Share by which two runs may differ. */
const SAME = 0.05;

/** The same load by a reader that shares nothing with the bench. */
async function readDirectly(port: number): Promise<readonly Answer[]> {
  const clients = Array.from({ length: CLIENTS }, async () => {
    const answers: Answer[] = [];
    for (let index = 0; index < REQUESTS / CLIENTS; index += 1)
      answers.push(await chat(port, { key: KEY, maxTokens: TOKENS, prompt: "word ".repeat(64) }));
    return answers;
  });
  return (await Promise.all(clients)).flat();
}

async function bench(port: number, api: Api): Promise<BenchResult> {
  const endpoint = new Endpoint({ url: new URL(`http://127.0.0.1:${port}`), apiKey: KEY });
  try {
    return await runBench(endpoint, {
      api,
      model: "qwen3-32b",
      prompts: REQUESTS,
      inputTokens: 64,
      outputTokens: TOKENS,
      spread: 0,
      seed: 1,
      ignoreEos: true,
      arrivals: "burst",
      concurrency: CLIENTS,
      warmUp: 0,
      timeoutMs: 60_000,
      signal: new AbortController().signal,
      onPhase: () => undefined,
      onOutcome: () => undefined,
    });
  } finally {
    endpoint.close();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("bench through the gateway", () => {
  let stack: ServingStack;
  let direct: readonly Answer[];
  let measured: BenchResult;

  beforeAll(async () => {
    stack = await ServingStack.start({ plan: planFor(2 * CLIENTS), engine: ENGINE, clients: { bench: KEY } });
    // At the same time: what else the machine does then slows both.
    [direct, measured] = await Promise.all([readDirectly(stack.port), bench(stack.port, "chat")]);
  });

  afterAll(async () => {
    await stack.stop();
  });

  it("measures every request, with the lengths that were asked for", () => {
    expect(measured.summary).toMatchObject({
      completed: REQUESTS,
      failed: 0,
      meanOutputTokens: TOKENS,
      countedByChunks: 0,
    });
    expect(measured.client).not.toHaveProperty("limit");
    expect(measured.isScaleMeasured).toBe(true);
    expect(Math.abs((measured.summary.meanPromptTokens ?? 0) / 64 - 1)).toBeLessThan(SAME);
  });

  it("sees the latencies that a direct reader sees", () => {
    const { ttft, tpot, endToEnd } = measured.summary;
    const firstMs = mean(direct.map(({ tokenMs }) => tokenMs[0] ?? 0));
    const lastMs = mean(direct.map(({ tokenMs }) => tokenMs.at(-1) ?? 0));
    expect(Math.abs((ttft?.meanMs ?? 0) / firstMs - 1)).toBeLessThan(SAME);
    expect(Math.abs((tpot?.meanMs ?? 0) / ((lastMs - firstMs) / (TOKENS - 1)) - 1)).toBeLessThan(SAME);
    expect(Math.abs((endToEnd?.meanMs ?? 0) / lastMs - 1)).toBeLessThan(SAME);
  });

  it("counts the tokens a second that a direct reader counts", () => {
    const wholeMs = mean(direct.map(({ endMs }) => endMs)) * (REQUESTS / CLIENTS);
    const directly = (REQUESTS * TOKENS * 1000) / wholeMs;
    expect(Math.abs(measured.summary.outputTokensPerSecond / directly - 1)).toBeLessThan(SAME);
  });

  it("sees the same by the completions API of an engine itself", async () => {
    const [engine] = stack.engines;
    const { summary } = await bench(engine?.port ?? 0, "completions");
    expect(summary).toMatchObject({ completed: REQUESTS, failed: 0, meanOutputTokens: TOKENS });
    expect(Math.abs((summary.tpot?.meanMs ?? 0) / (measured.summary.tpot?.meanMs ?? 0) - 1)).toBeLessThan(SAME);
  });
});
