import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, chat, gaps } from "./support/client";
import { RecordingEngine } from "./support/recording-engine";
import { planFor, ServingStack } from "./support/serving-stack";

const KEY = "key-of-the-first-client-0123456789";

/** Slow enough that two cores are no limit for hundreds of streams. */
const INTER_TOKEN_MS = 250;
const TTFT_MS = 500;
const TOKENS = 24;

/** What a busy machine may add; an answer that was held back would come late by all of its tokens. */
const SLACK_MS = 2000;

describe.each([50, 500])("%i streams at once", (concurrency) => {
  let stack: ServingStack;
  let answers: Answer[];

  beforeAll(async () => {
    // Room for all at each replica: a burst is not spread evenly to the last request, and no engine is to hold one back.
    const engine = { ttftMs: TTFT_MS, interTokenMs: INTER_TOKEN_MS, maxNumSeqs: concurrency };
    stack = await ServingStack.start({ plan: planFor(concurrency), engine, clients: { first: KEY } });
    answers = await Promise.all(
      Array.from({ length: concurrency }, () => chat(stack.port, { key: KEY, maxTokens: TOKENS })),
    );
  });

  afterAll(async () => {
    await stack.stop();
  });

  it("are all accepted and none is cut", () => {
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.filter(({ complete }) => !complete)).toEqual([]);
    expect(answers.map(({ tokenMs }) => tokenMs.length).filter((count) => count !== TOKENS)).toEqual([]);
  });

  it("are not held back: the first token of each comes when its engine writes it", () => {
    const wholeAnswerMs = TTFT_MS + (TOKENS - 1) * INTER_TOKEN_MS;
    for (const { tokenMs } of answers) {
      expect(tokenMs[0]).toBeGreaterThanOrEqual(TTFT_MS * 0.9);
      expect(tokenMs[0]).toBeLessThan(Math.min(TTFT_MS + SLACK_MS, wholeAnswerMs / 2));
    }
  });

  it("come token by token, at the engines' pace", () => {
    const medians = answers.map((answer) => gaps(answer).medianMs).toSorted((one, other) => one - other);
    const longest = Math.max(...answers.map((answer) => gaps(answer).longestMs));
    expect(medians[0]).toBeGreaterThan(INTER_TOKEN_MS * 0.5);
    expect(medians.at(-1)).toBeLessThan(INTER_TOKEN_MS * 2);
    expect(longest).toBeLessThan(INTER_TOKEN_MS + SLACK_MS);
  });

  // Not evenly: the proxy counts what is under way on connections that it has, and a burst comes before there are any.
  it("reach every replica", async () => {
    const counts = await answeredByEach(stack);
    expect(sum(counts)).toBe(concurrency);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});

describe("500 streams that begin within seconds of each other", () => {
  it("are spread evenly over the replicas", async () => {
    const concurrency = 500;
    // So long that none ends before the last has begun.
    const engine = { ttftMs: TTFT_MS, interTokenMs: 2 * INTER_TOKEN_MS, maxNumSeqs: concurrency };
    const stack = await ServingStack.start({ plan: planFor(concurrency), engine, clients: { first: KEY } });
    try {
      const answers: Promise<Answer>[] = [];
      while (answers.length < concurrency) {
        answers.push(chat(stack.port, { key: KEY, maxTokens: TOKENS }));
        await delay(10);
      }
      await Promise.all(answers);
      const counts = await answeredByEach(stack);
      expect(sum(counts)).toBe(concurrency);
      for (const count of counts) expect(count).toBeGreaterThan(concurrency / counts.length / 2);
    } finally {
      await stack.stop();
    }
  });
});

function answeredByEach(stack: ServingStack): Promise<number[]> {
  return Promise.all(stack.engines.map((engine) => engine.answered()));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

describe("a stream on which nothing moves yet", () => {
  it("gets the comments that the engine sends meanwhile, and the answer after them", async () => {
    const token = 'data: {"choices":[{"index":0,"delta":{"content":"To"}}]}\n\n';
    const engine = await RecordingEngine.start((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(": keep-alive\n\n");
      setTimeout(() => response.end(`: keep-alive\n\n${token}data: [DONE]\n\n`), 1000);
    });
    const stack = await ServingStack.start({ plan: planFor(50), enginePorts: [engine.port], clients: { first: KEY } });
    try {
      const answer = await chat(stack.port, { key: KEY });
      expect(answer).toMatchObject({ status: 200, complete: true });
      expect(answer.tokenMs).toHaveLength(1);
      expect(answer.body.match(/^: keep-alive$/gm)).toHaveLength(2);
    } finally {
      await stack.stop();
      engine.stop();
    }
  });
});

/** Envoy Gateway's limit on a stream on which nothing moves is five minutes where nobody sets another. */
const LONGER_THAN_DEFAULTS_MS = 310_000;

describe("a generation that is longer than every default time limit", () => {
  it("ends by itself after 310 seconds, streamed or silent", { timeout: 400_000 }, async () => {
    const interTokenMs = 2000;
    const tokens = 1 + LONGER_THAN_DEFAULTS_MS / interTokenMs;
    const engine = { ttftMs: 1000, interTokenMs };
    const stack = await ServingStack.start({ plan: planFor(50), engine, clients: { first: KEY } });
    try {
      const streamed = chat(stack.port, { key: KEY, maxTokens: tokens });
      // Nothing moves on this connection for as long: the engine sends it in one piece.
      const whole = chat(stack.port, { key: KEY, maxTokens: tokens, stream: false });
      for (const answer of await Promise.all([streamed, whole])) {
        expect(answer).toMatchObject({ status: 200, complete: true });
        expect(answer.endMs).toBeGreaterThan(LONGER_THAN_DEFAULTS_MS - 5000);
      }
      expect((await streamed).tokenMs).toHaveLength(tokens);
    } finally {
      await stack.stop();
    }
  });
});
