import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { AWS_ANSWERS } from "../support/aws-answers";
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

function onAws(change: object = {}): Record<string, string> {
  const settings = { accountId: "123456789012", region: "us-east-1", endpoint: { access: "private" }, ...change };
  return { "fitserve:aws": JSON.stringify(settings) };
}

/** Runs index.ts as Pulumi does: configuration first, then the module. */
async function runProgram(serving: object | undefined, more: Record<string, string> = {}) {
  const config = {
    "fitserve:clientKeys": CLIENT_KEYS,
    ...(serving === undefined ? {} : { "fitserve:serving": JSON.stringify(serving) }),
    ...more,
  };
  pulumi.runtime.setAllConfig(config, ["fitserve:clientKeys"]);
  const { built: program, resources } = await registeredBy(() => import("../../index"), AWS_ANSWERS);
  return { program, resources };
}

beforeEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

// The first test of each target loads its SDK, which takes a busy machine longer than the five seconds of a test.
describe("the program", { timeout: 60_000 }, () => {
  test("exports size, cost, verdict and endpoint of what it builds", async () => {
    const { program } = await runProgram(SERVING);
    expect(program.sizing).toMatchObject({ model: "qwen3-32b", quantization: "int4-w4a16", gpusPerReplica: 2 });
    expect(program.cost.usdPerHour).toBeGreaterThan(0);
    expect(program.verdict.status).toBe("accepted");
    expect((await settled(program.endpoint)).value.model).toBe("qwen3-32b");
    await pulumi.runtime.disconnect();
  });

  test("installs the gateway where that is asked for", async () => {
    const { resources } = await runProgram({ ...SERVING, target: "existing" }, { "fitserve:installGateway": "true" });
    const releases = resources.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
    expect(releases.map(({ name }) => name).toSorted()).toEqual([
      "gateway-ai-gateway",
      "gateway-ai-gateway-crds",
      "gateway-envoy-gateway",
    ]);
    expect(resources.map(({ name }) => name)).toContain("serving-gateway-class");
    await pulumi.runtime.disconnect();
  });

  test("on AWS refuses shared limits without a Redis", async () => {
    const limits = { "fitserve:rateLimits": '{"scope":"shared","tokensPerMinute":1000}' };
    await expect(runProgram({ ...SERVING, target: "aws" }, { ...onAws(), ...limits })).rejects.toThrow(
      /fitserve:rateLimits\.scope shared needs rateLimits\.redis/,
    );
  });

  test.each([
    ["local", /target is local, on which no controller runs/],
    ["aws", /target is aws, which installs the gateway anyway/],
  ])("installs no gateway on the target %s", async (target, wanted) => {
    const more = target === "aws" ? onAws() : {};
    await expect(runProgram({ ...SERVING, target }, { "fitserve:installGateway": "true", ...more })).rejects.toThrow(
      wanted,
    );
  });

  test("on AWS exports the cluster, how long its first answer takes, and the address of the load balancer", async () => {
    const { program } = await runProgram({ ...SERVING, target: "aws" }, onAws());
    expect(program.cluster).toMatchObject({ name: expect.stringContaining("-"), kubernetes: "1.35" });
    expect(program.cluster).toHaveProperty("startUpSeconds.cold");
    expect((await settled(program.endpoint)).value).toMatchObject({ model: "qwen3-32b" });
    await pulumi.runtime.disconnect();
  });

  test("on AWS says from where an engine has its weights, and what each part of the start-up time rests on", async () => {
    const { program } = await runProgram({ ...SERVING, target: "aws" }, onAws({ modelCache: "node-nvme" }));
    expect(program.cluster).toMatchObject({
      weights: expect.stringMatching(/^on the nodes' disks, from .*-models-123456789012-us-east-1$/),
      startUpBasis: {
        copy: expect.stringMatching(/^assumed: .*once a node$/),
        weights: expect.stringMatching(/^assumed: .*30 GB\/s/),
      },
    });
    expect(program.cluster).toHaveProperty("startUpSeconds.copy");
    await settled(program.endpoint);
    await pulumi.runtime.disconnect();
  });

  test("on a local cluster exports nothing of AWS, and does not load its SDK", async () => {
    const { program, resources } = await runProgram(SERVING);
    expect(program.cluster).toEqual({ target: "local" });
    expect(resources.length).toBeGreaterThan(10);
    expect(resources.filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
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
    [
      "AWS without an account",
      { ...SERVING, target: "aws" },
      {},
      /fitserve:aws is not valid[^]*aws\.accountId: got nothing/,
    ],
    [
      "a region without the machine",
      { ...SERVING, target: "aws" },
      onAws({ region: "eu-west-1" }),
      /No cluster can be made[^]*eu-west-1, where no /,
    ],
    [
      "weights on the nodes' disks of a cluster that is not of AWS",
      SERVING,
      onAws({ modelCache: "node-nvme" }),
      /aws\.modelCache is node-nvme, but fitserve:serving\.target is local/,
    ],
    ["an SLO that nothing meets", { ...SERVING, slo: { ttftSeconds: 0.0001 } }, {}, /No plan fits this request/],
    ["a misspelt setting", SERVING, { "fitserve:contxt": "x" }, /meant was fitserve:context\?/],
    ["a kubeconfig that is not there", SERVING, { "fitserve:kubeconfig": "/nope" }, /there is no such file/],
  ])("%s stops it with a message and no stack", async (_, serving, more, wanted) => {
    const error: unknown = await runProgram(serving, more).catch((caught: unknown) => caught);
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect(String(error)).toMatch(wanted);
  });
});
