import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../tools/kubernetes-provider/kube-object";
import { servingSettings } from "../../../tools/serve/serving-settings";
import { feasiblePlan } from "../../support/feasible-plan";

const tools = { aigw: "aigw", envoy: "envoy", simulator: "simulator", enclosure: "enclosure" };
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "serving-settings-"));
  writeFileSync(join(folder, "key"), "a-key-of-the-local-client-0123456789\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function settingsOf(config: JsonObject) {
  return servingSettings(feasiblePlan(), config, tools, join(folder, "key"));
}

describe("what up --serve runs", () => {
  it("is the plan's gateway without a key in it, and a program for each replica", () => {
    const settings = settingsOf({});
    expect(JSON.stringify(settings)).not.toContain("a-key-of-the-local-client");
    expect(settings.replicas).toHaveLength(feasiblePlan().hardware.replicas);
  });

  it.each<[string, JsonObject]>([
    ["rateLimits", { "fitserve:rateLimits": { scope: "proxy", requestsPerMinute: 5 } }],
    ["sessionHeader", { "fitserve:sessionHeader": "x-session-id" }],
    ["endpointPicker", { "fitserve:endpointPicker": { service: "picker", port: 9002 } }],
    ["gateway: gateway-api", { "fitserve:gateway": "gateway-api" }],
  ])("is refused by name where it needs a cluster: %s", (named, config) => {
    expect(() => settingsOf(config)).toThrow(`cannot have these settings of the stack: ${named}. They are deployed`);
  });
});
