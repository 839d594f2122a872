import { describe, expect, test } from "vitest";
import { answerLine } from "../../cli/predict";
import { loadCatalog } from "../../config/catalog";
import { FIRST_USE } from "../../config/request/schema";
import { plannedDeployment } from "../../load/planned-deployment";
import type { StartupFigures } from "../../load/startup-log";
import { startupRow, verifyStartup, type VerifiedFigure } from "../../load/verification";
import { verificationTable } from "../../load/verification-table";
import { estimateMemory } from "../../sizing/memory/memory";
import { feasiblePlanOf } from "../support/requests";

const plan = feasiblePlanOf(FIRST_USE);
const planned = plannedDeployment(plan, loadCatalog());
if (planned === undefined) throw new Error("the plan's card is not in the catalog");
const deployment = planned;
const memory = estimateMemory(deployment);

/** An engine that started exactly as planned. */
const asPlanned: StartupFigures = {
  engineVersion: plan.engine.version,
  weightsGiB: memory.weightsGiB,
  activationGiB: memory.activationGiB + (memory.cudaGraphsInActivation ? memory.cudaGraphGiB : 0),
  nonTorchGiB: memory.nonTorchGiB,
  cudaGraphGiB: memory.cudaGraphGiB,
  kvCacheGiB: memory.kvCacheGiB,
  kvCacheTokens: memory.kvCacheTokens,
  maxModelLen: plan.engine.maxModelLen,
  maxNumSeqs: plan.engine.maxNumSeqs,
  maxNumBatchedTokens: plan.engine.maxNumBatchedTokens,
  gpuMemoryUtilization: plan.engine.gpuMemoryUtilization,
  tensorParallel: plan.hardware.tensorParallel,
  pipelineParallel: plan.hardware.pipelineParallel,
};

function failing(found: StartupFigures): VerifiedFigure["name"][] {
  return verifyStartup(plan, deployment, found).flatMap(({ name, verdict }) => (verdict === "fail" ? [name] : []));
}

describe("a start-up beside the plan", () => {
  test("that went as planned passes whole", () => {
    expect(verifyStartup(plan, deployment, asPlanned).map(({ verdict }) => verdict)).toEqual(Array(14).fill("pass"));
  });

  test("fails by a smaller pool, and by a limit that is another", () => {
    const less = { kvCacheGiB: memory.kvCacheGiB - 1, kvCacheTokens: memory.kvCacheTokens - 10_000, maxNumSeqs: 256 };
    expect(failing({ ...asPlanned, ...less })).toEqual(["kvCacheGiB", "kvCacheTokens", "maxNumSeqs"]);
  });

  test("passes with a larger pool", () => {
    expect(
      failing({ ...asPlanned, kvCacheGiB: memory.kvCacheGiB + 3, kvCacheTokens: memory.kvCacheTokens * 2 }),
    ).toEqual([]);
  });

  test("fails where the pool does not hold the planned requests", () => {
    expect(failing({ kvCacheTokens: 1000 })).toEqual(["kvCacheTokens", "loadTokens"]);
  });

  test("says what was not found, and fails nothing for it", () => {
    const figures = verifyStartup(plan, deployment, { weightsGiB: memory.weightsGiB });
    expect(figures.filter(({ verdict }) => verdict === "pass").map(({ name }) => name)).toEqual(["weightsGiB"]);
    const table = verificationTable(plan, figures, { color: false });
    expect(table).toContain("not found: engine version; activation, GiB per GPU;");
    expect(table).not.toMatch(/undefined|NaN|null/);
  });
});

test("the calibration row has the flags that the engine runs with, and predict answers it", () => {
  const about = { modelConfig: undefined, source: "fitserve verify", measuredOn: "2026-11-24" };
  const row = startupRow(plan, { ...asPlanned, maxNumSeqs: 128 }, about);
  expect(row).toMatchObject({
    request: { maxNumSeqs: 128, gpuMemoryUtilization: plan.engine.gpuMemoryUtilization, engine: { version: "0.33.0" } },
    measured: { weightsGiB: memory.weightsGiB, kvCacheTokens: memory.kvCacheTokens },
  });
  const answer = answerLine(JSON.stringify("request" in row ? row.request : {}), 1);
  expect(answer).toHaveProperty("memory.kvCacheTokens");
  expect(answer).not.toHaveProperty("notes");
});
