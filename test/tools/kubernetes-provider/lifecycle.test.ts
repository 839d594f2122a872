import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isJsonObject, type JsonObject, stringAt } from "../../../tools/kubernetes-provider/kube-object";
import { secret, UNKNOWN } from "../../../tools/kubernetes-provider/properties";
import { KubernetesProvider } from "../../../tools/kubernetes-provider/provider";
import { FakeCluster, kubeconfigFor, refusal } from "../support/fake-cluster";

const URN = "urn:pulumi:s::p::kubernetes:core/v1:Secret::keys";
const DEPLOYMENT_URN = "urn:pulumi:s::p::kubernetes:apps/v1:Deployment::web";
const PATH = "/api/v1/namespaces/team/secrets/keys";
const PROPERTIES: JsonObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "keys", namespace: "team" },
  data: secret({ a: "MQ==" }),
};
const DEPLOYMENT: JsonObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "team" },
  spec: { replicas: 1 },
};

const cluster = new FakeCluster();
let provider: KubernetesProvider;

async function configured(extra: Record<string, string> = {}): Promise<KubernetesProvider> {
  const made = new KubernetesProvider();
  const kubeconfig = kubeconfigFor(await cluster.start());
  await made.configure({ "kubernetes:config:kubeconfig": kubeconfig, "kubernetes:config:namespace": "team", ...extra });
  cluster.received.length = 0;
  return made;
}

beforeEach(async () => {
  cluster.objects.clear();
  cluster.intercept = () => undefined;
  provider = await configured();
});

afterEach(() => cluster.stop());

function create(properties: JsonObject, { preview = false, urn = URN, timeoutSeconds = 0 } = {}) {
  return provider.create({ urn, properties, timeoutSeconds, preview });
}

function managerOf(state: JsonObject): string {
  return stringAt(state, "__fieldManager") ?? "";
}

describe("creating", () => {
  it("sends secrets open and records them closed", async () => {
    const { id, state } = await create(PROPERTIES);
    expect(id).toBe("team/keys");
    expect(cluster.objects.get(PATH)?.["data"]).toEqual({ a: "MQ==" });
    expect(state["data"]).toEqual(secret({ a: "MQ==" }));
    expect(state["__inputs"]).toEqual(PROPERTIES);
    expect(state["__initialApiVersion"]).toBe("v1");
    expect(managerOf(state)).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
  });

  it("applies as the same field manager in every run, so that a killed run can be taken up", async () => {
    const [first, second] = [await create(PROPERTIES), await create(PROPERTIES)];
    expect(managerOf(first.state)).toBe(managerOf(second.state));
  });

  it("in a preview asks the server and changes nothing", async () => {
    const { id, state } = await create(PROPERTIES, { preview: true });
    expect(id).toBe("");
    expect(stringAt(state, "metadata", "uid")).toBe("u-1");
    expect(cluster.objects.size).toBe(0);
  });

  it("in a preview with unknown values gives the inputs back", async () => {
    const properties = { ...PROPERTIES, data: { a: UNKNOWN } };
    expect(await create(properties, { preview: true })).toEqual({ id: "", state: properties });
    expect(cluster.received.filter((one) => one.method === "PATCH")).toEqual([]);
  });

  it("in a preview waits for no namespace that the update itself will make", async () => {
    cluster.intercept = ({ method }) =>
      method === "PATCH" ? { code: 404, body: refusal(404, "NotFound", 'namespaces "team" not found') } : undefined;
    expect(await create(PROPERTIES, { preview: true })).toEqual({ id: "", state: PROPERTIES });
  });

  it("in a preview lets an object pass whose predecessor cannot change so", async () => {
    const message = "Deployment is invalid: spec.selector: Invalid value: field is immutable";
    cluster.intercept = ({ method }) =>
      method === "PATCH" ? { code: 422, body: refusal(422, "Invalid", message) } : undefined;
    expect((await create(PROPERTIES, { preview: true })).state).toEqual(PROPERTIES);
  });

  it("in a preview shows what the server refuses", async () => {
    const message = ".spec.matchez: field not declared in schema";
    cluster.intercept = ({ method }) =>
      method === "PATCH" ? { code: 500, body: refusal(500, "", message) } : undefined;
    await expect(create(PROPERTIES, { preview: true })).rejects.toThrow(
      `resource "${URN}" was not successfully created by the Kubernetes API server: ${message}`,
    );
  });

  it("records an object that does not become ready, with the reasons", async () => {
    const outcome = await create(DEPLOYMENT, { urn: DEPLOYMENT_URN, timeoutSeconds: 0.2 });
    expect(outcome.id).toBe("team/web");
    expect(outcome.state["spec"]).toEqual({ replicas: 1 });
    expect(outcome.failure?.message).toContain("was successfully created, but the Kubernetes API server reported");
    expect(outcome.failure?.message).toContain("Deployment team/web timed out waiting to be ready");
  });

  it("stops waiting when the user cancels, and records what is there", async () => {
    cluster.intercept = ({ method }) => {
      // The provider reads the object only to see whether it is ready by now.
      if (method === "GET" && cluster.objects.size > 0) provider.cancel();
      return undefined;
    };
    const outcome = await create(DEPLOYMENT, { urn: DEPLOYMENT_URN });
    expect(outcome.id).toBe("team/web");
    expect(outcome.failure?.message).toContain("waiting for Deployment team/web was cancelled");
  });

  it("waits for nothing where the annotation says so", async () => {
    const metadata = { name: "web", namespace: "team", annotations: { "pulumi.com/skipAwait": "true" } };
    expect((await create({ ...DEPLOYMENT, metadata }, { urn: DEPLOYMENT_URN })).failure).toBeUndefined();
  });
});

