import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { manifestFiles } from "../../cli/manifest-files";
import { renderCommand } from "../../cli/render";
import { writeFolder } from "../../cli/write-folder";
import { feasiblePlan } from "../support/feasible-plan";

const plan = feasiblePlan();
const REAL = { simulateNodes: false, gatewayClass: { name: "eg", create: false } } as const;

let scratch = "";
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "render-"));
});
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function namesIn(folder: string): string[] {
  return readdirSync(folder).toSorted();
}

describe("the rendered folder", () => {
  const files = manifestFiles(plan, REAL);

  test("holds a numbered file for each object, a kustomization that names them, and what is left to do", () => {
    expect(files.map(({ name }) => name)).toEqual([
      "01-namespace.yaml",
      "02-service-account.yaml",
      "03-deployment.yaml",
      "04-service.yaml",
      "05-service.yaml",
      "06-pod-disruption-budget.yaml",
      "07-network-policy.yaml",
      "08-envoy-proxy.yaml",
      "09-gateway.yaml",
      "10-backend.yaml",
      "11-ai-service-backend.yaml",
      "12-ai-gateway-route.yaml",
      "13-security-policy.yaml",
      "14-backend-traffic-policy.yaml",
      "15-client-traffic-policy.yaml",
      "kustomization.yaml",
      "README.md",
    ]);
    const kustomization = files.find(({ name }) => name === "kustomization.yaml")?.text ?? "";
    const { resources } = Object(parseAllDocuments(kustomization)[0]?.toJS());
    expect(resources).toEqual(files.slice(0, 15).map(({ name }) => name));
  });

  test("says how to make the Secret, and holds none", () => {
    const readme = files.find(({ name }) => name === "README.md")?.text ?? "";
    expect(readme).toContain("kubectl create secret generic qwen3-32b-client-keys --namespace fitserve");
    expect(files.filter(({ text }) => /^kind: Secret$/m.test(text))).toEqual([]);
  });

  test("reads back as what was rendered, with texts that look like numbers kept as texts", () => {
    const text = files.find(({ name }) => name === "03-deployment.yaml")?.text ?? "";
    const read = Object(parseAllDocuments(text, { version: "1.1" })[0]?.toJS());
    expect(read.metadata.labels["fitserve.dev/concurrency"]).toBe("50");
    expect(read.spec.template.spec.containers[0].args).toEqual([
      ...plan.engine.args,
      "--logging-config.formatter=json",
    ]);
    expect(text).not.toContain("undefined");
  });

  test("has the same bytes for the same plan", () => {
    expect(manifestFiles(feasiblePlan(), REAL)).toEqual(files);
  });
});

describe("writing the folder", () => {
  const files = manifestFiles(plan, REAL);

  test("leaves nothing beside it, and a second run changes nothing", async () => {
    const out = join(scratch, "deep", "out");
    await writeFolder(out, files);
    await writeFolder(out, files);
    expect(namesIn(out)).toEqual(files.map(({ name }) => name).toSorted());
    expect(namesIn(join(scratch, "deep"))).toEqual(["out"]);
  });

  test("removes what an earlier run wrote and keeps what somebody else did", async () => {
    await writeFolder(scratch, files);
    writeFileSync(join(scratch, "my-secret.yaml"), "kind: SealedSecret\n");
    await writeFolder(scratch, files.slice(1));
    expect(namesIn(scratch)).toEqual([...files.slice(1).map(({ name }) => name), "my-secret.yaml"].toSorted());
  });

  test("never writes over a file that it did not write, and then writes nothing at all", async () => {
    writeFileSync(join(scratch, "README.md"), "# Ours\n");
    await expect(writeFolder(scratch, files)).rejects.toThrow(/README\.md was not written by fitserve render/);
    expect(namesIn(scratch)).toEqual(["README.md"]);
    expect(readFileSync(join(scratch, "README.md"), "utf8")).toBe("# Ours\n");
  });

  test("never mixes with a folder that holds other things alone, such as /etc", async () => {
    writeFileSync(join(scratch, "hosts"), "127.0.0.1 localhost\n");
    await expect(writeFolder(scratch, files)).rejects.toThrow(/holds other files \(hosts\) and none/);
    expect(namesIn(scratch)).toEqual(["hosts"]);
  });

  test("an empty repository is an empty folder", async () => {
    mkdirSync(join(scratch, ".git"));
    await writeFolder(scratch, files);
    expect(namesIn(scratch)).toContain("kustomization.yaml");
  });

  test("a file in the place of the folder is named", async () => {
    const file = join(scratch, "file");
    writeFileSync(file, "");
    await expect(writeFolder(file, files)).rejects.toThrow(/it is a file; wanted a folder/);
    await expect(writeFolder(join(file, "below"), files)).rejects.toThrow(/a part of the path is a file/);
  });
});

