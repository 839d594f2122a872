import { describe, expect, test } from "vitest";
import { mostNodes } from "../../../sizing/aws/karpenter";
import { systemPoolFault, systemRequests } from "../../../sizing/cost/system-pool";
import { awsCluster, awsFaults, awsPlan } from "../../support/aws-settings";

const GPU = { disk: "auto", provisioner: "karpenter" } as const;
const BLOCK = { id: "cr-0123456789abcdef0", kind: "block" } as const;

describe("a plan whose nodes Karpenter makes", () => {
  test("has the same machines as with a managed group, and a controller", () => {
    const { provisioner, ...pool } = awsCluster({ gpu: GPU }).gpuPool;
    const { provisioner: other, ...managed } = awsCluster().gpuPool;
    expect(pool).toEqual(managed);
    expect([provisioner, other]).toEqual(["karpenter", "managed-group"]);
    expect([awsCluster({ gpu: GPU }).karpenter, awsCluster().karpenter]).toEqual([true, false]);
  });

  test("takes its most nodes from maxNodes, and one that stands in while another is replaced", () => {
    expect(mostNodes(awsCluster({ gpu: { ...GPU, maxNodes: 5 } }).gpuPool)).toBe(6);
  });

  test("takes a capacity block, of which there is no spare machine", () => {
    const gpu = { ...GPU, zone: "use1-az6", reservation: BLOCK };
    const plan = awsPlan({ instanceType: "p5.48xlarge" });
    const { gpuPool } = awsCluster({ gpu }, { plan });
    expect(mostNodes(gpuPool)).toBe(gpuPool.nodes.max);
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      "a smallest number of nodes",
      awsFaults({ gpu: { ...GPU, minNodes: 0 } }),
      /minNodes is 0, but .*Leave minNodes out/,
    ],
    [
      "weights on the nodes' disks",
      awsFaults({ gpu: GPU, modelCache: "node-nvme" }),
      /modelCache is node-nvme, .*Set modelCache to true/,
    ],
    [
      "a tag that the controller sets",
      awsFaults({ gpu: GPU, tags: { "karpenter.sh/nodepool": "mine" } }),
      /tags has karpenter\.sh\/nodepool, .*Take it out/,
    ],
    [
      "a block of a G machine",
      awsFaults({ gpu: { ...GPU, zone: "use1-az1", reservation: BLOCK } }),
      /no capacity blocks of g6e/,
    ],
  ])("refuses %s, with what would work", (_, faults, wanted) => {
    expect(faults.filter((fault) => wanted.test(fault))).toHaveLength(1);
  });

  test("refuses none of it where a managed group makes the nodes", () => {
    expect(awsFaults({ gpu: { disk: "auto", minNodes: 0 }, tags: { "karpenter.sh/nodepool": "mine" } })).toEqual([]);
  });

  test("counts the controller's two pods among those of the system nodes", () => {
    const pool = { instanceType: "m6i.large", nodes: 2 };
    const [without, with_] = [systemRequests(pool, true), systemRequests(pool, true, 1, true)];
    expect(with_.milliCpus - without.milliCpus).toBe(500);
    expect(systemPoolFault(pool, true, 1, true)).toBeUndefined();
  });
});