const conflict = (manager: string) => {
  cluster.intercept = ({ method, query }) =>
    method === "PATCH" && query.get("force") !== "true"
      ? {
          code: 409,
          body: refusal(409, "Conflict", `Apply failed with 1 conflict: conflict with "${manager}" using v1: .data.a`),
        }
      : undefined;
};

describe("a conflict of field managers", () => {
  it("with this provider's earlier self is no conflict", async () => {
    conflict("pulumi-kubernetes-0badcafe");
    expect((await create(PROPERTIES)).id).toBe("team/keys");
  });

  it("with anybody else stops the change and says how to go on", async () => {
    conflict("kubectl");
    await expect(create(PROPERTIES)).rejects.toThrow(
      /conflict with "kubectl" using v1: \.data\.a\. Set the annotation pulumi\.com\/patchForce/,
    );
  });

  it("is taken over where the annotation says so", async () => {
    conflict("kubectl");
    const metadata = { name: "keys", namespace: "team", annotations: { "pulumi.com/patchForce": "true" } };
    expect((await create({ ...PROPERTIES, metadata })).id).toBe("team/keys");
  });
});

const read = (id: string, properties: JsonObject, inputs: JsonObject, urn = URN) =>
  provider.read({ urn, id, properties, inputs });

describe("reading", () => {
  it("says that an object is gone", async () => {
    const { id, state } = await create(PROPERTIES);
    cluster.objects.clear();
    expect(await read(id, state, PROPERTIES)).toBeUndefined();
  });

  it("finds the same inputs where nothing changed", async () => {
    const { id, state } = await create(PROPERTIES);
    expect(await read(id, state, PROPERTIES)).toEqual({ id, state, inputs: PROPERTIES });
  });

  it("finds what changed behind the program's back, and keeps it secret", async () => {
    const { id, state } = await create(PROPERTIES);
    const live = cluster.objects.get(PATH) ?? {};
    cluster.objects.set(PATH, { ...live, data: { a: "Mg==" } });
    expect((await read(id, state, PROPERTIES))?.inputs?.["data"]).toEqual(secret({ a: "Mg==" }));
  });

  it("takes an object over that no program had", async () => {
    cluster.objects.set(PATH, {
      apiVersion: "v1",
      kind: "Secret",
      type: "Opaque",
      metadata: { name: "keys", namespace: "team", uid: "u", resourceVersion: "7" },
      data: { a: "MQ==" },
      status: {},
    });
    const found = await read("team/keys", {}, {});
    expect(found?.inputs).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      type: "Opaque",
      metadata: { name: "keys", namespace: "team" },
      data: secret({ a: "MQ==" }),
    });
  });
});

describe("updating", () => {
  it("applies the new inputs as the recorded field manager", async () => {
    const { id, state } = await create(PROPERTIES);
    const olds = { ...state, __fieldManager: "pulumi-kubernetes-12345678" };
    const news = { ...PROPERTIES, data: secret({ a: "Mg==" }) };
    const update = { urn: URN, id, olds, news, timeoutSeconds: 0, preview: false, ignoreChanges: [] };
    const outcome = await provider.update(update);
    expect(cluster.objects.get(PATH)?.["data"]).toEqual({ a: "Mg==" });
    expect(managerOf(outcome.state)).toBe("pulumi-kubernetes-12345678");
  });

  it("that the server refuses records the object as it is", async () => {
    const { id, state } = await create(PROPERTIES);
    cluster.intercept = ({ method }) =>
      method === "PATCH" ? { code: 422, body: refusal(422, "Invalid", "data is bad") } : undefined;
    const news = { ...PROPERTIES, data: secret({ a: "Mg==" }) };
    const update = { urn: URN, id, olds: state, news, timeoutSeconds: 0, preview: false, ignoreChanges: [] };
    const outcome = await provider.update(update);
    expect(outcome.failure?.message).toContain("data is bad");
    expect(outcome.state["data"]).toEqual(secret({ a: "MQ==" }));
  });

  it("says that the object is gone", async () => {
    const { id, state } = await create(PROPERTIES);
    cluster.objects.clear();
    const update = {
      urn: URN,
      id,
      olds: state,
      news: PROPERTIES,
      timeoutSeconds: 0,
      preview: false,
      ignoreChanges: [],
    };
    await expect(provider.update(update)).rejects.toThrow("it is gone from the cluster; `pulumi refresh` notes that");
  });
});

