import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringAt } from "../../tools/kubernetes-provider/kube-object";
import { type Outcome, RecordedAws } from "./support/recorded-aws";

/** Of the shared Grafana. */
const DASHBOARD_OF_SMALL = "monitoring-dashboard-llm-small";

/** Text of the program that asks for the second model. */
const SMALL =
  '  { name: "llm-small", serving: { model: "qwen3-14b", quantization: "int4-w4a16", workload: { concurrency: 50 } } },\n';

/** Operations of the engine, each with what it happens to. */
function changes({ steps }: Outcome): Record<string, string[]> {
  const listed = ["create", "update", "replace", "delete"].map((operation) => {
    const found = steps.filter((step) => step.operation === operation).map(({ name }) => name);
    return [operation, [...new Set(found)].toSorted()] as const;
  });
  return Object.fromEntries(listed.filter(([, found]) => found.length > 0));
}

// The tests go on from each other: what is refused, both models, one of them alone, both again, and the end.
describe("two models on one EKS cluster through the engine, against recorded providers", () => {
  const aws = new RecordedAws({
    folder: "examples/two-models-on-aws",
    project: "models-on-aws",
    imports: ["library.ts", "library-aws.ts"],
  });
  const made = (): string[] => aws.recording.all().map(({ name }) => name);
  const ofModel = (model: string): string[] =>
    made()
      .filter((name) => name.startsWith(`${model}-`))
      .toSorted();

  beforeAll(() => aws.prepare());
  afterAll(() => aws.remove());

  it.each<[string, string, RegExp]>([
    ["two models of one name", "llm-large", /two models are called llm-large.*\n.*the same pool of nodes/],
    ["the namespace of another model's weights", "llm-large-cache", /llm-large-cache is the one for the weights/],
    ["a namespace of the cluster's services", "envoy-gateway-system", /envoy-gateway-system is one of the cluster's/],
    ["a name that is no name", "LLM_small", /"LLM_small" cannot be a model's name/],
  ])("%s ends the run before anything is made, without a stack trace", async (_, name, wanted) => {
    aws.edit('"llm-small"', JSON.stringify(name));
    const up = await aws.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(wanted);
    expect(up.output).not.toMatch(/\n +at |\[object Object\]/);
    expect(aws.recording.all()).toEqual([]);
    aws.edit();
  });

  it("one host for both ends the run before anything is made", async () => {
    aws.configure({ aws: { front: { host: "llm.example.com", hostedZoneId: "Z0123456789" } } });
    const up = await aws.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("front.host llm.example.com is given to two models");
    expect(aws.recording.all()).toEqual([]);
    aws.configure({});
  });

  it("preview makes nothing, and shows what the cluster costs once and each model beside it", async () => {
    const preview = await aws.preview();
    expect(preview).toMatchObject({ code: 0 });
    expect(aws.recording.all()).toEqual([]);
    const usd = (key: string): number => Number(new RegExp(`${key} *: (\\d+)\\n`).exec(preview.output)?.[1]);
    const parts = ["cluster", "llm-large", "llm-small"].map(usd);
    expect(Math.min(...parts)).toBeGreaterThan(0);
    // Each is rounded.
    expect(Math.abs(usd("together") - parts.reduce((sum, part) => sum + part))).toBeLessThanOrEqual(2);
    expect(preview.output).toMatch(/llm-large: "\d x [a-z0-9.]+"/);
  });

  it("up makes one cluster, and for each model the same of its own", async () => {
    expect(await aws.up()).toMatchObject({ code: 0 });
    const types = aws.recording.all().map(({ type }) => type);
    const count = (type: string): number => types.filter((one) => one === type).length;
    expect({
      clusters: count("aws:eks/cluster:Cluster"),
      networks: count("aws:ec2/vpc:Vpc"),
      balancers: count("aws:lb/loadBalancer:LoadBalancer"),
      buckets: count("aws:s3/bucket:Bucket"),
      nodeGroups: count("aws:eks/nodeGroup:NodeGroup"),
      gateways: count("kubernetes:gateway.networking.k8s.io/v1:Gateway"),
    }).toEqual({ clusters: 1, networks: 1, balancers: 2, buckets: 2, nodeGroups: 3, gateways: 2 });
    const [large, small] = ["llm-large", "llm-small"].map((model) =>
      ofModel(model).map((name) => name.slice(model.length)),
    );
    expect(large).toEqual(small);
  });

  it("no object of one model is an object of the other", () => {
    const names = aws.recording.all().flatMap(({ type, state }) => {
      const [name, namespace] = [stringAt(state, "metadata", "name"), stringAt(state, "metadata", "namespace")];
      return name === undefined ? [] : [`${type} ${namespace ?? "the cluster"} ${name}`];
    });
    expect(names.length).toBeGreaterThan(40);
    expect(new Set(names).size).toBe(names.length);
    const ofAws = aws.recording.all().flatMap(({ type, state }) => {
      const name = stringAt(state, "bucket") ?? stringAt(state, "nodeGroupName") ?? stringAt(state, "name");
      return name !== undefined && /:(Role|Bucket|NodeGroup|LoadBalancer|TargetGroup)$/.test(type) ? [name] : [];
    });
    expect(new Set(ofAws).size).toBe(ofAws.length);
  });

  it("GPU nodes of each carry its name on the bill and are those that its engine selects", () => {
    for (const model of ["llm-large", "llm-small"]) {
      const find = (name: string) => aws.recording.all().find((one) => one.name === `${model}-${name}`)?.state;
      expect(find("gpu-template")).toMatchObject({
        tagSpecifications: expect.arrayContaining([
          expect.objectContaining({ tags: expect.objectContaining({ "fitserve:model": model }) }),
        ]),
      });
      expect(find("gpu-nodes")).toMatchObject({ labels: { "fitserve.dev/pool": model } });
      expect(find("serving-engine-deployment")).toMatchObject({
        spec: { template: { spec: { nodeSelector: { "fitserve.dev/pool": model } } } },
      });
    }
  });

  it("up again changes nothing", async () => {
    expect(await aws.up("--expect-no-changes")).toMatchObject({ code: 0, steps: [] });
  });

  it("a model that is taken out goes with all it has, and the other stays as it is", async () => {
    const before = aws.recording.all().filter(({ name }) => name.startsWith("llm-large-"));
    const small = ofModel("llm-small");
    aws.recording.clearJournal();
    aws.edit(SMALL, "");
    const up = await aws.up();
    expect(up).toMatchObject({ code: 0 });
    expect(changes(up)).toMatchObject({
      // Its alerts are rules of the one Prometheus.
      update: ["monitoring-prometheus"],
      delete: expect.arrayContaining([...small, DASHBOARD_OF_SMALL]),
    });
    expect(Object.keys(changes(up))).toEqual(["update", "delete"]);
    expect(made().filter((name) => name.includes("llm-small"))).toEqual([]);
    expect(aws.recording.all().filter(({ name }) => name.startsWith("llm-large-"))).toEqual(before);
    const gone = aws.recording.entries().map(({ name }) => name);
    expect(gone.indexOf("llm-small-serving-engine-deployment")).toBeLessThan(gone.indexOf("llm-small-gpu-nodes"));
  });

  it("a model that is put in changes nothing of the other", async () => {
    aws.edit();
    const preview = await aws.preview();
    expect(preview).toMatchObject({ code: 0 });
    const { create = [], ...others } = changes(preview);
    expect(others).toEqual({ update: ["monitoring-prometheus"] });
    expect(create.filter((name) => !name.startsWith("llm-small-"))).toEqual([DASHBOARD_OF_SMALL]);
    expect(await aws.up()).toMatchObject({ code: 0 });
  });

  it("destroy takes everything, what stands on the cluster first and the network last", async () => {
    aws.recording.clearJournal();
    expect(await aws.destroy()).toMatchObject({ code: 0 });
    expect(aws.recording.all()).toEqual([]);
    const gone = aws.recording.entries().map(({ name }) => name);
    for (const model of ["llm-large", "llm-small"]) {
      const way = [
        [`${model}-serving-engine-deployment`, `${model}-gpu-nodes`, "cluster-cluster", "cluster-network-vpc"],
        [`${model}-front-binding`, "services-aws-load-balancer-controller", "cluster-system-nodes"],
        [`${model}-front-load-balancer`, "cluster-network-private-use1-az1"],
        [`${model}-serving-gateway-gateway`, "services-envoy-gateway"],
      ];
      for (const names of way) {
        const places = names.map((name) => gone.indexOf(name));
        expect(places).not.toContain(-1);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }
    }
  });
});
