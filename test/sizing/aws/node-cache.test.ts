import { describe, expect, test } from "vitest";
import { nodeCacheGiB, nodeStorageGiB } from "../../../components/vllm/engine-resources";
import { AWS_MACHINES } from "../../../config/data/aws-machines";
import { predictStartUp } from "../../../sizing/aws/start-up";
import type { Alternative, FeasiblePlan } from "../../../sizing/serving-plan";
import { awsCluster, awsFaults, awsPlan } from "../../support/aws-settings";
import { CATALOG } from "../../support/requests";

const NODE_NVME = { modelCache: "node-nvme" } as const;

const DISKLESS = { instanceType: "g6e.12xlarge", architecture: "amd64", localNvmeGB: 0, networkGbps: 100 } as const;

/** As good as the plan, on another machine. */
function alternative({ hardware, quantization }: FeasiblePlan, instanceType: string): Alternative {
  return {
    ...hardware,
    cloud: "aws",
    instanceType,
    quantization,
    kvCacheDtype: "auto",
    usdPerHour: 1,
    usdPerMonth: 730,
    ttftP95Ms: 900,
    tokensPerSecondPerUser: 30,
    requestsAtMeanLength: 60,
    reason: "as dear",
  };
}

function planWithoutRepository() {
  const plan = awsPlan();
  const { checkpoint: _, ...model } = plan.model;
  return { ...plan, model };
}

describe("weights on the nodes' own disks", () => {
  test("are a copy: the bucket is there too, and the nodes join their disks", () => {
    expect(awsCluster(NODE_NVME)).toMatchObject({
      nodeCache: true,
      modelBucket: "fitserve-test-models-123456789012-us-east-1",
      gpuPool: { instanceStore: true },
    });
    expect(awsCluster().nodeCache).toBe(false);
  });

  test("ask for one copy a node, however many engines it has", () => {
    const [one, four] = [1, 4].map((replicasPerNode) => awsPlan({ replicasPerNode }));
    if (one === undefined || four === undefined) throw new Error("no plans");
    // Each engine more brings its compiled kernels alone: 20 GiB, of which 15 % more stay free.
    expect(nodeCacheGiB(four) - nodeCacheGiB(one)).toBeCloseTo((3 * 20) / 0.85, -1);
    expect(nodeCacheGiB(one)).toBeLessThan(nodeStorageGiB(one));
  });

  test("take the machine's disks also where a copy for each engine would not fit", () => {
    const sizes = { nodeStorageGiB: 8192, nodeCacheGiB: 700 };
    expect(awsCluster(NODE_NVME, sizes).gpuPool.instanceStore).toBe(true);
    expect(awsCluster({}, sizes).gpuPool.instanceStore).toBe(false);
  });

  test("are not put onto a machine that stands in with smaller disks", () => {
    const plan = awsPlan();
    const { instanceType, vcpusPerNode, memoryGiBPerNode } = plan.hardware;
    const listed = CATALOG.offers.find(
      (one) => one.instanceType === instanceType && one.region === "us-east-1" && one.purchase === "on-demand",
    );
    if (listed === undefined) throw new Error(`the list has no ${instanceType}`);
    const twin = { ...listed, instanceType: "g6x.twin", vcpus: vcpusPerNode, memoryGiB: memoryGiBPerNode };
    const known = alternative(plan, twin.instanceType);
    const types = (localNvmeGB: number) =>
      awsCluster(NODE_NVME, {
        plan: { ...plan, alternatives: [known] },
        offers: [...CATALOG.offers, twin],
        machines: [...AWS_MACHINES, { ...DISKLESS, instanceType: twin.instanceType, localNvmeGB }],
      }).gpuPool.instanceTypes;
    expect(types(3800)).toEqual([instanceType, "g6x.twin"]);
    expect(types(100)).toEqual([instanceType]);
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      "disks that do not hold weights and images",
      awsFaults(NODE_NVME, { nodeCacheGiB: 4000 }),
      /modelCache is node-nvme: weights and images need 4000 GiB .* g6e\.12xlarge hold 3185 GiB.*Set modelCache to true/,
    ],
    [
      "a machine without disks",
      awsFaults(NODE_NVME, { machines: [DISKLESS] }),
      /g6e\.12xlarge has no NVMe disks of its own/,
    ],
    ["a network disk", awsFaults({ ...NODE_NVME, gpu: { disk: "gp3" } }), /gpu\.disk is gp3: .*Leave gpu\.disk out/],
    [
      "weights that no repository has",
      awsFaults(NODE_NVME, { plan: planWithoutRepository() }),
      /no repository with these weights of qwen3-32b is known/,
    ],
  ])("are refused for %s", (_, faults, wanted) => {
    expect(faults).toEqual([expect.stringMatching(wanted)]);
  });
});

describe("the start-up time with weights on the nodes' own disks", () => {
  const inputs = { weightsGB: 20, networkGbps: 100, streamed: true };
  const parts = (more: object): Record<string, readonly [number, string]> =>
    Object.fromEntries(
      predictStartUp({ ...inputs, ...more }).parts.map(({ name, seconds, basis }) => [name, [seconds, basis] as const]),
    );

  test("has the copy once, and after it what the disks give", () => {
    expect(parts({ nodeCacheDiskGB: 3800 })).toMatchObject({ copy: [20, "assumed"], weights: [6, "assumed"] });
    expect(parts({})).not.toHaveProperty("copy");
  });

  test("counts the copy for the first start on a node alone", () => {
    const cached = predictStartUp({ ...inputs, nodeCacheDiskGB: 3800 });
    const streamed = predictStartUp(inputs);
    expect(cached.coldSeconds - cached.warmSeconds).toBe(streamed.coldSeconds - streamed.warmSeconds + 20);
  });

  test("says where each of its figures comes from", () => {
    const { parts: listed } = predictStartUp({ ...inputs, nodeCacheDiskGB: 3800 });
    expect(listed.find(({ name }) => name === "weights")?.source).toContain("30 GB/s");
    expect(listed.filter(({ source }) => source === "")).toEqual([]);
  });
});
