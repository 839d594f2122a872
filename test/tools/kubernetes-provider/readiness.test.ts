import { describe, expect, it } from "vitest";
import type { JsonObject, KubeObject } from "../../../tools/kubernetes-provider/kube-object";
import { readinessRule } from "../../../tools/kubernetes-provider/readiness/rules";

function object(kindId: string, rest: JsonObject, annotations: Record<string, string> = {}): KubeObject {
  const at = kindId.lastIndexOf("/");
  return {
    apiVersion: kindId.slice(0, at),
    kind: kindId.slice(at + 1),
    metadata: { name: "web", namespace: "default", generation: 3, annotations },
    ...rest,
  };
}

function judge(live: KubeObject, related: readonly JsonObject[] = []) {
  const rule = readinessRule(live);
  return rule === undefined ? { ready: true } : rule.judge(live, related);
}

// Statuses as Kubernetes 1.34 reported them for a Deployment on simulated nodes.
const ROLLED_OUT: JsonObject = {
  availableReplicas: 1,
  conditions: [
    {
      type: "Available",
      status: "True",
      reason: "MinimumReplicasAvailable",
      message: "Deployment has minimum availability.",
    },
    { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "has successfully progressed." },
  ],
  observedGeneration: 3,
  readyReplicas: 1,
  replicas: 1,
  updatedReplicas: 1,
};
const ROLLING_OUT: JsonObject = {
  ...ROLLED_OUT,
  conditions: [
    { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "" },
    { type: "Progressing", status: "True", reason: "ReplicaSetUpdated", message: "is progressing." },
  ],
  replicas: 2,
  unavailableReplicas: 1,
};
const UNSCHEDULABLE_POD: JsonObject = {
  metadata: { name: "web-1" },
  status: {
    phase: "Pending",
    conditions: [
      {
        type: "PodScheduled",
        status: "False",
        reason: "Unschedulable",
        message: "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
      },
    ],
  },
};
const RUNNING_POD: JsonObject = {
  phase: "Running",
  conditions: [{ type: "Ready", status: "True" }],
  containerStatuses: [{ name: "c", ready: true, state: { running: {} } }],
};

const deployment = (status: JsonObject, spec: JsonObject = { replicas: 1 }) =>
  object("apps/v1/Deployment", { spec, status });

describe("a Deployment", () => {
  it("is ready when its newest revision is rolled out", () => {
    expect(judge(deployment(ROLLED_OUT))).toEqual({ ready: true });
  });

  it("is not ready while only Pods of the old revision are available", () => {
    expect(judge(deployment(ROLLING_OUT)).ready).toBe(false);
  });

  it("is not ready before its controller has seen the change", () => {
    expect(judge(deployment({ ...ROLLED_OUT, observedGeneration: 2 })).ready).toBe(false);
  });

  it("is ready without Pods where none are asked for", () => {
    expect(judge(deployment({ observedGeneration: 3 }, { replicas: 0 })).ready).toBe(true);
  });

  it("says which Pod cannot be scheduled, and why", () => {
    expect(judge(deployment(ROLLING_OUT), [UNSCHEDULABLE_POD]).reasons).toEqual([
      "the rollout is not complete: 1 Pods are unavailable, 1 of 1 are of the new revision",
      "[Pod web-1]: Unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
    ]);
  });

  it("says which container does not start, and why", () => {
    const waiting = { reason: "ImagePullBackOff", message: 'Back-off pulling image "x"' };
    const pod = {
      metadata: { name: "web-1" },
      status: { phase: "Pending", containerStatuses: [{ name: "vllm", state: { waiting } }] },
    };
    expect(judge(deployment(ROLLING_OUT), [pod]).reasons).toContain(
      '[Pod web-1]: container "vllm" is not ready: [ImagePullBackOff] Back-off pulling image "x"',
    );
  });

  it("says that it made no progress in time", () => {
    const stuck = {
      ...ROLLING_OUT,
      conditions: [
        { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "has timed out" },
      ],
    };
    expect(judge(deployment(stuck)).reasons).toContain("ProgressDeadlineExceeded: has timed out");
  });

  it("asks for the Pods of its selector", () => {
    const selector = {
      matchLabels: { app: "web" },
      matchExpressions: [{ key: "tier", operator: "In", values: ["a", "b"] }],
    };
    const live = deployment(ROLLED_OUT, { selector });
    expect(readinessRule(live)?.related?.(live)).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      labelSelector: "app=web,tier in (a,b)",
    });
  });
});

