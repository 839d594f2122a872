import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../tools/kubernetes-provider/kube-object";
import { secret, UNKNOWN } from "../../../tools/kubernetes-provider/properties";
import { diffResource } from "../../../tools/kubernetes-provider/operations/diff";

const IMMUTABLE = { configMaps: false, secrets: false };

interface Case {
  readonly type?: string;
  readonly ignoreChanges?: readonly string[];
  /** What the server added to the object that was applied. */
  readonly live?: JsonObject;
}

function diff(old: JsonObject, news: JsonObject, { type = "apps/v1:Deployment", ignoreChanges = [], live }: Case = {}) {
  const olds = { ...(live ?? old), __inputs: old };
  return diffResource(undefined, IMMUTABLE, {
    urn: `urn:pulumi:s::p::kubernetes:${type}::r`,
    olds,
    news,
    ignoreChanges,
  });
}

const meta = { name: "r", namespace: "default" };

function deployment(spec: JsonObject, metadata: JsonObject = meta): JsonObject {
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec };
}

function paths(difference: Awaited<ReturnType<typeof diff>>): string[] {
  return difference.changes.map((one) => `${one.kind} ${one.path}${one.replaces ? " replaces" : ""}`);
}

const args = (...list: string[]) => deployment({ template: { spec: { containers: [{ args: list }] } } });

const limits = (gpus: string) => deployment({ limits: { "nvidia.com/gpu": gpus } });

const cpu = (amount: string) => deployment({ resources: { requests: { cpu: amount } } });

const thing = (spec: JsonObject): JsonObject => ({ apiVersion: "fit.dev/v1", kind: "Thing", metadata: meta, spec });

const withToken = (value: JsonObject[string]) => deployment({ token: value });

describe("a difference", () => {
  it("is none where the inputs are the same", async () => {
    const inputs = deployment({ replicas: 1 });
    expect(paths(await diff(inputs, inputs))).toEqual([]);
  });

  it("is none for what only the server filled in", async () => {
    const inputs = deployment({ template: { spec: { containers: [{ name: "c" }] } } });
    const live = deployment({
      template: {
        spec: { containers: [{ name: "c", imagePullPolicy: "Always" }, { name: "sidecar" }], dnsPolicy: "x" },
      },
    });
    expect(paths(await diff(inputs, inputs, { live }))).toEqual([]);
  });

  it("names the argument that changed", async () => {
    expect(paths(await diff(args("--a", "1"), args("--a", "2", "--b")))).toEqual([
      "update spec.template.spec.containers[0].args[1]",
      "add spec.template.spec.containers[0].args[2]",
    ]);
  });

  it("quotes keys that have dots", async () => {
    expect(paths(await diff(limits("1"), limits("2")))).toEqual(['update spec.limits["nvidia.com/gpu"]']);
  });

  it("is a deletion where the program gave a field up", async () => {
    expect(paths(await diff(deployment({ replicas: 1, paused: true }), deployment({ replicas: 1 })))).toEqual([
      "delete spec.paused",
    ]);
  });

  it("compares with the live object, so that drift shows", async () => {
    const inputs = deployment({ replicas: 1 });
    expect(paths(await diff(inputs, inputs, { live: deployment({ replicas: 3 }) }))).toEqual(["update spec.replicas"]);
  });

  it("is none between two spellings of one quantity", async () => {
    expect(paths(await diff(cpu("0.5"), cpu("500m"), { live: cpu("500m") }))).toEqual([]);
  });

  it("is none for zero values that the server leaves out", async () => {
    const old = deployment({ replicas: 1 });
    const news = deployment({ replicas: 1, hostNetwork: false, env: [], nodeSelector: {} });
    expect(paths(await diff(old, news))).toEqual([]);
    expect(paths(await diff(news, news, { live: old }))).toEqual([]);
  });

  it("takes a zero for a change where the server has another value", async () => {
    const live = deployment({ replicas: 1 });
    expect(paths(await diff(deployment({}), deployment({ replicas: 0 }), { live }))).toEqual(["add spec.replicas"]);
  });

  it("keeps zero values of custom resources apart from absence", async () => {
    expect(paths(await diff(thing({}), thing({ on: false }), { type: "fit.dev/v1:Thing" }))).toEqual(["add spec.on"]);
  });

  it("takes the namespace default for the one that goes without saying", async () => {
    expect(paths(await diff(deployment({}), deployment({}, { name: "r" })))).toEqual([]);
  });

  it("is an update where the new value is unknown", async () => {
    expect(paths(await diff(deployment({ x: { a: 1 } }), deployment({ x: UNKNOWN })))).toEqual(["update spec.x"]);
  });

  it("leaves out what the program is told to ignore", async () => {
    const found = await diff(deployment({ replicas: 1, a: 1 }), deployment({ replicas: 2, a: 2 }), {
      ignoreChanges: ["spec.replicas"],
    });
    expect(paths(found)).toEqual(["update spec.a"]);
  });

  it("sees through secrets", async () => {
    expect(paths(await diff(withToken(secret("a")), withToken("a")))).toEqual([]);
    expect(paths(await diff(withToken(secret("a")), withToken(secret("b"))))).toEqual(["update spec.token"]);
  });
});

