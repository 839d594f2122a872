import { expect, test } from "vitest";
import { newRequest, type EngineRequest } from "../../../sizing/time/engine-request";
import { Scheduler, type RequestSource, type SchedulerLimits } from "../../../sizing/time/scheduler";
import type { StepBatch, StepTimer } from "../../../sizing/time/step-time";

/** A step takes 1 ms and 1 ms for each 1,000 prompt tokens. */
const TIMER: StepTimer = { stepMs: (batch: StepBatch) => 1 + batch.prefillTokens / 1000 };

const LIMITS: SchedulerLimits = {
  maxNumSeqs: 8,
  maxNumBatchedTokens: 1000,
  kvCacheTokens: 100_000,
  detokenizeMsPerToken: 0,
};

function sourceOf(requests: readonly EngineRequest[]): RequestSource {
  let next = 0;
  return {
    peekMs: () => requests[next]?.arrivalMs ?? Infinity,
    take: () => {
      const request = requests[next];
      if (request === undefined) throw new Error("nothing left");
      next += 1;
      return request;
    },
    finished: () => undefined,
  };
}

function run(requests: readonly EngineRequest[], limits: Partial<SchedulerLimits> = {}): Scheduler {
  const scheduler = new Scheduler({ ...LIMITS, ...limits }, TIMER, sourceOf(requests));
  scheduler.run();
  return scheduler;
}

const request = (arrivalMs: number, prompt: number, output: number, cached = 0): EngineRequest =>
  newRequest(arrivalMs, arrivalMs, prompt, output, cached);

test("one request takes its prompt step and one step for every further token", () => {
  const only = request(0, 500, 11);
  run([only]);
  expect(only.firstTokenMs).toBeCloseTo(1.5, 9);
  expect(only.finishedMs).toBeCloseTo(11.5, 9);
});

test("a prompt above the token budget is computed in chunks", () => {
  const only = request(0, 2500, 1);
  const scheduler = run([only]);
  expect(only.firstTokenMs).toBeCloseTo(3 + 2.5, 9);
  expect(scheduler.maxStepTokens).toBe(1000);
});

test("decoding requests go first and the prompt gets what they leave of the budget", () => {
  const first = request(0, 100, 50);
  const second = request(5, 1000, 2);
  const scheduler = run([first, second]);
  expect(scheduler.maxStepTokens).toBe(1000);
  // 999 tokens fit beside the decoding request, the last one needs another step.
  const joinedMs = 1.1 + 4;
  expect(second.firstTokenMs).toBeCloseTo(joinedMs + 1 + 0.999 + 1 + 0.001, 9);
});

test("requests beyond max_num_seqs wait for a place", () => {
  const requests = Array.from({ length: 3 }, () => request(0, 10, 5));
  run(requests, { maxNumSeqs: 2 });
  const [first, , third] = requests;
  expect(third?.firstTokenMs).toBeGreaterThan(first?.finishedMs ?? Infinity);
});

test("a prompt that does not fit the pool waits until one ends", () => {
  const first = request(0, 600, 20);
  const second = request(0, 600, 20);
  const scheduler = run([first, second], { kvCacheTokens: 1000 });
  expect(scheduler.evictions).toBe(0);
  expect(second.firstTokenMs).toBeGreaterThan(first.finishedMs);
});

test("a full pool evicts the youngest, which computes its tokens again and still gives every one", () => {
  const first = request(0, 400, 200);
  const second = request(0, 400, 200);
  const scheduler = run([first, second], { kvCacheTokens: 1000 });
  expect(scheduler.evictions).toBeGreaterThan(0);
  expect(scheduler.done.map((done) => done.producedTokens)).toEqual([200, 200]);
  expect(first.finishedMs).toBeLessThan(second.finishedMs);
});

test("a cached prefix is not computed again", () => {
  const cold = request(0, 1000, 2);
  const warm = request(0, 1000, 2, 900);
  run([cold]);
  run([warm]);
  expect(cold.firstTokenMs - warm.firstTokenMs).toBeCloseTo(0.9, 9);
});

test("an arrival during a long decode joins at the next step", () => {
  const first = request(0, 100, 1000);
  const second = request(10.35, 100, 2);
  run([first, second]);
  // Steps end at 1.1, 2.1, …, 11.1; the prompt step follows.
  expect(second.firstTokenMs).toBeCloseTo(11.1 + 1.1, 9);
});

test("a slow front-end holds back the steps", () => {
  const fast = request(0, 10, 101);
  const slow = request(0, 10, 101);
  run([fast]);
  run([slow], { detokenizeMsPerToken: 3 });
  expect(slow.finishedMs / fast.finishedMs).toBeCloseTo(3, 1);
});

test("a long prompt in many equal chunks beside a decoding request takes what its steps take one by one", () => {
  const first = request(0, 100, 200);
  const second = request(5, 1010, 2);
  const scheduler = run([first, second], { maxNumBatchedTokens: 11 });
  // The tenth step ends the first prompt and takes 10 tokens of the second, as do 100 more beside one decoding request.
  expect(first.firstTokenMs).toBeCloseTo(10 + 0.11, 9);
  expect(second.firstTokenMs).toBeCloseTo(10 + 0.11 + 100 + 1, 9);
  expect(scheduler.spans.length).toBeLessThan(10);
});

test("a request that ends while a long prompt is computed ends at its own step", () => {
  const first = request(0, 10, 5);
  const second = request(0.5, 1000, 1);
  run([first, second], { maxNumBatchedTokens: 11 });
  expect(first.finishedMs).toBeCloseTo(1.01 + 4 * 1.01, 9);
});

test("a pool too small for all evicts the youngest each time and finishes every request", () => {
  const requests = Array.from({ length: 40 }, (_, i) => request(i * 0.01, 50, 400));
  const scheduler = run(requests, { maxNumSeqs: 40, kvCacheTokens: 2000 });
  expect(scheduler.evictions).toBeGreaterThan(0);
  expect(scheduler.done.length).toBe(40);
  expect(requests[0]?.finishedMs).toBe(Math.min(...requests.map((one) => one.finishedMs)));
});

test.each([
  [900, false],
  [0, true],
])("of a start that is found %d tokens are stored once, the rest by each request", (shared, waits) => {
  const requests = [0, 0].map((arrivalMs) => newRequest(arrivalMs, arrivalMs, 1000, 10, 900, shared));
  const { waitedForRoom } = run(requests, { kvCacheTokens: 1500 });
  expect(waitedForRoom).toBe(waits);
  // Whatever is shared, 100 tokens of a prompt are computed, of both in one step where there is room.
  expect(requests[0]?.firstTokenMs).toBeCloseTo(waits ? 1.1 : 1.2, 9);
});