describe("a Pod", () => {
  it("is ready when its containers are", () => {
    expect(judge(object("v1/Pod", { status: RUNNING_POD })).ready).toBe(true);
  });

  it("is ready when it ran to its end", () => {
    expect(judge(object("v1/Pod", { status: { phase: "Succeeded" } })).ready).toBe(true);
  });

  it("that failed is not waited for", () => {
    const terminated = { reason: "Error", message: "exit 1" };
    const status = { phase: "Failed", containerStatuses: [{ name: "c", state: { terminated } }] };
    expect(judge(object("v1/Pod", { status }))).toEqual({
      ready: false,
      failed: true,
      reasons: ['container "c" is not ready: [Error] exit 1'],
    });
  });
});

const service = (spec: JsonObject, status: JsonObject = {}) => object("v1/Service", { spec, status });

const slice = (ready: boolean) => ({ endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready } }] });

describe("a Service", () => {
  it("is ready when a Pod behind it takes traffic", () => {
    expect(judge(service({ selector: { app: "web" } }), [slice(true)]).ready).toBe(true);
  });

  it("is not ready without one", () => {
    expect(judge(service({ selector: { app: "web" } }), [slice(false)]).reasons?.[0]).toContain(
      "does not target any Pods",
    );
    expect(judge(service({ selector: { app: "web" } }), [{ endpoints: null }]).ready).toBe(false);
  });

  it("needs no Pods where it selects none", () => {
    expect(judge(service({ clusterIP: "None" })).ready).toBe(true);
    expect(judge(service({ type: "ExternalName", externalName: "x.y" })).ready).toBe(true);
  });

  it("of type LoadBalancer needs an address", () => {
    const spec = { type: "LoadBalancer", selector: { app: "web" } };
    expect(judge(service(spec), [slice(true)]).ready).toBe(false);
    expect(judge(service(spec, { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } }), [slice(true)]).ready).toBe(true);
  });
});

const job = (status: JsonObject, spec: JsonObject = {}) => object("batch/v1/Job", { spec, status });

describe("a Job", () => {
  it("is ready when it is complete", () => {
    expect(judge(job({ conditions: [{ type: "Complete", status: "True" }] })).ready).toBe(true);
    expect(judge(job({ active: 1 })).ready).toBe(false);
  });

  it("that failed is not waited for", () => {
    const failure = { type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "too often" };
    expect(judge(job({ conditions: [failure] }))).toEqual({
      ready: false,
      failed: true,
      reasons: ["Job failed: BackoffLimitExceeded: too often"],
    });
  });
});

describe("a definition", () => {
  it("is ready when its kind is served", () => {
    const kind = "apiextensions.k8s.io/v1/CustomResourceDefinition";
    expect(judge(object(kind, { status: { conditions: [{ type: "Established", status: "True" }] } })).ready).toBe(true);
    expect(judge(object(kind, { status: { conditions: [{ type: "NamesAccepted", status: "True" }] } })).ready).toBe(
      false,
    );
  });
});

describe("other kinds", () => {
  it("are not waited for", () => {
    expect(readinessRule(object("v1/ConfigMap", {}))).toBeUndefined();
    expect(readinessRule(object("gateway.networking.k8s.io/v1/Gateway", {}))).toBeUndefined();
  });
});

const gateway = (waitFor: string, status: JsonObject) =>
  object("gateway.networking.k8s.io/v1/Gateway", { status }, { "pulumi.com/waitFor": waitFor });

describe("annotations", () => {
  it("switch waiting off", () => {
    expect(readinessRule(object("apps/v1/Deployment", {}, { "pulumi.com/skipAwait": "true" }))).toBeUndefined();
  });

  it("wait for a condition", () => {
    const status = { conditions: [{ type: "Programmed", status: "True" }] };
    expect(judge(gateway("condition=Programmed", status)).ready).toBe(true);
    expect(judge(gateway("condition=Programmed=False", status)).ready).toBe(false);
    expect(judge(gateway("condition=Accepted", status)).reasons).toEqual(["waiting for condition=Accepted"]);
  });

  it("wait for a value at a path", () => {
    const status = { phase: "Running", list: [{ n: 1 }] };
    expect(judge(gateway("jsonpath={.status.phase}", status)).ready).toBe(true);
    expect(judge(gateway("jsonpath={.status.phase}=Running", status)).ready).toBe(true);
    expect(judge(gateway("jsonpath={.status.phase}=Pending", status)).ready).toBe(false);
    expect(judge(gateway("jsonpath={.status.list[0].n}=1", status)).ready).toBe(true);
  });

  it("wait for all of a list", () => {
    const both = '["jsonpath={.status.phase}", "condition=Ready"]';
    expect(judge(gateway(both, { phase: "Running" })).ready).toBe(false);
  });

  it("that are not understood are refused, with what is wanted", () => {
    expect(() => judge(gateway("ready", {}))).toThrow("wanted condition=<type>[=<status>] or jsonpath=");
  });
});
