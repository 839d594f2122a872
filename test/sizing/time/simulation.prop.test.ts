import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Deployment, ReplicaLoad } from "../../../sizing/deployment";
import { QUANTIZATIONS } from "../../../sizing/model/precision";
import { decodeStepMs, simulateServing, type LoadResult } from "../../../sizing/time/simulation";
import {
  A100,
  closedLoop,
  deploymentWith,
  H100,
  L40S,
  openLoop,
  QWEN3_30B_A3B,
  QWEN3_32B,
} from "../../support/deployments";

const RUNS = { numRuns: 40 };
/** Which requests share a step shifts by chance when times change; sums over a run are steady to this. */
const SCHEDULING_NOISE = 0.03;

const deployments: fc.Arbitrary<Deployment> = fc
  .record({
    architecture: fc.constantFrom(QWEN3_32B, QWEN3_30B_A3B),
    gpu: fc.constantFrom(H100, A100, L40S),
    quantization: fc.constantFrom(...QUANTIZATIONS),
    tensorParallel: fc.constantFrom(1, 2, 4),
    pipelineParallel: fc.constantFrom(1, 2),
    version: fc.constantFrom("0.7.2", "0.12.0", "0.33.0"),
    maxNumSeqs: fc.integer({ min: 1, max: 512 }),
    maxNumBatchedTokens: fc.integer({ min: 512, max: 16384 }),
    kvCacheDtype: fc.constantFrom("auto" as const, "fp8" as const),
    enforceEager: fc.boolean(),
  })
  .map(({ version, ...change }) => deploymentWith({ ...change, engine: { name: "vllm", version } }));

const closedLoads: fc.Arbitrary<ReplicaLoad> = fc
  .tuple(fc.integer({ min: 1, max: 96 }), fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 1, max: 400 }))
  .map(([concurrency, input, output]) => closedLoop(concurrency, input, output));

const loads: fc.Arbitrary<ReplicaLoad> = fc.oneof(
  closedLoads,
  fc
    .tuple(
      fc.double({ min: 0.01, max: 200, noNaN: true }),
      fc.double({ min: 1, max: 6000, noNaN: true }),
      fc.double({ min: 1, max: 400, noNaN: true }),
    )
    .map(([rate, input, output]) => openLoop(rate, input, output)),
);

const kvTokens = fc.integer({ min: 0, max: 400_000 });

function numbersOf(result: LoadResult): number[] {
  const { ttft, tpot, endToEnd, itlP50Ms, outputTokensPerSecond } = result;
  return [...[ttft, tpot, endToEnd].flatMap((d) => Object.values(d)), itlP50Ms, outputTokensPerSecond];
}

test("every answer is finite and not negative", () => {
  fc.assert(
    fc.property(deployments, loads, kvTokens, (deployment, load, kv) => {
      for (const value of numbersOf(simulateServing(deployment, load, kv))) {
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(0);
      }
    }),
    RUNS,
  );
});

test("throughput never exceeds what bandwidth or arithmetic allow at their peaks", () => {
  fc.assert(
    fc.property(closedLoads, fc.constantFrom(1, 2, 4), (load, tensorParallel) => {
      const deployment = deploymentWith({ tensorParallel });
      const { outputTokensPerSecond } = simulateServing(deployment, load, 400_000);
      const parameters = 31.98e9 - 151936 * 5120;
      const concurrency = load.arrivals.kind === "closed-loop" ? load.arrivals.concurrency : 0;
      const stepSeconds = (parameters * 2) / (tensorParallel * H100.bandwidthGBPerSecond * 1e9);
      const tokensPerAnswer = (load.inputTokens + load.outputTokens) / load.outputTokens;
      const flopsPerSecond = tensorParallel * H100.bf16Teraflops * 1e12;
      expect(outputTokensPerSecond).toBeLessThan(concurrency / stepSeconds);
      expect(outputTokensPerSecond).toBeLessThan(flopsPerSecond / (2 * parameters * tokensPerAnswer));
    }),
    RUNS,
  );
});

