import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Outcome, RecordedAws } from "./support/recorded-aws";

/** Names of the resources to which an operation of the engine happens, each once. */
function names({ steps }: Outcome, operation: string): string[] {
  const found = steps.filter((step) => step.operation === operation).map(({ name }) => name);
  return [...new Set(found)].toSorted();
}

function changes(outcome: Outcome): Record<string, string[]> {
  const listed = ["create", "update", "replace", "delete"].map(
    (operation) => [operation, names(outcome, operation)] as const,
  );
  return Object.fromEntries(listed.filter(([, found]) => found.length > 0));
}

const SERVED = ["serving-engine-deployment"];
const CARD = "RTX-PRO-6000-Blackwell-Server";

// The tests go on from each other: first a run that fails, then one that completes it, changes, and the end.
describe("the aws target through the engine, against recorded providers", () => {
  const aws = new RecordedAws();

  beforeAll(() => aws.prepare());
  afterAll(() => aws.remove());

  it("preview makes nothing, and shows cost, cluster and start-up time", async () => {
    const preview = await aws.preview();
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toMatch(/startUpSeconds *: \{[^}]*cold/);
    expect(preview.output).toMatch(/usdPerMonth *: \d/);
    expect(aws.recording.all()).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    [
      "a region without the machine",
      { region: "eu-west-1" },
      /eu-west-1, where no .* is sold; it is sold in .*us-east-1/,
    ],
    ["an open Kubernetes API", { endpoint: { access: "public" } }, /open to the internet/],
    ["Kubernetes out of support", { kubernetes: "1.32" }, /standard support of 1\.32 ended/],
  ])("%s ends the run before anything is made, without a stack trace", async (_, settings, wanted) => {
    aws.configure({ aws: settings });
    const up = await aws.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(wanted);
    expect(up.output).not.toMatch(/\n +at |\[object Object\]/);
    expect(aws.recording.all()).toEqual([]);
    aws.configure({});
  });

  it("credentials of another account are refused before anything is made", async () => {
    aws.configure({ aws: { accountId: "210987654321" } });
    const up = await aws.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("AWS account ID not allowed: 123456789012");
    expect(aws.recording.all()).toEqual([]);
    aws.configure({});
  });

  it("a node group for which there is no capacity ends the run, and what is there stays recorded", async () => {
    aws.recording.failOn("create", "gpu-nodes", "AsgInstanceLaunchFailures: InsufficientInstanceCapacity");
    const up = await aws.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("InsufficientInstanceCapacity");
    const live = aws.recording.all().map(({ name }) => name);
    expect(live).toContain("cluster-cluster");
    expect(live).not.toContain("serving-engine-deployment");
  });

  it("up goes on from there and makes the rest, nothing twice", async () => {
    aws.recording.failOnNothing();
    const up = await aws.up();
    expect(up).toMatchObject({ code: 0 });
    expect(names(up, "replace")).toEqual([]);
    const created = aws.recording.entries().filter(({ operation }) => operation === "create");
    expect(new Set(created.map(({ type, name }) => `${type} ${name}`)).size).toBe(created.length);
    expect(aws.recording.all()).toHaveLength(created.length);
  });

  it("the engine comes after its nodes, its weights and what they need", () => {
    const created = aws.recording.entries().map(({ name }) => name);
    const waysToTheEngine = [
      ["cluster-network-vpc", "cluster-network-nat-use1-az1", "cluster-cluster", "cluster-vpc-cni", "gpu-nodes"],
      ["gpu-nodes", "weights-fill", "serving-engine-deployment"],
      ["cluster-system-nodes", "services-nvidia-device-plugin", "serving-engine-deployment"],
      ["weights-read-identity", "serving-engine-deployment"],
    ];
    for (const way of waysToTheEngine) {
      const places = way.map((name) => created.indexOf(name));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }
  });

  it("up again changes nothing, and neither does a refresh", async () => {
    expect(await aws.up("--expect-no-changes")).toMatchObject({ code: 0, steps: [] });
    expect(await aws.refresh()).toMatchObject({ code: 0 });
    expect(await aws.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("outputs say where to connect", async () => {
    expect(await aws.outputs()).toMatchObject({
      endpoint: {
        model: "qwen3-32b",
        url: expect.stringMatching(/^http:\/\/front-load-balancer-.*amazonaws\.com\/v1$/),
      },
      cluster: { name: "fitserve-test", kubernetes: "1.35" },
    });
    expect(aws.state()).not.toContain("0123456789abcdef0123");
  });

  it.each<[string, Parameters<RecordedAws["configure"]>[0], Record<string, string[]>]>([
    ["another quantization", { serving: { quantization: "fp8" } }, { replace: ["weights-fill"], update: SERVED }],
    [
      "another version of Kubernetes",
      { aws: { kubernetes: "1.36" } },
      {
        update: [
          "cluster-aws-ebs-csi-driver",
          "cluster-cluster",
          "cluster-coredns",
          "cluster-eks-node-monitoring-agent",
          "cluster-eks-pod-identity-agent",
          "cluster-kube-proxy",
          "cluster-metrics-server",
          "cluster-system-nodes",
          "cluster-vpc-cni",
          "gpu-nodes",
        ],
      },
    ],
    [
      "a Kubernetes API that is private from now on",
      { aws: { endpoint: { access: "private" } } },
      { create: ["cluster-api-from-10.42.0.0-16"], update: ["cluster-cluster"] },
    ],
    ["a zone of the network", { aws: { gpu: { zone: "use1-az2" } } }, { replace: ["gpu-nodes"] }],
    [
      "a zone that takes no control plane",
      { aws: { gpu: { zone: "use1-az3" } } },
      {
        create: [
          "cluster-network-gpu-use1-az3",
          "cluster-network-gpu-use1-az3-association",
          "cluster-network-gpu-use1-az3-route",
          "cluster-network-gpu-use1-az3-routes",
        ],
        update: ["cluster-network-s3-endpoint"],
        replace: ["gpu-nodes"],
      },
    ],
  ])(
    "%s changes exactly what has to change, never the network or the cluster's existence",
    async (_, config, wanted) => {
      aws.configure(config);
      const preview = await aws.preview();
      expect(preview).toMatchObject({ code: 0 });
      expect(changes(preview)).toEqual(wanted);
      aws.configure({});
    },
  );

  it("TLS at the gateway makes target group and binding anew, since neither can change, and not the load balancer", async () => {
    aws.configure({ others: { "fitserve:tlsSecret": "llm-tls" } });
    const preview = await aws.preview();
    expect(preview).toMatchObject({ code: 0 });
    const ofFront = Object.entries(changes(preview)).map(
      ([operation, found]) => [operation, found.filter((name) => name.startsWith("front-"))] as const,
    );
    expect(Object.fromEntries(ofFront)).toMatchObject({
      replace: ["front-binding", "front-targets"],
      update: ["front-from-10.42.0.0-16", "front-into-nodes", "front-listener", "front-to-proxies"],
    });
    aws.configure({});
  });

  it("another card changes nodes, job and engine; the new nodes come before the old ones go", async () => {
    aws.configure({ serving: { gpu: CARD } });
    aws.recording.clearJournal();
    const up = await aws.up();
    expect(up).toMatchObject({ code: 0 });
    // A job says on which card its node is, and cannot change; with the replicas changes what is drawn and watched.
    expect(names(up, "replace")).toEqual(["gpu-nodes", "monitoring-dashboard-fitserve-test", "weights-fill"]);
    expect(names(up, "update")).toEqual(expect.arrayContaining(SERVED));
    expect(names(up, "update").filter((name) => !name.startsWith("serving-"))).toEqual(["monitoring-prometheus"]);
    const journal = aws.recording.entries().map(({ operation, name }) => `${operation} ${name}`);
    expect(journal.indexOf("create gpu-nodes")).toBeLessThan(journal.indexOf("update serving-engine-deployment"));
    expect(journal.indexOf("update serving-engine-deployment")).toBeLessThan(journal.indexOf("delete gpu-nodes"));
    expect(aws.recording.all().filter(({ name }) => name === "gpu-nodes")).toHaveLength(1);
  });

  it("a change that somebody made by hand is shown by refresh, and put right by up", async () => {
    const nodes = aws.recording.all().find(({ name }) => name === "gpu-nodes");
    if (nodes === undefined) throw new Error("there are no GPU nodes");
    const byHand = { minSize: 0, desiredSize: 0, maxSize: 9 };
    const inputs = Object(nodes.state["__inputs"]);
    aws.recording.write({
      ...nodes,
      state: { ...nodes.state, scalingConfig: byHand, __inputs: { ...inputs, scalingConfig: byHand } },
    });
    const refresh = await aws.refresh();
    expect(refresh.output).toMatch(/maxSize *: \d => 9|maxSize/);
    const up = await aws.up();
    expect(changes(up)).toEqual({ update: ["gpu-nodes"] });
  });

  it("destroy takes everything, what stands on the cluster first and the network last", async () => {
    aws.recording.clearJournal();
    expect(await aws.destroy()).toMatchObject({ code: 0 });
    expect(aws.recording.all()).toEqual([]);
    const gone = aws.recording.entries().map(({ name }) => name);
    const before = (first: string, second: string): void => {
      expect([first, second, gone.indexOf(first) < gone.indexOf(second)]).toEqual([first, second, true]);
    };
    before("serving-engine-deployment", "gpu-nodes");
    before("serving-gateway-gateway", "services-envoy-gateway");
    before("front-binding", "services-aws-load-balancer-controller");
    before("services-envoy-gateway", "services-aws-load-balancer-controller");
    before("services-aws-load-balancer-controller", "services-targets-policy");
    before("services-aws-load-balancer-controller", "cluster-system-nodes");
    before("front-load-balancer", "cluster-network-private-use1-az1");
    before("gpu-nodes", "cluster-node-AmazonEKSWorkerNodePolicy");
    before("gpu-nodes", "cluster-network-nat-use1-az1");
    before("cluster-system-nodes", "cluster-vpc-cni");
    before("cluster-cluster", "cluster-control-plane-AmazonEKSClusterPolicy");
    before("cluster-cluster", "cluster-network-vpc");
  });
});
