import { describe, expect, it } from "vitest";
import { diffConfig } from "../../../tools/kubernetes-provider/operations/diff-config";
import { UNKNOWN } from "../../../tools/kubernetes-provider/properties";
import { kubeconfigFor } from "../support/fake-cluster";

const HERE = kubeconfigFor("https://here:6443");
const THERE = kubeconfigFor("https://there:6443");

describe("a changed configuration", () => {
  it("replaces nothing where the cluster stays the same", () => {
    const renewed = HERE.replace('"user":{}', '"user":{"token":"new"}');
    expect(diffConfig({ kubeconfig: HERE }, { kubeconfig: renewed })).toEqual({
      changed: ["kubeconfig"],
      replaces: [],
    });
  });

  it("replaces everything where it leads to another cluster", () => {
    expect(diffConfig({ kubeconfig: HERE }, { kubeconfig: THERE }).replaces).toEqual(["kubeconfig"]);
  });

  it("goes by the cluster's identifier where there is one", () => {
    const [olds, news] = [
      { kubeconfig: HERE, clusterIdentifier: "a" },
      { kubeconfig: THERE, clusterIdentifier: "a" },
    ];
    expect(diffConfig(olds, news).replaces).toEqual([]);
    expect(diffConfig(olds, { ...news, clusterIdentifier: "b" }).replaces).toEqual(["clusterIdentifier"]);
  });

  it("replaces where nobody can know where it leads", () => {
    expect(diffConfig({ kubeconfig: HERE }, { kubeconfig: UNKNOWN }).replaces).toEqual(["kubeconfig"]);
  });

  it("is none for another version of the plugin", () => {
    expect(diffConfig({ version: "1" }, { version: "2" })).toEqual({ changed: [], replaces: [] });
  });
});
