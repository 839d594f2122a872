import { describe, expect, test } from "vitest";
import { readProgramSettings } from "../../../components/settings/program-settings";

const KEYS = JSON.stringify({ ada: "0123456789abcdef" });
const GOOD = { "fitserve:clientKeys": KEYS, "fitserve:serving": "{}" };

function faultsOf(config: Record<string, string>): readonly string[] {
  const read = readProgramSettings({ ...GOOD, ...config }, "prod");
  return read.ok ? [] : read.faults;
}

function classOf(config: Record<string, string>) {
  const read = readProgramSettings(config, "prod");
  if (!read.ok) throw new Error(read.faults.join("; "));
  return { install: read.settings.installGateway, class: read.settings.options.gatewayClass };
}

describe("settings of the program", () => {
  test("the namespace follows from the stack, so that two stacks share a cluster", () => {
    expect(readProgramSettings(GOOD, "prod")).toEqual({
      ok: true,
      settings: { options: { namespace: "fitserve-prod" } },
    });
  });

  test("everything that can be set arrives", () => {
    const read = readProgramSettings(
      {
        ...GOOD,
        "fitserve:kubeconfig": "/tmp/kubeconfig",
        "fitserve:context": "prod",
        "fitserve:namespace": "ai",
        "fitserve:createNamespace": "false",
        "fitserve:gatewayClass": "envoy",
        "fitserve:tlsSecret": "cert",
        "fitserve:hubTokenSecret": "hub",
        "fitserve:nodeSelector": '{"pool":"gpu"}',
        "fitserve:clientNamespaces": '["envoy","metrics"]',
        "aws:region": "us-east-1",
      },
      "prod",
    );
    expect(read).toEqual({
      ok: true,
      settings: {
        kubeconfig: "/tmp/kubeconfig",
        context: "prod",
        options: {
          namespace: "ai",
          createNamespace: false,
          gatewayClass: { name: "envoy", create: false },
          tlsSecret: "cert",
          hubTokenSecret: "hub",
          nodeSelector: { pool: "gpu" },
          clientNamespaces: ["envoy", "metrics"],
        },
      },
    });
  });

  test("the gateway is installed where that is asked for, with a class of its own", () => {
    const asked = { ...GOOD, "fitserve:installGateway": "true" };
    expect(classOf(asked)).toEqual({ install: true, class: { name: "eg", create: true } });
    expect(classOf({ ...asked, "fitserve:createGatewayClass": "false", "fitserve:gatewayClass": "mine" })).toEqual({
      install: true,
      class: { name: "mine", create: false },
    });
    expect(classOf({ ...GOOD, "fitserve:installGateway": "false" }).install).toBeUndefined();
  });

  test.each([
    ["neither true nor false", { "fitserve:installGateway": "yes" }, /got "yes"; wanted true or false/],
    ["another gateway", { "fitserve:gateway": "gateway-api" }, /installs Envoy AI Gateway, which .* does without/],
    [
      "limits that want a Redis",
      { "fitserve:rateLimits": '{"scope":"shared","tokensPerMinute":1000}' },
      /^fitserve:rateLimits\.scope shared needs rateLimits\.redis, .* Or take scope proxy\.$/,
    ],
  ])("the gateway is not installed with %s", (_, config, wanted) => {
    const faults = faultsOf({ "fitserve:installGateway": "true", ...config });
    expect(faults).toEqual([expect.stringMatching(wanted)]);
  });

  test("every fault is named at once", () => {
    const faults = faultsOf({
      "fitserve:createNamespace": "yes",
      "fitserve:nodeSelector": '{"pool":1}',
      "fitserve:context": " ",
      "fitserve:namespace": "My_Space",
      "fitserve:namspace": "x",
    });
    expect(faults).toEqual([
      "fitserve:namspace is no setting; meant was fitserve:namespace?",
      "fitserve:context is empty; wanted a value, or no such line",
      'fitserve:namespace: got "My_Space"; wanted lower-case letters, digits and dashes, at most 63',
      'fitserve:createNamespace: got "yes"; wanted true or false',
      "fitserve:nodeSelector.pool: got 1; wanted an object of node labels as Kubernetes takes them, each with a text as value",
    ]);
  });
});

test("the name of an unknown setting is shown without control characters", () => {
  expect(faultsOf({ "fitserve:\u001b[2J": "x" })[0]).toMatch(/^fitserve: \[2J is no setting; known are /);
});

describe("clients' keys", () => {
  test("when they are missing the message has the command that sets one", () => {
    const read = readProgramSettings({}, "prod");
    expect(read.ok ? [] : read.faults).toEqual([
      expect.stringMatching(/pulumi config set --secret --path 'fitserve:clientKeys\.CLIENT'/),
    ]);
  });

  test.each<[string, unknown, RegExp]>([
    ["text", "key", /wanted an object/],
    ["no client", {}, /names no client/],
    ["a name with a blank", { "a b": "0123456789abcdef" }, /the client "a b" needs a name/],
    ["a short key", { ada: "short" }, /clientKeys\.ada: wanted at least 16/],
    ["a key with a line break", { ada: "0123456789abcdef\n" }, /without blanks/],
    ["one key for two", { ada: "0123456789abcdef", bob: "0123456789abcdef" }, /two clients have the same key/],
  ])("%s is refused without repeating a key", (_, keys, wanted) => {
    const [fault = ""] = faultsOf({ "fitserve:clientKeys": JSON.stringify(keys) });
    expect(fault).toMatch(wanted);
    expect(fault).not.toContain("0123456789abcdef");
  });
});