/** One change each, by kind, of a field that an object cannot change. */
const REPLACED: readonly [type: string, field: string, old: JsonObject, news: JsonObject][] = [
  [
    "apps/v1:Deployment",
    "spec.selector.matchLabels.a",
    { spec: { selector: { matchLabels: { a: "1" } } } },
    { spec: { selector: { matchLabels: { a: "2" } } } },
  ],
  [
    "apps/v1:DaemonSet",
    "spec.selector.matchLabels.a",
    { spec: { selector: { matchLabels: { a: "1" } } } },
    { spec: { selector: { matchLabels: { a: "2" } } } },
  ],
  ["apps/v1:StatefulSet", "spec.serviceName", { spec: { serviceName: "a" } }, { spec: { serviceName: "b" } }],
  [
    "apps/v1:StatefulSet",
    "spec.volumeClaimTemplates[0].a",
    { spec: { volumeClaimTemplates: [{ a: 1 }] } },
    { spec: { volumeClaimTemplates: [{ a: 2 }] } },
  ],
  [
    "batch/v1:Job",
    "spec.template.spec.a",
    { spec: { template: { spec: { a: 1 } } } },
    { spec: { template: { spec: { a: 2 } } } },
  ],
  ["batch/v1:Job", "spec.parallelism", { spec: { parallelism: 1 } }, { spec: { parallelism: 2 } }],
  ["core/v1:ConfigMap", "data.a", { data: { a: "1" } }, { data: { a: "2" } }],
  ["core/v1:Secret", "data.a", { data: { a: "MQ==" } }, { data: { a: "Mg==" } }],
  ["core/v1:Secret", "type", { type: "Opaque" }, { type: "kubernetes.io/tls" }],
  ["core/v1:Service", "spec.clusterIP", { spec: { clusterIP: "10.0.0.1" } }, { spec: { clusterIP: "None" } }],
  [
    "core/v1:PersistentVolumeClaim",
    "spec.storageClassName",
    { spec: { storageClassName: "a" } },
    { spec: { storageClassName: "b" } },
  ],
  ["core/v1:PersistentVolume", "spec.nfs.path", { spec: { nfs: { path: "/a" } } }, { spec: { nfs: { path: "/b" } } }],
  [
    "core/v1:Pod",
    "spec.containers[0].image",
    { spec: { containers: [{ image: "a" }] } },
    { spec: { containers: [{ image: "b" }] } },
  ],
  ["core/v1:Pod", "spec.nodeName", { spec: { nodeName: "a" } }, { spec: { nodeName: "b" } }],
  ["core/v1:ResourceQuota", "spec.scopes[0]", { spec: { scopes: ["a"] } }, { spec: { scopes: ["b"] } }],
  ["rbac.authorization.k8s.io/v1:RoleBinding", "roleRef.name", { roleRef: { name: "a" } }, { roleRef: { name: "b" } }],
  [
    "rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "roleRef.name",
    { roleRef: { name: "a" } },
    { roleRef: { name: "b" } },
  ],
  ["storage.k8s.io/v1:StorageClass", "provisioner", { provisioner: "a" }, { provisioner: "b" }],
  ["storage.k8s.io/v1:StorageClass", "parameters.a", { parameters: { a: "1" } }, { parameters: { a: "2" } }],
];

