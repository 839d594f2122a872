import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAt, valueAt } from "../../tools/kubernetes-provider/kube-object";
import { Clone, USERS_KUBECONFIG } from "./support/clone";
import { engineDeployment, managedObjects, podsOf, simulatedNodes } from "./support/cluster-view";

/** The first run on a machine builds the tools from source. */
const FIRST_BUILD_TIMEOUT_MS = 3_600_000;

describe("the main job, on a real Kubernetes API server", () => {
  let clone: Clone;

  beforeAll(() => {
    clone = new Clone("main");
  });

  afterAll(async () => {
    await clone.dispose();
  });

  it(
    "prepare fills the tool cache",
    async () => {
      const prepared = await clone.run(["prepare"]);
      expect(prepared).toMatchObject({ code: 0 });
      expect(prepared.output).toContain("the tools of the local target are ready");
    },
    FIRST_BUILD_TIMEOUT_MS,
  );

  it("preview shows the plan, size and cost, and makes nothing in the cluster", async () => {
    const preview = await clone.run(["preview"]);
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toContain("ACCEPTED  qwen3-32b");
    expect(preview.output).toMatch(/Outputs:[^]*cost *: \{[^]*sizing *: \{/);
    expect(preview.output).toMatch(/\+ \d+ to create/);
    expect(await simulatedNodes(clone.places)).toEqual([]);
    expect(await managedObjects(clone.places, "v1", "Namespace")).toEqual([]);
  });

  it("up ends with every engine pod Running on a simulated node that it holds 2 GPUs of", async () => {
    const up = await clone.run(["up"]);
    expect(up).toMatchObject({ code: 0 });
    const nodes = await simulatedNodes(clone.places);
    const pods = await podsOf(clone.places);
    expect(pods.length).toBeGreaterThan(0);
    for (const pod of pods) {
      expect(pod).toMatchObject({ phase: "Running", gpus: 2 });
      expect(nodes.map((node) => node.name)).toContain(pod.node);
      expect(up.output).toContain(`pod ${pod.name}: Running on ${pod.node}, holding 2 nvidia.com/gpu`);
    }
    for (const node of nodes) expect(node.taints).toContain("nvidia.com/gpu:NoSchedule");
    expect(up.output).toContain("What is simulated");
  });

  it.each([
    ["gateway.networking.k8s.io/v1", "Gateway"],
    ["aigateway.envoyproxy.io/v1beta1", "AIGatewayRoute"],
    ["aigateway.envoyproxy.io/v1beta1", "AIServiceBackend"],
    ["gateway.envoyproxy.io/v1alpha1", "Backend"],
    ["gateway.envoyproxy.io/v1alpha1", "EnvoyProxy"],
    ["gateway.envoyproxy.io/v1alpha1", "SecurityPolicy"],
    ["gateway.envoyproxy.io/v1alpha1", "BackendTrafficPolicy"],
    ["gateway.envoyproxy.io/v1alpha1", "ClientTrafficPolicy"],
  ])("the API server has accepted the gateway's %s %s", async (apiVersion, kind) => {
    expect(await managedObjects(clone.places, apiVersion, kind)).toHaveLength(1);
  });

  it("up again says that there are no changes", async () => {
    const before = clone.recordedState();
    const up = await clone.run(["up"]);
    expect(up).toMatchObject({ code: 0 });
    expect(up.output).toMatch(/No changes: all \d+ resources are as configured\./);
    expect(up.output).not.toContain("pulumi up");
    expect(clone.recordedState()).toBe(before);
  });

  it("plain pulumi preview with the policy pack agrees that nothing would change", async () => {
    const { stackConfig } = clone.places;
    const args = ["preview", "--config-file", stackConfig, "--policy-pack", "policies", "--expect-no-changes"];
    expect(await clone.pulumi(args)).toMatchObject({ code: 0 });
  });

  it("another quantization is previewed as a change of the engine and its machines alone, with size and cost", async () => {
    const preview = await clone.run(["preview", "--set", "quantization=fp8"]);
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toMatch(/~ .*Deployment .* update/);
    // The machines may be the same: that is the market's matter.
    const changed = changedKinds(preview.output).filter((kind) => kind !== "core/v1:Node");
    expect(changed).toEqual(["apps/v1:Deployment"]);
    const outputs = preview.output.slice(preview.output.indexOf("Outputs:"));
    expect(outputs).toMatch(/~ cost +: \{/);
    expect(outputs).toMatch(/~ sizing +: \{/);
  });

  it("another quantization updates the engine in place, and up without it takes it back", async () => {
    const before = await engineDeployment(clone.places);
    expect(before.containers).toContain("Qwen3-32B-AWQ");
    expect(await clone.run(["up", "--set", "quantization=fp8"])).toMatchObject({ code: 0 });
    const after = await engineDeployment(clone.places);
    expect(after.containers).toContain("Qwen3-32B-FP8");
    expect(after.uid).toBe(before.uid);
    const nodes = await simulatedNodes(clone.places);
    for (const pod of await podsOf(clone.places)) {
      expect(pod.phase).toBe("Running");
      expect(nodes.map((node) => node.name)).toContain(pod.node);
    }
    expect(await clone.run(["up"])).toMatchObject({ code: 0 });
    expect((await engineDeployment(clone.places)).containers).toBe(before.containers);
  });

  it("FP16 weights at 50 requests are refused with exit code 4 and nothing changed", async () => {
    const state = clone.recordedState();
    const before = await engineDeployment(clone.places);
    const up = await clone.run(["up", "--set", "quantization=bf16"]);
    expect(up).toMatchObject({ code: 4 });
    expect(up.output).toContain("REFUSED");
    expect(clone.recordedState()).toBe(state);
    expect(await engineDeployment(clone.places)).toEqual(before);
  });

  it("the policy pack refuses FP16 weights at 50 requests by itself, whoever calls Pulumi", async () => {
    const config = readFileSync(clone.places.stackConfig, "utf8");
    const refused = join(clone.places.work, "refused.yaml");
    writeFileSync(refused, config.replace("quantization: int4-w4a16", "quantization: bf16"));
    const state = clone.recordedState();
    const up = await clone.pulumi(["up", "--yes", "--config-file", refused, "--policy-pack", "policies"]);
    expect(up.output).toContain("no-fp16-at-50-concurrency");
    expect(up.output).toMatch(/\[mandatory\]/);
    expect(up.code).not.toBe(0);
    expect(resourcesIn(clone.recordedState())).toEqual(resourcesIn(state));
    rmSync(refused);
  });

  it.each([
    ["workload.concurrency=0", 2],
    ["workload.concurrency=fifty", 2],
    ["model=qwen3-32", 2],
    ["tensorParallel=3", 2],
    ["quantisation=fp8", 2],
    ["target=aws", 2],
    ["slo.ttftSeconds=0.000001", 3],
  ])("--set %s ends with exit code %i, no stack trace and nothing changed", async (setting, code) => {
    const state = clone.recordedState();
    const up = await clone.run(["up", "--set", setting]);
    expect(up.code).toBe(code);
    expect(up.output).not.toMatch(/\n +at |\[object Object\]|\b(undefined|NaN)\b/);
    expect(clone.recordedState()).toBe(state);
  });

  it("keeps the client key secret: not printed, encrypted in state and configuration, readable for its owner", async () => {
    const file = join(clone.places.work, "client-key");
    const key = readFileSync(file, "utf8").trim();
    expect(key.length).toBeGreaterThan(30);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(clone.places.passphrase).mode & 0o077).toBe(0);
    const encoded = Buffer.from(key).toString("base64");
    for (const text of [
      clone.recordedState(),
      readFileSync(clone.places.stackConfig, "utf8"),
      (await clone.run(["up"])).output,
    ]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(encoded);
    }
  });

  it("leaves the tracked stack file and the user's kubeconfig as they were", () => {
    expect(readFileSync(clone.usersKubeconfig, "utf8")).toBe(USERS_KUBECONFIG);
    expect(readdirSync(join(clone.home, ".kube"))).toEqual(["config"]);
    expect(existsSync(join(clone.home, ".pulumi"))).toBe(false);
    const tracked = readFileSync(join(clone.folder, "Pulumi.local.yaml"), "utf8");
    expect(tracked).not.toContain("encryptionsalt");
  });

  it("down leaves nothing: no process, no state", async () => {
    const down = await clone.run(["down"]);
    expect(down).toMatchObject({ code: 0 });
    expect(down.output).toMatch(/- \d+ deleted/);
    expect(existsSync(clone.places.work)).toBe(false);
    expect(clone.processes()).toEqual([]);
  });

  it("down with nothing left says so", async () => {
    const down = await clone.run(["down"]);
    expect(down).toMatchObject({ code: 0 });
    expect(down.output).toContain("Nothing to remove");
  });
});

/** The kinds of the Kubernetes resources that an operation's output marks as changed. */
function changedKinds(output: string): string[] {
  const marked = output.matchAll(/^ *[-+~]+ +kubernetes:(\S+) /gm);
  return [...new Set([...marked].map((match) => match[1] ?? ""))].toSorted();
}

function resourcesIn(checkpoint: string): readonly unknown[] {
  const resources = listAt(JSON.parse(checkpoint), "checkpoint", "latest", "resources");
  return resources.map((resource) => valueAt(resource, "outputs"));
}
