import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { LISTENER_PORT } from "../../../tools/serve/serving-settings";
import { type Answer, chat } from "./support/client";
import { planFor, ServingStack } from "./support/serving-stack";

const FIRST = "key-of-the-first-client-0123456789";
const SECOND = "key-of-the-second-client-012345678";
const clients = { first: FIRST, second: SECOND };
const plan = planFor(50);
const ENGINE = { ttftMs: 50, interTokenMs: 10 };
const LONGEST_WAIT_MS = 70_000;

describe("a client that has used up its minute", () => {
  let stack: ServingStack | undefined;

  afterEach(async () => {
    await stack?.stop();
    stack = undefined;
  });

  it("of requests gets 429, others do not, and later it is served again", async () => {
    const rateLimits = { scope: "proxy", everyClient: { requestsPerMinute: 5 } } as const;
    stack = await ServingStack.start({ plan, clients, engine: ENGINE, options: { rateLimits } });
    const answers: Answer[] = [];
    for (let count = 0; count < 6; count += 1) answers.push(await ask(FIRST, 2));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429]);
    for (const answer of answers.slice(5)) expectRefusal(answer);
    expect(await ask(SECOND, 2)).toMatchObject({ status: 200 });
    expect(await until(200, FIRST, 2)).toMatchObject({ status: 200, complete: true });
  });

  it("of tokens gets 429 from all proxies together, others do not, and after the minute it is served again", async () => {
    const rateLimits = { scope: "shared", everyClient: { tokensPerMinute: 100 } } as const;
    stack = await ServingStack.start({ plan, clients, engine: ENGINE, options: { rateLimits }, countTogether: true });
    // The rules reach the service some seconds after its start, and its minutes begin with those of the clock.
    expectRefusal(await until(429, FIRST, 60));
    expect(await ask(SECOND, 2)).toMatchObject({ status: 200, complete: true });
    expect(await until(200, FIRST, 2)).toMatchObject({ status: 200, complete: true });
  });
});

function ask(key: string, maxTokens: number): Promise<Answer> {
  return chat(LISTENER_PORT, { key, maxTokens });
}

function expectRefusal(answer: Answer): void {
  expect(answer.status).toBe(429);
  expect(answer.headers["retry-after"]).toBe("60");
  expect(JSON.parse(answer.body)).toMatchObject({ error: { type: "rate_limit_error" } });
}

/** Asks until an answer has this status, or for more than a minute. */
async function until(status: number, key: string, maxTokens: number): Promise<Answer> {
  const end = performance.now() + LONGEST_WAIT_MS;
  let answer = await ask(key, maxTokens);
  while (answer.status !== status && performance.now() < end) {
    await delay(500);
    answer = await ask(key, maxTokens);
  }
  return answer;
}