function typed(type: string, rest: JsonObject, metadata: JsonObject = meta): JsonObject {
  const [module = "", kind = ""] = type.split(":");
  return { apiVersion: module.replace("core/", ""), kind, metadata, ...rest };
}

describe("an immutable field", () => {
  it.each(REPLACED)("of %s replaces the object: %s", async (type, field, old, news) => {
    expect(paths(await diff(typed(type, old), typed(type, news), { type }))).toEqual([`update ${field} replaces`]);
  });

  it("replaces it for another name or namespace, whatever the kind", async () => {
    const type = "fit.dev/v1:Thing";
    const moved = await diff(typed(type, {}), typed(type, {}, { name: "s", namespace: "other" }), { type });
    // A new name is taken for the live one's, as the official provider does: names never differ in a diff but here.
    expect(paths(moved)).toEqual(["update metadata.name replaces", "update metadata.namespace replaces"]);
  });

  it("replaces it where a change above holds the field", async () => {
    const type = "batch/v1:Job";
    expect(paths(await diff(typed(type, {}), typed(type, { spec: { template: {} } }), { type }))).toEqual([
      "add spec replaces",
    ]);
  });

  it("may change where the provider is told so, unless the object itself says it is immutable", async () => {
    const type = "core/v1:ConfigMap";
    const request = (extra: JsonObject) => ({
      urn: `urn:pulumi:s::p::kubernetes:${type}::r`,
      olds: { ...typed(type, { data: { a: "1" }, ...extra }), __inputs: typed(type, { data: { a: "1" }, ...extra }) },
      news: typed(type, { data: { a: "2" }, ...extra }),
      ignoreChanges: [],
    });
    const mutable = { configMaps: true, secrets: true };
    expect(paths(await diffResource(undefined, mutable, request({})))).toEqual(["update data.a"]);
    expect(paths(await diffResource(undefined, mutable, request({ immutable: true })))).toEqual([
      "update data.a replaces",
    ]);
  });

  it("does not replace what only patches another's object", async () => {
    const old = deployment({ selector: { matchLabels: { a: "1" } } });
    const news = deployment({ selector: { matchLabels: { a: "2" } } });
    expect(paths(await diff(old, news, { type: "apps/v1:DeploymentPatch" }))).toEqual([
      "update spec.selector.matchLabels.a",
    ]);
  });
});

const selector = (a: string, metadata: JsonObject) => deployment({ selector: { matchLabels: { a } } }, metadata);

describe("a replacement", () => {
  it("deletes first where the new object takes the same explicit name", async () => {
    expect((await diff(selector("1", meta), selector("2", meta))).deleteBeforeReplace).toBe(true);
  });

  it("creates first where the name is automatic", async () => {
    const auto = { ...meta, annotations: { "pulumi.com/autonamed": "true" } };
    expect((await diff(selector("1", auto), selector("2", auto))).deleteBeforeReplace).toBe(false);
  });

  it("creates first in another namespace", async () => {
    const moved = await diff(selector("1", meta), selector("1", { ...meta, namespace: "other" }));
    expect(moved.deleteBeforeReplace).toBe(false);
  });
});
