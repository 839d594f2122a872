import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../../config/catalog";
import { parseServingRequest } from "../../../config/request";
import { planServing } from "../../../sizing/plan";
import { isFeasible } from "../../../sizing/serving-plan";
import { plannedSimulator, simulatorArguments } from "../../../tools/serve/simulator";

describe("a simulated engine", () => {
  it("takes the plan's times and as many requests at once as it plans, under the name that clients use", () => {
    const catalog = loadCatalog();
    const workload = { concurrency: 50, promptTokens: 1024, outputTokens: 512 };
    const request = parseServingRequest({ model: "qwen3-32b", quantization: "int4-w4a16", workload }, catalog);
    if (!request.ok) throw new Error("the request is not valid");
    const plan = planServing(request.request, catalog);
    if (!isFeasible(plan)) throw new Error("no plan fits");
    const settings = plannedSimulator(plan);
    expect(settings).toMatchObject({
      servedName: "qwen3-32b",
      ttftMs: plan.performance.ttftMeanMs.value,
      interTokenMs: plan.performance.tpotMeanMs.value,
      maxNumSeqs: plan.engine.maxNumSeqs,
    });
    const words = simulatorArguments(settings, 8101);
    const valueOf = (flag: string) => words[words.indexOf(flag) + 1];
    expect(valueOf("--time-to-first-token")).toBe(`${Math.round(settings.ttftMs)}ms`);
    expect(valueOf("--inter-token-latency")).toBe(`${Math.round(settings.interTokenMs)}ms`);
    expect(valueOf("--max-num-seqs")).toBe(String(plan.engine.maxNumSeqs));
    expect(valueOf("--port")).toBe("8101");
  });
});
