import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Outcome, RecordedAws } from "./support/recorded-aws";

const OPERATIONS = ["create", "update", "replace", "delete"];

/** Names of the resources by what happens to them, each once. */
function changes({ steps }: Outcome): Record<string, string[]> {
  const listed = OPERATIONS.map((wanted) => {
    const found = steps.filter(({ operation }) => operation === wanted).map(({ name }) => name);
    return [wanted, [...new Set(found)].toSorted()] as const;
  });
  return Object.fromEntries(listed.filter(([, found]) => found.length > 0));
}

const NODE_NVME = { modelCache: "node-nvme" };
const ON_NODES = [
  "serving-engine-weights",
  "weights-nodes",
  "weights-nodes-account",
  "weights-nodes-copies",
  "weights-nodes-namespace",
  "weights-nodes-script",
  "weights-nodes-volume",
];

// The tests go on from each other, from the first preview to the end.
describe("weights on the nodes' own disks, through the engine", () => {
  const aws = new RecordedAws();

  /** That these resources are in this order in the journal. */
  function inOrder(...way: readonly string[]): void {
    const journal = aws.recording.entries().map(({ operation, name }) => `${operation} ${name}`);
    const places = way.map((entry) => journal.indexOf(entry));
    expect(way.filter((entry) => !journal.includes(entry))).toEqual([]);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  }

  beforeAll(() => aws.prepare());
  afterAll(() => aws.remove());

  it("preview makes nothing, and shows the copy beside the other parts of the start-up time", async () => {
    aws.configure({ aws: NODE_NVME });
    const preview = await aws.preview();
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toMatch(/startUpSeconds *: \{[^}]*copy *: \d+/);
    expect(preview.output).toMatch(/startUpBasis *: \{[^}]*weights *: "assumed: /);
    expect(preview.output).toMatch(/weights *: "on the nodes' disks, from fitserve-test-models-/);
    expect(aws.recording.all()).toEqual([]);
  });

  it.each<[string, object, object, RegExp]>([
    [
      "disks that hold too little",
      { tensorParallel: 1, workload: { concurrency: 10, promptTokens: 512, outputTokens: 256 } },
      {},
      /weights and images need 215 GiB of a node, but the disks of g6e\.xlarge hold 209 GiB/,
    ],
    ["a network disk", {}, { gpu: { disk: "gp3" } }, /gpu\.disk is gp3: the copy lies on the machine's own disks/],
  ])("%s: nothing is made", async (_, serving, settings, wanted) => {
    aws.configure({ serving, aws: { ...NODE_NVME, ...settings } });
    const up = await aws.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(wanted);
    expect(up.output).not.toMatch(/\n +at |\[object Object\]/);
    expect(aws.recording.all()).toEqual([]);
  });

  it("up makes the copy after the bucket is full, and the engine after the copy", async () => {
    aws.configure({ aws: NODE_NVME });
    expect(await aws.up()).toMatchObject({ code: 0 });
    const live = aws.recording.all().map(({ name }) => name);
    expect(ON_NODES.filter((name) => !live.includes(name))).toEqual(["weights-nodes"]);
    inOrder(
      "create gpu-nodes",
      "create weights-fill",
      "create weights-nodes-copies",
      "create serving-engine-deployment",
    );
    inOrder("create weights-read-identity", "create weights-nodes-copies");
    inOrder("create weights-nodes-volume", "create serving-engine-weights", "create serving-engine-deployment");
  });

  it("up again changes nothing, and neither does a refresh", async () => {
    expect(await aws.up("--expect-no-changes")).toMatchObject({ code: 0, steps: [] });
    expect(await aws.refresh()).toMatchObject({ code: 0 });
    expect(await aws.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("another quantization fills the bucket, then the nodes, then updates the engine; volume and claim stay", async () => {
    aws.configure({ serving: { quantization: "fp8" }, aws: NODE_NVME });
    aws.recording.clearJournal();
    const up = await aws.up();
    expect(up).toMatchObject({ code: 0 });
    expect(changes(up)).toEqual({
      replace: ["weights-fill"],
      update: ["serving-engine-deployment", "weights-nodes-copies"],
    });
    inOrder("create weights-fill", "update weights-nodes-copies", "update serving-engine-deployment");
  });

  it("another card brings new nodes, which are filled before the engine moves to them", async () => {
    aws.configure({ serving: { gpu: "RTX-PRO-6000-Blackwell-Server" }, aws: NODE_NVME });
    aws.recording.clearJournal();
    const up = await aws.up();
    expect(up).toMatchObject({ code: 0 });
    expect(changes(up)["replace"]).toEqual(expect.arrayContaining(["gpu-nodes", "weights-fill"]));
    const touched = Object.values(changes(up)).flat();
    expect(touched.filter((name) => ["weights-nodes-volume", "serving-engine-weights"].includes(name))).toEqual([]);
    inOrder("create gpu-nodes", "update weights-nodes-copies", "update serving-engine-deployment", "delete gpu-nodes");
  });

  it("without the copy engines stream again, and nothing of it is left but the folder on nodes that stay", async () => {
    aws.configure({ serving: { gpu: "RTX-PRO-6000-Blackwell-Server" } });
    const preview = await aws.preview();
    expect(changes(preview)).toEqual({
      delete: ON_NODES,
      // The role that reads the bucket is the engine's then.
      replace: ["weights-read-identity", "weights-read-policy", "weights-read-role"],
      update: expect.arrayContaining(["serving-engine-deployment", "serving-engine-network-policy"]),
    });
  });

  it("destroy takes everything: the engine before its claim, the claim before its volume, all of it before the nodes", async () => {
    aws.configure({ serving: { gpu: "RTX-PRO-6000-Blackwell-Server" }, aws: NODE_NVME });
    aws.recording.clearJournal();
    expect(await aws.destroy()).toMatchObject({ code: 0 });
    expect(aws.recording.all()).toEqual([]);
    inOrder(
      "delete serving-engine-deployment",
      "delete serving-engine-weights",
      "delete weights-nodes-volume",
      "delete cluster-cluster",
    );
    inOrder("delete serving-engine-deployment", "delete weights-nodes-copies", "delete gpu-nodes");
    inOrder("delete weights-nodes-copies", "delete weights-read-policy");
  });
});
