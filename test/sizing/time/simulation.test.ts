import { describe, expect, test } from "vitest";
import { TIME_VALUES } from "../../../sizing/coefficients";
import { saturationOf } from "../../../sizing/time/saturation";
import { burstTtftMs, decodeStepMs, simulateServing, type LoadResult } from "../../../sizing/time/simulation";
import { compileStepTimer } from "../../../sizing/time/step-time";
import { closedLoop, deploymentWith, L40S, openLoop } from "../../support/deployments";

const AMPLE_KV = 10_000_000;

test("one client with no queue sees the closed form: overhead, prompt step, decode steps", () => {
  const deployment = deploymentWith();
  const timer = compileStepTimer(deployment, TIME_VALUES);
  const { requestMs, parseMs, tokenizeMsPerThousand, responseMs } = TIME_VALUES;
  const prompt = 1000;
  const output = 200;
  const prefillMs = timer.stepMs({
    prefillTokens: prompt,
    prefillTokenPairs: (prompt * prompt) / 2,
    prefillRequests: 1,
    prefillSamples: 1,
    decodeSequences: 0,
    decodeContextTokens: 0,
  });
  let decodeMs = 0;
  for (let produced = 1; produced < output; produced += 1) {
    decodeMs += decodeStepMs(deployment, { batch: 1, contextTokens: prompt + produced - 1 });
  }
  const ttftMs = requestMs + parseMs + tokenizeMsPerThousand + prefillMs + responseMs;
  const result = simulateServing(deployment, closedLoop(1, prompt, output), AMPLE_KV);
  expect(result.ttft.meanMs).toBeCloseTo(ttftMs, 6);
  expect(result.endToEnd.meanMs).toBeCloseTo(ttftMs + decodeMs, 6);
  expect(result.tpot.meanMs).toBeCloseTo(decodeMs / (output - 1), 6);
});

test("equal questions get equal answers", () => {
  const load = closedLoop(50, 1024, 512);
  const first = simulateServing(deploymentWith(), load, 300_000);
  expect(simulateServing(deploymentWith(), load, 300_000)).toEqual(first);
});

test("end to end is first token and the further tokens", () => {
  const { ttft, tpot, endToEnd } = simulateServing(deploymentWith(), closedLoop(16, 1024, 256), AMPLE_KV);
  expect(endToEnd.meanMs).toBeCloseTo(ttft.meanMs + 255 * tpot.meanMs, 6);
});

test("percentiles are in order", () => {
  const { ttft } = simulateServing(deploymentWith(), closedLoop(64, 2048, 256), AMPLE_KV);
  expect(ttft.p50Ms).toBeLessThanOrEqual(ttft.p95Ms);
  expect(ttft.p95Ms).toBeLessThanOrEqual(ttft.p99Ms);
});

test("a closed loop is saturated when its clients wait for room in the pool", () => {
  expect(simulateServing(deploymentWith(), closedLoop(64, 1024, 256), AMPLE_KV).saturated).toBe(false);
  expect(simulateServing(deploymentWith(), closedLoop(64, 1024, 256), 50_000).saturated).toBe(true);
});

test("an open loop below capacity gives what is asked for", () => {
  const result = simulateServing(deploymentWith(), openLoop(2, 512, 200), AMPLE_KV);
  expect(result.saturated).toBe(false);
  expect(result.outputTokensPerSecond / 400).toBeCloseTo(1, 1);
});

test("an overloaded open loop is saturated, with finite answers", () => {
  const result = simulateServing(deploymentWith(), openLoop(500, 4000, 500), 200_000);
  expect(result.saturated).toBe(true);
  expect(Number.isFinite(result.ttft.p99Ms)).toBe(true);
  expect(result.outputTokensPerSecond).toBeLessThan(500 * 500);
});

test("the median gap leaves out the stalls that the mean per token counts", () => {
  const result = simulateServing(deploymentWith(), closedLoop(64, 4096, 256), AMPLE_KV);
  expect(result.itlP50Ms).toBeLessThan(result.tpot.meanMs);
});

test("a burst of fifty prompts of 1,024 tokens on two H100 takes a few seconds", () => {
  // 50 prompts × 1,024 tokens × 2 × 32e9 = 3.2 PFLOP, 1.6 s at peak.
  const burstMs = burstTtftMs(deploymentWith(), closedLoop(50, 1024, 512));
  expect(burstMs).toBeGreaterThan(1700);
  expect(burstMs).toBeLessThan(4500);
});

