import { expect, test } from "vitest";
import type { ReplicaLoad } from "../../../sizing/deployment";
import { estimateMemory } from "../../../sizing/memory/memory";
import { assumedFlags, type GivenFlags } from "../../../sizing/search/assumed-flags";
import { simulateServing } from "../../../sizing/time/simulation";
import { deploymentWith } from "../../support/deployments";

const NOTHING_GIVEN: GivenFlags = { maxModelLen: false, maxNumSeqs: false, gpuMemoryUtilization: false };
const closedLoop = (concurrency: number): ReplicaLoad => ({
  arrivals: { kind: "closed-loop", concurrency },
  inputTokens: 512,
  outputTokens: 630,
});
/** Qwen3-32B in 16 bit fills most of one H100, and 0.11 reserves 5 GiB for the sampler of 1,024 sequences. */
const TIGHT = deploymentWith({
  tensorParallel: 1,
  engine: { name: "vllm", version: "0.11.1" },
  gpuMemoryUtilization: 0.9,
  maxNumSeqs: 1024,
  maxNumBatchedTokens: 8192,
});

test("a default that leaves too little room for the load gives way to the number of clients, and that is said", () => {
  const { deployment, note } = assumedFlags(TIGHT, closedLoop(32), NOTHING_GIVEN);
  expect(deployment.maxNumSeqs).toBe(32);
  expect(deployment.gpuMemoryUtilization).toBe(0.9);
  expect(note).toContain("maxNumSeqs 32");
  expect(estimateMemory(deployment).kvCacheTokens).toBeGreaterThan(32 * (512 + 315));
});

test("a flag that was asked for is never replaced", () => {
  expect(assumedFlags(TIGHT, closedLoop(32), { ...NOTHING_GIVEN, maxNumSeqs: true })).toEqual({ deployment: TIGHT });
});

test("defaults with room for the load, and requests without a load, stay as they are", () => {
  expect(assumedFlags(TIGHT, closedLoop(8), NOTHING_GIVEN)).toEqual({ deployment: TIGHT });
  expect(assumedFlags(TIGHT, undefined, NOTHING_GIVEN)).toEqual({ deployment: TIGHT });
  const roomy = deploymentWith({ tensorParallel: 2 });
  expect(assumedFlags(roomy, closedLoop(64), NOTHING_GIVEN)).toEqual({ deployment: roomy });
});

test("the assumption begins where requests begin to wait, so that no time to the first token jumps there", () => {
  const predictions = [12, 13, 14, 15, 16, 17, 18, 20, 22, 24].map((clients) => {
    const { deployment, note } = assumedFlags(TIGHT, closedLoop(clients), NOTHING_GIVEN);
    const { kvCacheTokens } = estimateMemory(deployment);
    return {
      assumed: note !== undefined,
      ttftMs: simulateServing(deployment, closedLoop(clients), kvCacheTokens).ttft.meanMs,
    };
  });
  expect(new Set(predictions.map(({ assumed }) => assumed)).size).toBe(2);
  for (const [index, { ttftMs }] of predictions.entries()) {
    const before = predictions[index - 1]?.ttftMs ?? ttftMs;
    expect(ttftMs / before).toBeGreaterThan(0.97);
    expect(ttftMs / before).toBeLessThan(1.15);
  }
});

test("utilization rises only where not even one request would fit, and not when it was asked for", () => {
  const starved = { ...TIGHT, gpuMemoryUtilization: 0.78 };
  expect(assumedFlags(starved, closedLoop(1), NOTHING_GIVEN).deployment.gpuMemoryUtilization).toBe(0.95);
  expect(assumedFlags(starved, closedLoop(1), { ...NOTHING_GIVEN, gpuMemoryUtilization: true })).toEqual({
    deployment: starved,
  });
});

test("more clients than the default has places for get places, where the KV cache holds them", () => {
  const roomy = deploymentWith({ tensorParallel: 4, maxNumSeqs: 256, maxNumBatchedTokens: 8192 });
  const { deployment, note } = assumedFlags(roomy, closedLoop(400), NOTHING_GIVEN);
  expect(deployment.maxNumSeqs).toBe(400);
  expect(note).toContain("maxNumSeqs 400");
  expect(assumedFlags(roomy, closedLoop(4000), NOTHING_GIVEN)).toEqual({ deployment: roomy });
  expect(assumedFlags(roomy, closedLoop(400), { ...NOTHING_GIVEN, maxNumSeqs: true })).toEqual({ deployment: roomy });
});
