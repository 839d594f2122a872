import { describe, expect, it } from "vitest";
import { checkInputs } from "../../../tools/kubernetes-provider/operations/check";
import { type JsonObject, stringAt } from "../../../tools/kubernetes-provider/kube-object";
import { secret } from "../../../tools/kubernetes-provider/properties";

const SEED = new Uint8Array([1, 2, 3]);

function check(
  news: JsonObject,
  {
    olds = {},
    type = "core/v1:ConfigMap",
    seed = SEED,
    autonaming = undefined as Parameters<typeof checkInputs>[1]["autonaming"],
  } = {},
) {
  const urn = `urn:pulumi:s::p::my:component$kubernetes:${type}::web`;
  return checkInputs(undefined, { urn, olds, news, seed, autonaming });
}

const configMap: JsonObject = { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } };

describe("a name", () => {
  it("that the program gives stays", async () => {
    const inputs = await check({ ...configMap, metadata: { name: "given" } });
    expect(inputs["metadata"]).toEqual({ name: "given" });
  });

  it("is made of the resource's and eight hex digits, and marked as made", async () => {
    const inputs = await check(configMap);
    expect(stringAt(inputs, "metadata", "name")).toMatch(/^web-[0-9a-f]{8}$/);
    expect(stringAt(inputs, "metadata", "annotations", "pulumi.com/autonamed")).toBe("true");
  });

  it("is the same for the same seed, so that preview and update agree", async () => {
    expect(await check(configMap)).toEqual(await check(configMap));
  });

  it("is another for another seed, so that a replacement does not clash", async () => {
    const [one, two] = [await check(configMap), await check(configMap, { seed: new Uint8Array([9]) })];
    expect(stringAt(one, "metadata", "name")).not.toBe(stringAt(two, "metadata", "name"));
  });

  it("that was made before is kept", async () => {
    const olds = await check(configMap);
    const inputs = await check({ ...configMap, data: { a: "2" } }, { olds, seed: new Uint8Array([9]) });
    expect(stringAt(inputs, "metadata", "name")).toBe(stringAt(olds, "metadata", "name"));
  });

  it("is the one that the user's naming pattern gives", async () => {
    const inputs = await check(configMap, { autonaming: { proposedName: "team-web", disabled: false } });
    expect(stringAt(inputs, "metadata", "name")).toBe("team-web");
  });

  it("has to be given where automatic names are switched off", async () => {
    const autonaming = { proposedName: "", disabled: true };
    await expect(check(configMap, { autonaming })).rejects.toThrow("set `metadata.name`");
  });

  it("has to be given for a resource that patches", async () => {
    await expect(check(configMap, { type: "core/v1:ConfigMapPatch" })).rejects.toThrow("needs `metadata.name`");
  });
});

describe("checked inputs", () => {
  it("fold stringData into data and keep it secret", async () => {
    const inputs = await check(
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "k" },
        data: { b: "Mg==" },
        stringData: { a: secret("1") },
      },
      { type: "core/v1:Secret" },
    );
    expect(inputs).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "k" },
      data: secret({ a: "MQ==", b: "Mg==" }),
    });
  });

  it("keep secrets marked in other kinds too", async () => {
    const inputs = await check({ ...configMap, metadata: { name: "k" }, data: { a: secret("1"), b: "2" } });
    expect(inputs["data"]).toEqual({ a: secret("1"), b: "2" });
  });

  it("drop what only the server writes", async () => {
    const metadata = {
      name: "k",
      uid: "u",
      resourceVersion: "1",
      generation: 3,
      creationTimestamp: "t",
      managedFields: [],
    };
    expect((await check({ ...configMap, metadata }))["metadata"]).toEqual({ name: "k" });
  });

  it("stay in their namespace where no server can be asked for the default one", async () => {
    const olds = { ...configMap, metadata: { name: "k", namespace: "team" } };
    const inputs = await check({ ...configMap, metadata: { name: "k" } }, { olds });
    expect(inputs["metadata"]).toEqual({ name: "k", namespace: "team" });
  });

  it("refuse generateName, which server-side apply cannot do", async () => {
    await expect(check({ ...configMap, metadata: { generateName: "x-" } }, { olds: configMap })).rejects.toThrow(
      "generateName",
    );
  });

  it("refuse a type without group and version", async () => {
    await expect(check(configMap, { type: "v1:ConfigMap" })).rejects.toThrow(
      "wanted kubernetes:<group>/<version>:<kind>",
    );
  });
});