test("conversations of an open loop find the start of their prompts in the prefix cache", () => {
  const conversation = burstTtftMs(deploymentWith(), openLoop(2, 1024, 512));
  const randomPrompt = burstTtftMs(deploymentWith(), closedLoop(1, 1024, 512));
  expect(conversation).toBeLessThan(randomPrompt);
});

test("an answer says whether measured runs stand behind it", () => {
  expect(simulateServing(deploymentWith(), closedLoop(1, 100, 10), AMPLE_KV).basis).toBe("predicted");
  expect(simulateServing(deploymentWith({ gpu: L40S }), closedLoop(1, 100, 10), AMPLE_KV).basis).toBe("extrapolated");
});

const crowd = (concurrency: number): LoadResult =>
  simulateServing(deploymentWith({ maxNumSeqs: 64 }), closedLoop(concurrency, 512, 64), 400_000);

const atRate = (requestsPerSecond: number): LoadResult =>
  simulateServing(
    deploymentWith(),
    { arrivals: { kind: "open-loop", requestsPerSecond }, inputTokens: 1024, outputTokens: 256 },
    280_000,
  );

describe("more clients than the engine can run", () => {
  test("wait in proportion to their number, at the same throughput", () => {
    const [half, whole, double] = [2048, 4096, 8192].map(crowd);
    expect((whole?.ttft.meanMs ?? 0) / (half?.ttft.meanMs ?? 1)).toBeCloseTo(2, 1);
    expect((double?.ttft.p95Ms ?? 0) / (half?.ttft.p95Ms ?? 1)).toBeCloseTo(4, 0);
    expect(double?.outputTokensPerSecond).toBe(half?.outputTokensPerSecond);
  });

  test.each([200, 1000, 2048, 20_000])(
    "%i of them: clients = throughput × time in the system, less the first turn",
    (clients) => {
      const { endToEnd, outputTokensPerSecond } = crowd(clients);
      const inSystem = ((outputTokensPerSecond / 64) * endToEnd.meanMs) / 1000;
      expect(inSystem / clients).toBeGreaterThan(0.9);
      expect(inSystem / clients).toBeLessThan(1.02);
    },
  );
});

test("an open loop beyond all bounds still tells what the engine can do", () => {
  const busy = atRate(30).outputTokensPerSecond;
  expect(atRate(1_000_000).outputTokensPerSecond).toBeGreaterThan(0.8 * busy);
});

test("an engine keeps up with many short prompts, as far as its budget goes", () => {
  const deployment = deploymentWith({ maxNumSeqs: 512, maxNumBatchedTokens: 8192 });
  const load = closedLoop(512, 512, 64);
  const { outputTokensPerSecond } = simulateServing(deployment, load, AMPLE_KV);
  expect(outputTokensPerSecond / saturationOf(deployment, load, AMPLE_KV).outputTokensPerSecond).toBeGreaterThan(0.85);
  const narrow = simulateServing({ ...deployment, maxNumBatchedTokens: 640 }, load, AMPLE_KV);
  expect(narrow.outputTokensPerSecond).toBeLessThan(outputTokensPerSecond);
});

/** What one more sequence adds to a step of decoding. */
function growthMs(batch: number): number {
  const [before, after] = [batch, batch + 1].map((sequences) =>
    decodeStepMs(deploymentWith(), { batch: sequences, contextTokens: 64 }),
  );
  return (after ?? Number.NaN) - (before ?? Number.NaN);
}

test("a sequence beyond 256 costs the host more than one before", () => {
  expect(growthMs(256) - growthMs(255)).toBeCloseTo(TIME_VALUES.hostMsPerSequenceInCrowd, 3);
  expect(growthMs(400) - growthMs(300)).toBeLessThan(0.01);
});

test("a crowd before a pool that holds few of its long answers waits as long as its pace says", () => {
  const clients = 5000;
  const { endToEnd, outputTokensPerSecond } = simulateServing(
    deploymentWith(),
    closedLoop(clients, 64, 20_000),
    300_000,
  );
  const inSystem = ((outputTokensPerSecond / 20_000) * endToEnd.meanMs) / 1000;
  expect(inSystem / clients).toBeGreaterThan(0.85);
  expect(inSystem / clients).toBeLessThan(1.1);
});