describe("fitserve render", () => {
  function run(...args: string[]): Promise<unknown> {
    const request = join(scratch, "request.json");
    writeFileSync(request, JSON.stringify({ model: "qwen3-32b", quantization: "int4-w4a16", workload: WORKLOAD }));
    const out = join(scratch, "out");
    return renderCommand()
      .exitOverride()
      .parseAsync(["--request", request, "--out", out, ...args], { from: "user" });
  }
  const WORKLOAD = { concurrency: 50, promptTokens: 1024, outputTokens: 512 };

  test("a refused plan ends with exit code 4 and writes nothing", async () => {
    await expect(run("--set", "quantization=bf16")).rejects.toMatchObject({ exitCode: 4 });
    expect(namesIn(scratch)).toEqual(["request.json"]);
  });

  test("settings of a file are those of a stack; options of the command are stronger", async () => {
    const settings = join(scratch, "settings.yaml");
    writeFileSync(
      settings,
      "namespace: ai\nhostname: llm.example.org\nrateLimits: {scope: proxy, requestsPerMinute: 60}\n",
    );
    await run("--settings", settings, "--namespace", "prod");
    const gateway = readFileSync(join(scratch, "out", "09-gateway.yaml"), "utf8");
    expect(gateway).toContain("namespace: prod");
    expect(gateway).toContain("hostname: llm.example.org");
    expect(readFileSync(join(scratch, "out", "14-backend-traffic-policy.yaml"), "utf8")).toContain("requests: 60");
  });

  test.each([
    ["namspace: ai", /namspace is no setting; meant was namespace\?/],
    ["- a", /wanted settings, such as namespace: ai/],
    ["a: [", /settings\.yaml: line 1, column \d+: /],
  ])("the settings %s are refused with exit code 2", async (text, message) => {
    const settings = join(scratch, "settings.yaml");
    writeFileSync(settings, text);
    await expect(run("--settings", settings)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
  });

  test("names, settings and request that are wrong are all told at once, and nothing is written", async () => {
    const settings = join(scratch, "settings.yaml");
    writeFileSync(settings, "gateway: nginx\n");
    const wrong = ["--namespace", "My Space", "--tls-secret", "Ünsafe", "--set", "workload.concurrency=0"];
    await expect(run("--settings", settings, ...wrong)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /^--namespace: got "My Space"; wanted.*\n--tls-secret: got.*\n.*gateway: got "nginx".*\nworkload\.concurrency: got 0/,
      ),
    });
    expect(namesIn(scratch)).toEqual(["request.json", "settings.yaml"]);
  });

  test("a namespace of the cluster's own is used, but never made", async () => {
    await expect(run("--namespace", "kube-system")).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^--namespace: kube-system is the cluster's own.*; wanted --existing-namespace/),
    });
    await run("--namespace", "default", "--existing-namespace", "--tls-secret", "llm.example.org");
    expect(namesIn(join(scratch, "out")).filter((name) => name.includes("namespace"))).toEqual([]);
  });

  test("the page says whom the engine answers", async () => {
    const settings = join(scratch, "settings.yaml");
    writeFileSync(settings, "gateway: gateway-api\ngatewayNamespace: istio-system\nclientNamespaces: []\n");
    await run("--settings", settings);
    const page = readFileSync(join(scratch, "out", "README.md"), "utf8");
    expect(page).toContain("The engine answers pods of the namespace `istio-system` alone");
  });
});
