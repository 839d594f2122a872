import { describe, expect, it } from "vitest";
import { withIgnored } from "../../../tools/kubernetes-provider/ignore-changes";
import type { KubeObject } from "../../../tools/kubernetes-provider/kube-object";

function live(manager: string): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { managedFields: [{ manager, fieldsV1: { "f:spec": { "f:replicas": {} } } }] },
    spec: { replicas: 5 },
  };
}

const INPUTS = { spec: { replicas: 1, paused: true } };

describe("an ignored field", () => {
  it("that another manager owns is not applied", () => {
    expect(withIgnored(INPUTS, live("autoscaler"), ["spec.replicas"], "us")).toEqual({
      spec: { replicas: undefined, paused: true },
    });
  });

  it("of our own keeps its live value", () => {
    expect(withIgnored(INPUTS, live("us"), ["spec.replicas"], "us")).toEqual({ spec: { replicas: 5, paused: true } });
  });

  it("that is not live stays as it is in the program", () => {
    expect(withIgnored(INPUTS, live("us"), ["spec.paused"], "us")).toEqual(INPUTS);
  });
});
