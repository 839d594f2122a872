import type http from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { acceptedPerReplica, gatewayLimits } from "../../../components/gateway/limits";
import { type Answer, chat } from "./support/client";
import { RecordingEngine } from "./support/recording-engine";
import { planFor, ServingStack } from "./support/serving-stack";

const KEY = "key-of-the-first-client-0123456789";
const TOKENS = 20;
const ENGINE = { ttftMs: 200, interTokenMs: 100 };
/**
 * Nobody is done before a busy machine has sent the last request of a burst; and the way in alone refuses, because the
 * simulator says to a stream that its queue is full with status 200, where vLLM answers 503.
 */
const PATIENT_ENGINE = { ttftMs: 500, interTokenMs: 150, maxQueued: 1000 };
const ANSWER_MS = ENGINE.ttftMs + (TOKENS - 1) * ENGINE.interTokenMs;

describe("more requests than the engines run at once", () => {
  let stack: ServingStack;
  const plan = planFor(50);

  afterEach(async () => {
    await stack.stop();
  });

  const burst = (count: number, onAnswer?: (answer: Answer) => void) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const answer = await chat(stack.port, { key: KEY, maxTokens: TOKENS });
        onAnswer?.(answer);
        return answer;
      }),
    );

  it("the 51st waits until one of the 50 before it is done, and is then answered whole", async () => {
    const fifty = { ...ENGINE, maxNumSeqs: 50 };
    const { engines } = (stack = await ServingStack.start({ plan, engine: fifty, clients: { first: KEY } }));
    const [engine] = engines;
    if (engine === undefined) throw new Error("no engine");
    await stack.announce([engine]);
    await settled(stack, engines.length);
    const fiftyOthers = burst(50);
    await until(async () => (await engine.load()).running === 50);
    const next = chat(stack.port, { key: KEY, maxTokens: TOKENS });
    await until(async () => (await engine.load()).waiting === 1);
    const late = await next;
    const others = await fiftyOthers;
    for (const answer of [...others, late]) expect(answer).toMatchObject({ status: 200, complete: true });
    for (const answer of others) expect(answer.tokenMs[0]).toBeLessThan(ANSWER_MS);
    expect(late.endMs).toBeGreaterThan(ANSWER_MS);
  });

  it("beyond the bounded queue the answer is 503 or 429 at once, and nobody who was let in is cut", async () => {
    stack = await ServingStack.start({ plan, engine: PATIENT_ENGINE, clients: { first: KEY } });
    const { requestsAccepted, retryAfterSeconds } = gatewayLimits(plan);
    const order: number[] = [];
    const answers = await burst(requestsAccepted + 100, ({ status }) => order.push(status));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThanOrEqual(50);
    for (const answer of refused) expect([429, 503]).toContain(answer.status);
    for (const answer of refused.filter(({ status }) => status === 503)) {
      expect(answer.headers["retry-after"]).toBe(String(retryAfterSeconds));
      expect(JSON.parse(answer.body)).toMatchObject({ error: { type: "overloaded_error", code: "503" } });
    }
    // Who is refused learns it before the first who was let in has an answer, not after waiting in vain.
    expect(order.slice(0, Math.floor(refused.length / 2))).not.toContain(200);
    const served = answers.filter(({ status }) => status === 200);
    expect(served.length).toBeGreaterThanOrEqual(acceptedPerReplica(plan));
    for (const answer of served) expect(answer).toMatchObject({ complete: true });
    // An overload is over when it is over.
    expect(await chat(stack.port, { key: KEY })).toMatchObject({ status: 200, complete: true });
  });

  it("a refusal is not tried again at another engine: each request reaches one engine once", async () => {
    const engines = [await RecordingEngine.start(full), await RecordingEngine.start(full)];
    try {
      stack = await ServingStack.start({ plan, clients: { first: KEY }, enginePorts: engines.map(({ port }) => port) });
      const requests = 30;
      const answers = await burst(requests);
      expect(answers.filter(({ status }) => status !== 503)).toEqual([]);
      expect(engines.reduce((sum, { received }) => sum + received.length, 0)).toBe(requests);
    } finally {
      for (const engine of engines) engine.stop();
    }
  });
});

function full(response: http.ServerResponse): void {
  response.writeHead(503).end();
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await delay(20);
}

/** Waits until the replicas that were announced are the only ones that get requests. */
async function settled(stack: ServingStack, requests: number): Promise<void> {
  const [first, ...others] = stack.engines;
  for (;;) {
    const before = await Promise.all(others.map((engine) => engine.answered()));
    await Promise.all(Array.from({ length: requests * 4 }, () => chat(stack.port, { key: KEY, maxTokens: 1 })));
    const after = await Promise.all(others.map((engine) => engine.answered()));
    if (first !== undefined && before.every((count, index) => count === after[index])) return;
  }
}
