import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Outcome, RecordedAws } from "./support/recorded-aws";

/** Names of the resources by what happens to them, each once. */
function changes({ steps }: Outcome): Record<string, string[]> {
  const listed = ["create", "update", "replace", "delete"].map((wanted) => {
    const found = steps.filter(({ operation }) => operation === wanted).map(({ name }) => name);
    return [wanted, [...new Set(found)].toSorted()] as const;
  });
  return Object.fromEntries(listed.filter(([, found]) => found.length > 0));
}

const KARPENTER = { gpu: { provisioner: "karpenter" } };
const CARD = "RTX-PRO-6000-Blackwell-Server";
const POOL = ["gpu-node-class", "gpu-node-pool"];
const SERVED = ["serving-engine-deployment"];

// The tests go on from each other, from the first preview to the end.
describe("GPU nodes by Karpenter, through the engine", () => {
  const aws = new RecordedAws();

  /** That these steps are in this order in the journal. */
  function inOrder(...way: readonly string[]): void {
    const journal = aws.recording.entries().map(({ operation, name }) => `${operation} ${name}`);
    expect(way.filter((entry) => !journal.includes(entry))).toEqual([]);
    const places = way.map((entry) => journal.indexOf(entry));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  }

  beforeAll(() => aws.prepare());
  afterAll(() => aws.remove());

  it("preview makes nothing, and says who makes the nodes", async () => {
    aws.configure({ aws: KARPENTER });
    const preview = await aws.preview();
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toMatch(/gpuNodesFrom *: "karpenter"/);
    expect(aws.recording.all()).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ["a smallest number of nodes", { gpu: { ...KARPENTER.gpu, minNodes: 1 } }, /minNodes is 1, but Karpenter/],
    ["weights on the nodes' disks", { ...KARPENTER, modelCache: "node-nvme" }, /modelCache is node-nvme/],
    ["another provisioner", { gpu: { provisioner: "auto-mode" } }, /managed-group or karpenter/],
  ])("%s: nothing is made", async (_, settings, wanted) => {
    aws.configure({ aws: settings });
    const up = await aws.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(wanted);
    expect(up.output).not.toMatch(/\n +at |\[object Object\]/);
    expect(aws.recording.all()).toEqual([]);
  });

  it("up makes the controller with what it needs, then the pool, then what waits for its nodes", async () => {
    aws.configure({ aws: KARPENTER });
    expect(await aws.up()).toMatchObject({ code: 0 });
    inOrder(
      "create cluster-system-nodes",
      "create karpenter-karpenter-crd",
      "create karpenter-karpenter",
      "create gpu-node-class",
      "create gpu-node-pool",
      "create weights-fill",
      "create serving-engine-deployment",
    );
    for (const needed of ["controller-identity", "controller-policy", "queue-policy", "spot-target"]) {
      inOrder(`create karpenter-${needed}`, "create karpenter-karpenter");
    }
    for (const needed of ["node-access", "node-profile", "node-AmazonEKSWorkerNodePolicy"]) {
      inOrder(`create karpenter-${needed}`, "create gpu-node-class");
    }
    expect(aws.recording.all().map(({ name }) => name)).not.toContain("gpu-nodes");
  });

  it("up again changes nothing, and neither does a refresh", async () => {
    expect(await aws.up("--expect-no-changes")).toMatchObject({ code: 0, steps: [] });
    expect(await aws.refresh()).toMatchObject({ code: 0 });
    expect(await aws.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it.each<[string, Parameters<RecordedAws["configure"]>[0], Record<string, string[]>]>([
    [
      "another release of the image",
      { aws: { ...KARPENTER, amiRelease: "1.35.7-20261010" } },
      { update: ["cluster-system-nodes", "gpu-node-class"] },
    ],
    ["more nodes", { aws: { gpu: { ...KARPENTER.gpu, maxNodes: 4 } } }, { update: ["gpu-node-pool"] }],
    [
      "a zone of the network",
      { aws: { gpu: { ...KARPENTER.gpu, zone: "use1-az2" } } },
      { update: SERVED, replace: [...POOL, "weights-fill"] },
    ],
  ])("%s changes exactly what has to change, never the network or the cluster", async (_, config, wanted) => {
    aws.configure(config);
    const preview = await aws.preview();
    expect(preview).toMatchObject({ code: 0 });
    expect(changes(preview)).toEqual(wanted);
  });

  it("another card brings another pool, to which the engine moves before the old one goes", async () => {
    aws.configure({ serving: { gpu: CARD }, aws: KARPENTER });
    aws.recording.clearJournal();
    const up = await aws.up();
    expect(up).toMatchObject({ code: 0 });
    expect(changes(up)["replace"]).toEqual([...POOL, "monitoring-dashboard-fitserve-test", "weights-fill"]);
    inOrder(
      "create gpu-node-pool",
      "update serving-engine-deployment",
      "delete gpu-node-pool",
      "delete gpu-node-class",
    );
  });

  it("back to a managed group the engine has its new nodes before Karpenter takes the old ones, then itself", async () => {
    aws.configure({ serving: { gpu: CARD } });
    aws.recording.clearJournal();
    const up = await aws.up();
    expect(up).toMatchObject({ code: 0 });
    expect(changes(up)["create"]).toEqual(["gpu", "gpu-nodes", "gpu-template"]);
    const gone = changes(up)["delete"] ?? [];
    expect(gone.filter((name) => !name.startsWith("karpenter"))).toEqual(["gpu", ...POOL]);
    inOrder(
      "create gpu-nodes",
      "update serving-engine-deployment",
      "delete gpu-node-pool",
      "delete karpenter-karpenter",
    );
    expect(aws.recording.all().filter(({ name }) => name.startsWith("karpenter"))).toEqual([]);
  });

  it("to Karpenter on a living stack leaves network and cluster as they are, and the old group until the engine moved", async () => {
    aws.configure({ serving: { gpu: CARD }, aws: KARPENTER });
    aws.recording.clearJournal();
    const up = await aws.up();
    expect(up).toMatchObject({ code: 0 });
    expect(changes(up)["delete"]).toEqual(["gpu", "gpu-nodes", "gpu-template"]);
    const touched = Object.values(changes(up)).flat();
    expect(touched.filter((name) => name.startsWith("cluster-"))).toEqual([]);
    inOrder("create gpu-node-pool", "update serving-engine-deployment", "delete gpu-nodes");
  });

  it("destroy takes the pool and its machines while the controller runs, and everything with it", async () => {
    aws.recording.clearJournal();
    expect(await aws.destroy()).toMatchObject({ code: 0 });
    expect(aws.recording.all()).toEqual([]);
    inOrder(
      "delete serving-engine-deployment",
      "delete gpu-node-pool",
      "delete gpu-node-class",
      "delete karpenter-karpenter",
      "delete karpenter-karpenter-crd",
      "delete cluster-system-nodes",
      "delete cluster-cluster",
      "delete cluster-network-vpc",
    );
    for (const needed of ["controller-identity", "controller-policy", "node-access", "node-profile", "queue-policy"]) {
      inOrder("delete gpu-node-class", `delete karpenter-${needed}`);
    }
    inOrder("delete gpu-node-class", "delete cluster-network-nat-use1-az1");
  });
});
