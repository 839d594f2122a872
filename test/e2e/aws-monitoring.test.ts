import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Outcome, RecordedAws } from "./support/recorded-aws";

const DASHBOARD = "monitoring-dashboard-fitserve-test";

/** Everything of it, by name. */
const MONITORING = [
  "monitoring",
  "monitoring-closed",
  DASHBOARD,
  "monitoring-dashboard-reader",
  "monitoring-dashboard-reader-binding",
  "monitoring-grafana",
  "monitoring-grafana-to-prometheus",
  "monitoring-namespace",
  "monitoring-pod-reader",
  "monitoring-pod-reader-binding",
  "monitoring-prometheus",
];

/** Operations of the engine, each with what it happens to. */
function changes({ steps }: Outcome): Record<string, string[]> {
  const listed = ["create", "update", "replace", "delete"].map((operation) => {
    const found = steps.filter((step) => step.operation === operation).map(({ name }) => name);
    return [operation, [...new Set(found)].toSorted()] as const;
  });
  return Object.fromEntries(listed.filter(([, found]) => found.length > 0));
}

// The tests go on from each other: a stack with monitoring, what changes it, one without, and the end.
describe("monitoring of the aws target through the engine, against recorded providers", () => {
  const aws = new RecordedAws();

  beforeAll(() => aws.prepare());
  afterAll(() => aws.remove());

  it("system nodes that are too small for it end the run before anything is made", async () => {
    aws.configure({ aws: { system: { instanceType: "t3.small", nodes: 3 } } });
    const up = await aws.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(/3 x t3\.small have .* asks for .* or set fitserve:aws\.monitoring to false/);
    expect(aws.recording.all()).toEqual([]);
    aws.configure({});
  });

  it("a model in its namespace ends the run before anything is made", async () => {
    aws.configure({ others: { "fitserve:namespace": "monitoring" } });
    const up = await aws.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain("fitserve:namespace is monitoring, which is that of Prometheus and Grafana");
    expect(aws.recording.all()).toEqual([]);
    aws.configure({});
  });

  it("up makes it by itself, on its nodes, with its rights and its locks first", async () => {
    expect(await aws.up()).toMatchObject({ code: 0 });
    const created = aws.recording.entries().map(({ name }) => name);
    for (const release of ["monitoring-prometheus", "monitoring-grafana"]) {
      const before = ["cluster-system-nodes", "cluster-coredns", "monitoring-namespace", "monitoring-closed"];
      const places = [...before, release].map((name) => created.indexOf(name));
      expect(places).not.toContain(-1);
      expect(Math.max(...places)).toBe(created.indexOf(release));
    }
  });

  it("the stack prints how to open it, and its state holds no password", async () => {
    expect(await aws.outputs()).toMatchObject({
      cluster: {
        monitoring: {
          grafana: "kubectl --namespace monitoring port-forward service/grafana 3000:80",
          dashboard: "http://localhost:3000/d/fitserve-fitserve-test",
        },
      },
    });
    expect(aws.state()).not.toMatch(/password/i);
  });

  it.each<[string, Parameters<RecordedAws["configure"]>[0], Record<string, string[]>]>([
    [
      "another promise is watched and drawn, and nothing else changes",
      { serving: { slo: { ttftSeconds: 2, tokensPerSecondPerUser: 20 } } },
      { replace: [DASHBOARD], update: ["monitoring-prometheus"] },
    ],
    [
      "without it all of it goes, and the dashboard lies beside the engine",
      { aws: { monitoring: false } },
      { create: ["dashboard"], delete: MONITORING },
    ],
  ])("%s", async (_, config, wanted) => {
    aws.configure(config);
    const preview = await aws.preview();
    expect(preview).toMatchObject({ code: 0 });
    expect(changes(preview)).toEqual(wanted);
    aws.configure({});
  });

  it("destroy takes it before its nodes, and its namespace after what is in it", async () => {
    aws.recording.clearJournal();
    expect(await aws.destroy()).toMatchObject({ code: 0 });
    expect(aws.recording.all()).toEqual([]);
    const gone = aws.recording.entries().map(({ name }) => name);
    for (const release of ["monitoring-prometheus", "monitoring-grafana"]) {
      expect(gone.indexOf(release)).toBeLessThan(gone.indexOf("monitoring-namespace"));
      expect(gone.indexOf(release)).toBeLessThan(gone.indexOf("cluster-system-nodes"));
    }
    expect(gone.indexOf("monitoring-prometheus")).toBeLessThan(gone.indexOf("monitoring-pod-reader-binding"));
  });
});
