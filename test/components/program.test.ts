import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { registeredBy, settled } from "../support/pulumi-mocks";

const SERVING = {
  model: "qwen3-32b",
  quantization: "int4-w4a16",
  workload: { concurrency: 50, promptTokens: 1024, outputTokens: 512 },
  slo: { ttftSeconds: 1.5, tokensPerSecondPerUser: 20 },
  target: "local",
  tensorParallel: 2,
};
const CLIENT_KEYS = JSON.stringify({ ada: "0123456789abcdef" });

/** Runs index.ts as Pulumi does: configuration first, then the module. */
async function runProgram(serving: object | undefined, more: Record<string, string> = {}) {
  const config = {
    "fitserve:clientKeys": CLIENT_KEYS,
    ...(serving === undefined ? {} : { "fitserve:serving": JSON.stringify(serving) }),
    ...more,
  };
  pulumi.runtime.setAllConfig(config, ["fitserve:clientKeys"]);
  const { built, resources } = await registeredBy(() => import("../../index"));
  return { program: await built, resources };
}

beforeEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

describe("the program", () => {
  test("exports size, cost, verdict and endpoint of what it builds", async () => {
    const { program } = await runProgram(SERVING);
    expect(program.sizing).toMatchObject({ model: "qwen3-32b", quantization: "int4-w4a16", gpusPerReplica: 2 });
    expect(program.cost.usdPerHour).toBeGreaterThan(0);
    expect(program.verdict.status).toBe("accepted");
    expect((await settled(program.endpoint)).value.model).toBe("qwen3-32b");
    await pulumi.runtime.disconnect();
  });

  test("builds a refused plan, so that the policy pack can refuse its resources", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const { program } = await runProgram({ ...SERVING, quantization: "bf16" });
    expect(program.verdict.status).toBe("refused");
    expect(warn.mock.calls.map(([message]) => message)).toEqual([expect.stringMatching(/policies .*refuse this plan/)]);
    await pulumi.runtime.disconnect();
  });

  test.each<[string, object | undefined, Record<string, string>, RegExp]>([
    ["no request", undefined, {}, /fitserve:serving is missing/],
    ["a faulty request", { ...SERVING, workload: { concurrency: 1.5 } }, {}, /workload\.concurrency: got 1\.5/],
    ["a target of later", { ...SERVING, target: "aws" }, {}, /target is aws, .*local .*existing/],
    ["an SLO that nothing meets", { ...SERVING, slo: { ttftSeconds: 0.0001 } }, {}, /No plan fits this request/],
    ["a misspelt setting", SERVING, { "fitserve:contxt": "x" }, /meant was fitserve:context\?/],
    ["a kubeconfig that is not there", SERVING, { "fitserve:kubeconfig": "/nope" }, /there is no such file/],
  ])("%s stops it with a message and no stack", async (_, serving, more, wanted) => {
    const error: unknown = await runProgram(serving, more).catch((caught: unknown) => caught);
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect(String(error)).toMatch(wanted);
  });
});
