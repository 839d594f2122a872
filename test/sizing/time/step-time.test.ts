import { expect, test } from "vitest";
import { TIME_VALUES } from "../../../sizing/coefficients";
import type { Deployment } from "../../../sizing/deployment";
import { distinctExperts } from "../../../sizing/model/rank-work";
import { allReduceMs } from "../../../sizing/time/collectives";
import { overlapMs } from "../../../sizing/time/roofline";
import { decodeStepMs } from "../../../sizing/time/simulation";
import { compileStepTimer, type StepBatch } from "../../../sizing/time/step-time";
import { A100, deploymentWith, H100, L40S, QWEN3_30B_A3B } from "../../support/deployments";

const decodeMs = (deployment: Deployment, batch: number, contextTokens = 1024): number =>
  decodeStepMs(deployment, { batch, contextTokens });

const prompt = (tokens: number): StepBatch => ({
  prefillTokens: tokens,
  prefillTokenPairs: (tokens * tokens) / 2,
  prefillRequests: 1,
  prefillSamples: 1,
  decodeSequences: 0,
  decodeContextTokens: 0,
});
const promptMs = (deployment: Deployment, tokens: number): number =>
  compileStepTimer(deployment, TIME_VALUES).stepMs(prompt(tokens));

test("overlap lies between the textbook roofline and the sum", () => {
  const ms = overlapMs(3, 4, TIME_VALUES.overlapExponent);
  expect(ms).toBeGreaterThan(4);
  expect(ms).toBeLessThan(7);
});

test("overlap of work that is all memory is its time alone", () => {
  expect(overlapMs(3, 0, 2)).toBe(3);
  expect(overlapMs(0, 0, 2)).toBe(0);
});

test("one token reaches exactly the experts that it is sent to", () => {
  expect(distinctExperts(128, 8, 1, 0.75)).toBeCloseTo(8, 9);
});

test("many tokens reach every expert and never more", () => {
  expect(distinctExperts(128, 8, 5000, 0.75)).toBeCloseTo(128, 6);
  expect(distinctExperts(8, 8, 1, 0.75)).toBe(8);
});

test("a decode step takes longer than reading its weights at full bandwidth", () => {
  const weightBytesPerGpu = 30.5e9;
  expect(decodeMs(deploymentWith(), 1)).toBeGreaterThan(weightBytesPerGpu / (H100.bandwidthGBPerSecond * 1e6));
});

test("INT4 decodes one stream at least half again as fast as 16 bit", () => {
  const sixteenBit = decodeMs(deploymentWith({ tensorParallel: 1 }), 1);
  const int4 = decodeMs(deploymentWith({ tensorParallel: 1, quantization: "int4-w4a16" }), 1);
  expect(sixteenBit / int4).toBeGreaterThan(1.5);
});

test("INT4 loses its lead as the batch grows", () => {
  const sixteenBit = deploymentWith({ gpu: A100, tensorParallel: 1 });
  const int4: Deployment = { ...sixteenBit, quantization: "int4-w4a16" };
  const [one = 0, sixtyFour = 0, many = 0] = [1, 64, 256].map(
    (batch) => decodeMs(sixteenBit, batch, 128) / decodeMs(int4, batch, 128),
  );
  expect(one).toBeGreaterThan(sixtyFour);
  expect(sixtyFour).toBeGreaterThan(many);
});

test("INT4 computes prompts slower than 16 bit on A100", () => {
  const sixteenBit = deploymentWith({ gpu: A100 });
  expect(promptMs({ ...sixteenBit, quantization: "int4-w4a16" }, 2048)).toBeGreaterThan(promptMs(sixteenBit, 2048));
});

test("FP8 computes prompts faster than 16 bit where there are tensor cores for it", () => {
  expect(promptMs(deploymentWith({ quantization: "fp8" }), 2048)).toBeLessThan(promptMs(deploymentWith(), 2048));
});

test("FP8 on A100 is weight-only: faster for one stream, slower for a prompt", () => {
  const sixteenBit = deploymentWith({ gpu: A100 });
  const fp8: Deployment = { ...sixteenBit, quantization: "fp8" };
  expect(decodeMs(fp8, 1)).toBeLessThan(decodeMs(sixteenBit, 1));
  expect(promptMs(fp8, 2048)).toBeGreaterThan(promptMs(sixteenBit, 2048));
});

test("a mixture decodes one stream faster than a dense model of its size", () => {
  expect(decodeMs(deploymentWith({ architecture: QWEN3_30B_A3B }), 1)).toBeLessThan(decodeMs(deploymentWith(), 1) / 2);
});

test("eager mode launches every kernel and is slower", () => {
  expect(decodeMs(deploymentWith({ enforceEager: true }), 1)).toBeGreaterThan(decodeMs(deploymentWith(), 1) + 5);
});

test("asynchronous scheduling takes host time off the step", () => {
  const older = deploymentWith({ engine: { name: "vllm", version: "0.12.0" } });
  expect(decodeMs(deploymentWith(), 128)).toBeLessThan(decodeMs(older, 128));
});

test("one GPU reduces nothing", () => {
  expect(allReduceMs(deploymentWith({ tensorParallel: 1 }), 64, TIME_VALUES)).toBe(0);
});

test("two L40S lose more to their PCIe link than to a link like NVLink", () => {
  const pcie = deploymentWith({ gpu: L40S });
  const nvlink = deploymentWith({ gpu: L40S, link: H100.link });
  expect(decodeMs(pcie, 16)).toBeGreaterThan(decodeMs(nvlink, 16));
});

test("a pipeline does not make one token faster", () => {
  const single = deploymentWith({ tensorParallel: 1 });
  const pipeline = deploymentWith({ tensorParallel: 1, pipelineParallel: 2 });
  expect(decodeMs(pipeline, 1)).toBeGreaterThan(decodeMs(single, 1));
});

test("an 8-bit KV cache shortens steps with much context", () => {
  const fp8Cache = deploymentWith({ kvCacheDtype: "fp8" });
  expect(decodeMs(fp8Cache, 64, 8192)).toBeLessThan(decodeMs(deploymentWith(), 64, 8192));
});
