import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RecordedAws } from "./support/recorded-aws";

const SERVING = { model: "qwen3-32b", gpu: "H100-SXM5-80GB", tensorParallel: 2 };
const BLOCK = { zone: "use1-az6", reservation: { id: "cr-0123456789abcdef0", kind: "block" } };

// As `fitserve preflight` says it of a block that has not begun.
const UNTIL_THEN = ["--exclude", "**gpu-nodes", "--exclude-dependents"];

describe("a capacity block that has not begun, through the engine", () => {
  const aws = new RecordedAws();

  beforeAll(async () => {
    await aws.prepare();
    aws.configure({ serving: SERVING, aws: { gpu: BLOCK } });
  });
  afterAll(() => aws.remove());

  function live(): string[] {
    return aws.recording.all().map(({ name }) => name);
  }

  it("leaves out the GPU nodes and what waits for them, and makes network, cluster and services", async () => {
    const up = await aws.up(...UNTIL_THEN);
    expect(up).toMatchObject({ code: 0 });
    expect(live()).toEqual(expect.arrayContaining(["cluster-cluster", "cluster-system-nodes", "gpu-template"]));
    expect(live().filter((name) => ["gpu-nodes", "serving-engine-deployment"].includes(name))).toEqual([]);
  });

  it("is completed by a plain up once it has begun, which replaces nothing", async () => {
    const up = await aws.up();
    expect(up).toMatchObject({ code: 0 });
    expect(up.steps.filter(({ operation }) => operation !== "create").map(({ name }) => name)).toEqual([]);
    expect(live()).toEqual(expect.arrayContaining(["gpu-nodes", "serving-engine-deployment"]));
  });
});
