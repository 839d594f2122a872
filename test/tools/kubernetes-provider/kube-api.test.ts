import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubeApi } from "../../../tools/kubernetes-provider/kube-api";
import { loadKubeConfig } from "../../../tools/kubernetes-provider/kube-config";
import { Discovery } from "../../../tools/kubernetes-provider/discovery";
import { FakeCluster, kubeconfigFor, refusal } from "../support/fake-cluster";

const cluster = new FakeCluster();
const PATH = "/api/v1/namespaces/default/configmaps/a";
const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
let api: KubeApi;

beforeEach(async () => {
  cluster.objects.clear();
  cluster.received.length = 0;
  cluster.intercept = () => undefined;
  api = new KubeApi(loadKubeConfig({ kubeconfig: kubeconfigFor(await cluster.start()) }));
});

afterEach(async () => {
  api.close();
  await cluster.stop();
});

describe("a request", () => {
  it("says how long its body is, deletions included", async () => {
    await api.apply(PATH, CONFIG_MAP, { fieldManager: "m" });
    await api.delete(PATH, { body: { propagationPolicy: "Foreground" } });
    const [, deletion] = cluster.received;
    expect(deletion?.method).toBe("DELETE");
    expect(deletion?.headers["content-length"]).toBe(String(JSON.stringify(deletion?.body).length));
    expect(deletion?.headers["transfer-encoding"]).toBeUndefined();
  });

  it("to apply names the field manager and refuses unknown fields", async () => {
    await api.apply(PATH, CONFIG_MAP, { fieldManager: "m", dryRun: true });
    const [{ query, headers } = cluster.received[0] ?? { query: new URLSearchParams(), headers: {} }] =
      cluster.received;
    expect(Object.fromEntries(query)).toEqual({ fieldManager: "m", fieldValidation: "Strict", dryRun: "All" });
    expect(headers["content-type"]).toBe("application/apply-patch+yaml");
    expect(cluster.objects.size).toBe(0);
  });

  it("keeps what no model knows", async () => {
    const definition = {
      ...CONFIG_MAP,
      spec: { "x-kubernetes-preserve-unknown-fields": true, at: "2026-01-01T00:00:00Z" },
    };
    await api.apply(PATH, definition, { fieldManager: "m" });
    expect((await api.get(PATH))["spec"]).toEqual(definition.spec);
  });

  it("is made again when the server asks to wait", async () => {
    let asked = 0;
    cluster.intercept = () => {
      asked += 1;
      return asked === 1
        ? { code: 429, body: refusal(429, "TooManyRequests", "slow down"), headers: { "Retry-After": "0" } }
        : undefined;
    };
    await api.apply(PATH, CONFIG_MAP, { fieldManager: "m" });
    expect(asked).toBe(2);
  });

  it("is made again when the connection broke, unless it creates", async () => {
    let asked = 0;
    cluster.intercept = () => {
      asked += 1;
      return asked === 1 ? "reset" : undefined;
    };
    await api.apply(PATH, CONFIG_MAP, { fieldManager: "m" });
    expect(asked).toBe(2);
    cluster.intercept = () => "reset";
    await expect(api.create("/api/v1/namespaces/default/configmaps", CONFIG_MAP)).rejects.toThrow("was reset");
    expect(cluster.received.filter((one) => one.method === "POST")).toHaveLength(1);
  });
});

describe("an error", () => {
  it("is the server's own sentence: field, value and reason", async () => {
    const message =
      'Service "web" is invalid: spec.ports[0].port: Invalid value: 99999999: must be between 1 and 65535';
    cluster.intercept = () => ({ code: 422, body: refusal(422, "Invalid", message) });
    await expect(api.get(PATH)).rejects.toMatchObject({ message, code: 422, reason: "Invalid" });
  });

  it("is one line, with the causes that the sentence does not name", async () => {
    const details = { causes: [{ reason: "x", field: "spec.a", message: "Required value" }] };
    cluster.intercept = () => ({ code: 422, body: refusal(422, "Invalid", "it is\ninvalid", details) });
    await expect(api.get(PATH)).rejects.toThrow("it is invalid; spec.a: Required value");
  });

  it("of a proxy is shown as it is", async () => {
    cluster.intercept = () => ({ code: 502, body: { error: "bad gateway" } });
    await expect(api.get(PATH)).rejects.toThrow('502: {"error":"bad gateway"}');
  });

  it("says that nothing answers, and where", async () => {
    await cluster.stop();
    await expect(api.get(PATH)).rejects.toThrow(
      `the Kubernetes API server at ${api.server} does not answer: connection refused`,
    );
    await cluster.start();
  });

  it("says that something else answers there", async () => {
    cluster.intercept = () => ({ code: 200, body: { hello: "world" } });
    await expect(api.get(PATH)).rejects.toThrow("what answers there is no Kubernetes API");
  });
});

describe("a kind", () => {
  it("is looked up once", async () => {
    const discovery = new Discovery(api);
    const kind = await discovery.find("apps/v1", "Deployment");
    await discovery.find("apps/v1", "Deployment");
    expect(kind).toEqual({ apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true });
    expect(cluster.received).toHaveLength(1);
  });

  it("that the server does not have is looked up again, for it may have come", async () => {
    const discovery = new Discovery(api);
    await expect(discovery.find("fit.dev/v1", "Thing")).rejects.toThrow(
      'no matches for kind "Thing" in version "fit.dev/v1"',
    );
    const resources = [{ name: "things", kind: "Thing", namespaced: true }];
    cluster.intercept = ({ path }) =>
      path === "/apis/fit.dev/v1" ? { code: 200, body: { kind: "APIResourceList", resources } } : undefined;
    expect((await discovery.find("fit.dev/v1", "Thing")).plural).toBe("things");
  });
});

describe("a kubeconfig", () => {
  it("may be content on one line", () => {
    const config = loadKubeConfig({ kubeconfig: kubeconfigFor("http://127.0.0.1:1") });
    expect(config.getCurrentCluster()?.server).toBe("http://127.0.0.1:1");
  });

  it("that has no such context says which it has", () => {
    const kubeconfig = kubeconfigFor("http://127.0.0.1:1");
    expect(() => loadKubeConfig({ kubeconfig, context: "prod" })).toThrow('no context "prod"; it has: fake');
  });

  it("that is missing is named", () => {
    expect(() => loadKubeConfig({ kubeconfig: "/nowhere/config" })).toThrow(
      "the kubeconfig file /nowhere/config cannot be read",
    );
  });
});