test("more bandwidth never makes a step slower", () => {
  fc.assert(
    fc.property(
      deployments,
      fc.integer({ min: 1, max: 512 }),
      fc.integer({ min: 1, max: 9000 }),
      (deployment, batch, contextTokens) => {
        const faster = {
          ...deployment,
          gpu: { ...deployment.gpu, bandwidthGBPerSecond: deployment.gpu.bandwidthGBPerSecond * 1.3 },
        };
        expect(decodeStepMs(faster, { batch, contextTokens })).toBeLessThan(
          decodeStepMs(deployment, { batch, contextTokens }),
        );
      },
    ),
    RUNS,
  );
});

// Short answers and pipeline stages are left out: faster steps can put prompts into other chunks and micro-batches, as
// in any list scheduler (Graham's anomalies), and then few requests may end later.
test("more bandwidth never makes a run on one stage slower", () => {
  fc.assert(
    fc.property(deployments, closedLoads, (deployment, load) => {
      fc.pre(load.outputTokens >= 32 && deployment.pipelineParallel === 1);
      const gpu = { ...deployment.gpu, bandwidthGBPerSecond: deployment.gpu.bandwidthGBPerSecond * 1.3 };
      const before = simulateServing(deployment, load, 400_000).endToEnd.meanMs;
      const after = simulateServing({ ...deployment, gpu }, load, 400_000).endToEnd.meanMs;
      expect(after).toBeLessThanOrEqual(before * (1 + SCHEDULING_NOISE));
    }),
    RUNS,
  );
});

test("half the KV pool never serves faster", () => {
  fc.assert(
    fc.property(deployments, closedLoads, fc.integer({ min: 2000, max: 200_000 }), (deployment, load, kv) => {
      const whole = simulateServing(deployment, load, kv).outputTokensPerSecond;
      const half = simulateServing(deployment, load, kv / 2).outputTokensPerSecond;
      expect(half).toBeLessThanOrEqual(whole * (1 + SCHEDULING_NOISE));
    }),
    RUNS,
  );
});

test("more sequences or more context never shorten a decode step", () => {
  fc.assert(
    fc.property(
      deployments,
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 9000 }),
      (deployment, batch, contextTokens) => {
        const here = decodeStepMs(deployment, { batch, contextTokens });
        expect(decodeStepMs(deployment, { batch: batch + 1, contextTokens })).toBeGreaterThanOrEqual(here * 0.999999);
        expect(decodeStepMs(deployment, { batch, contextTokens: contextTokens + 100 })).toBeGreaterThanOrEqual(here);
      },
    ),
    RUNS,
  );
});

test("twice the clients never see a shorter median gap while the engine takes them all in", () => {
  fc.assert(
    fc.property(deployments, closedLoads, (deployment, load) => {
      if (load.arrivals.kind !== "closed-loop" || load.outputTokens < 8) return;
      fc.pre(load.arrivals.concurrency * 2 <= deployment.maxNumSeqs);
      const twice = closedLoop(load.arrivals.concurrency * 2, load.inputTokens, load.outputTokens);
      const one = simulateServing(deployment, load, 10_000_000).itlP50Ms;
      const two = simulateServing(deployment, twice, 10_000_000).itlP50Ms;
      expect(two).toBeGreaterThanOrEqual(one * (1 - SCHEDULING_NOISE));
    }),
    RUNS,
  );
});

test("tensor parallelism over PCIe is never faster than over NVLink", () => {
  fc.assert(
    fc.property(deployments, closedLoads, fc.constantFrom(64, 128), (deployment, load, pcieGB) => {
      const pcie: Deployment = { ...deployment, link: { kind: "pcie", gigabytesPerSecond: pcieGB } };
      const nvlink: Deployment = { ...deployment, link: { kind: "nvlink", gigabytesPerSecond: 900 } };
      const slow = simulateServing(pcie, load, 400_000).endToEnd.meanMs;
      const fast = simulateServing(nvlink, load, 400_000).endToEnd.meanMs;
      expect(fast).toBeLessThanOrEqual(slow * (1 + SCHEDULING_NOISE));
    }),
    RUNS,
  );
});