const JOB_URN = "urn:pulumi:s::p::kubernetes:batch/v1:Job::fill";
const JOB_PATH = "/apis/batch/v1/namespaces/team/jobs/fill";

function jobWith(annotations: JsonObject): JsonObject {
  const metadata = { name: "fill", namespace: "team", annotations };
  return { apiVersion: "batch/v1", kind: "Job", metadata, spec: { backoffLimit: 6 } };
}

/** What the next run finds of a Job that came to this end. */
async function nextRun(
  ended: "Complete" | "Failed",
  annotations: JsonObject = { "pulumi.com/replaceUnready": "true" },
) {
  const inputs = jobWith(annotations);
  cluster.intercept = ({ method, path }) => {
    const live = cluster.objects.get(path);
    if (method !== "GET" || path !== JOB_PATH || live === undefined) return undefined;
    return { code: 200, body: { ...live, status: { conditions: [{ type: ended, status: "True" }] } } };
  };
  const { state } = await create(inputs, { urn: JOB_URN });
  return provider.diff({ urn: JOB_URN, olds: state, news: inputs, ignoreChanges: [] });
}

describe("a Job that is made anew unless it is done", () => {
  it("is replaced by the next run where it failed, and goes before its successor, which has its name", async () => {
    expect(await nextRun("Failed")).toEqual({
      changes: [{ path: 'metadata.annotations["pulumi.com/replaceUnready"]', kind: "update", replaces: true }],
      deleteBeforeReplace: true,
    });
  });

  it("is left as it is where it is done", async () => {
    expect(await nextRun("Complete")).toEqual({ changes: [], deleteBeforeReplace: false });
  });

  it("is left as it is where it failed and does not ask for that", async () => {
    expect(await nextRun("Failed", {})).toEqual({ changes: [], deleteBeforeReplace: false });
  });
});

const remove = (id: string, properties: JsonObject, timeoutSeconds = 0) =>
  provider.delete({ urn: URN, id, properties, timeoutSeconds });

describe("deleting", () => {
  it("removes dependents first and waits until the object is gone", async () => {
    const { id, state } = await create(PROPERTIES);
    expect(await remove(id, state)).toBeUndefined();
    expect(cluster.objects.size).toBe(0);
    expect(cluster.received.find((one) => one.method === "DELETE")?.body).toEqual({ propagationPolicy: "Foreground" });
  });

  it("of an object that is gone already is done", async () => {
    const { id, state } = await create(PROPERTIES);
    cluster.objects.clear();
    expect(await remove(id, state)).toBeUndefined();
  });

  it("says which finalizer holds the object", async () => {
    const { id, state } = await create(PROPERTIES);
    const live = cluster.objects.get(PATH) ?? {};
    const metadata = isJsonObject(live["metadata"]) ? live["metadata"] : {};
    cluster.objects.set(PATH, { ...live, metadata: { ...metadata, finalizers: ["fit.dev/hold"] } });
    cluster.intercept = ({ method }) => (method === "DELETE" ? { code: 200, body: refusal(200, "", "") } : undefined);
    const outcome = await remove(id, state, 0.2);
    expect(outcome?.failure).toEqual({
      message: "timed out waiting for deletion of Secret team/keys",
      reasons: ["finalizer fit.dev/hold is still there"],
    });
  });
});

describe("a cluster that does not answer", () => {
  it("lets a preview pass and stops an update with one sentence", async () => {
    await cluster.stop();
    provider = new KubernetesProvider();
    await provider.configure({ "kubernetes:config:kubeconfig": kubeconfigFor("http://127.0.0.1:1") });
    expect((await create(PROPERTIES, { preview: true })).state).toEqual(PROPERTIES);
    await expect(create(PROPERTIES)).rejects.toThrow(
      "configured Kubernetes cluster is unreachable: the Kubernetes API server at http://127.0.0.1:1 does not answer: connection refused",
    );
    await cluster.start();
  });

  it("counts as deleted where the user says so", async () => {
    await cluster.stop();
    provider = new KubernetesProvider();
    await provider.configure({
      "kubernetes:config:kubeconfig": kubeconfigFor("http://127.0.0.1:1"),
      "kubernetes:config:deleteUnreachable": "true",
    });
    expect(await provider.delete({ urn: URN, id: "team/keys", properties: {}, timeoutSeconds: 0 })).toBeUndefined();
    await cluster.start();
  });
});

describe("a setting that cannot be honoured", () => {
  it("is refused by name", async () => {
    await expect(provider.configure({ "kubernetes:config:enableServerSideApply": "false" })).rejects.toThrow(
      "does not support enableServerSideApply: false",
    );
  });
});
