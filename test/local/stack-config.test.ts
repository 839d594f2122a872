import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { composeStackFile, hasClientKeys, readTrackedConfig } from "../../tools/local/stack-config";

const CLUSTER = { kubeconfig: "/clone/.fitserve/kubeconfig", context: "kwok-fitserve-1" };
const TRACKED = `config:
  fitserve:serving:
    model: qwen3-32b
    workload: {concurrency: 50, promptTokens: 1024}
`;
const GENERATED = `encryptionsalt: v1:salt
config:
  fitserve:serving: {model: old-model}
  fitserve:clientKeys:
    local: {secure: v1:cipher}
`;

const compose = (tracked: string, previous?: string, settings: readonly string[] = []) =>
  composeStackFile(readTrackedConfig(tracked, "Pulumi.local.yaml", settings), previous, CLUSTER);

describe("the stack file of a run", () => {
  it("is the user's, with this clone's cluster", () => {
    expect(parse(compose(TRACKED))).toEqual({
      config: {
        "fitserve:serving": { model: "qwen3-32b", workload: { concurrency: 50, promptTokens: 1024 } },
        "fitserve:kubeconfig": CLUSTER.kubeconfig,
        "fitserve:context": CLUSTER.context,
      },
    });
  });

  it("takes over the user's edits and keeps the secrets that Pulumi encrypted before", () => {
    const file = parse(compose(TRACKED, GENERATED));
    expect(file.config["fitserve:serving"].model).toBe("qwen3-32b");
    expect(file.config["fitserve:clientKeys"]).toEqual({ local: { secure: "v1:cipher" } });
    expect(file.encryptionsalt).toBe("v1:salt");
  });

  it("does not take the client keys of a stack file that another passphrase encrypted", () => {
    const tracked = `${TRACKED}  fitserve:clientKeys: {team: {secure: v1:theirs}}\n`;
    expect(parse(compose(tracked, GENERATED)).config["fitserve:clientKeys"]).toEqual({
      local: { secure: "v1:cipher" },
    });
  });

  it("has a field of --set, and its neighbours unchanged", () => {
    expect(parse(compose(TRACKED, undefined, ["workload.concurrency=80"])).config["fitserve:serving"]).toEqual({
      model: "qwen3-32b",
      workload: { concurrency: 80, promptTokens: 1024 },
    });
  });

  it("tells whether it holds encrypted client keys", () => {
    expect(hasClientKeys(GENERATED)).toBe(true);
    expect(hasClientKeys(TRACKED)).toBe(false);
  });
});

describe("a tracked stack file that cannot be used", () => {
  it("is named with what is wrong when it is not YAML", () => {
    expect(() => readTrackedConfig("config: [", "Pulumi.local.yaml", [])).toThrow(/^Pulumi\.local\.yaml is not YAML: /);
  });

  it("is refused when it has no configuration", () => {
    expect(() => readTrackedConfig("- a list", "Pulumi.local.yaml", [])).toThrow(
      "Pulumi.local.yaml has no mapping named config.",
    );
  });

  it("is refused when it holds secrets that nobody here can decrypt", () => {
    const tracked = `${TRACKED}  fitserve:other: {secure: v1:theirs}\n`;
    expect(() => readTrackedConfig(tracked, "Pulumi.local.yaml", [])).toThrow(
      "Pulumi.local.yaml holds encrypted values (fitserve:other)",
    );
  });
});
