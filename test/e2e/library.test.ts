import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clone, ended } from "./support/clone";

const MODULES = resolve(__dirname, "..", "..", "node_modules");

/** The program of the README, with the AWS components beside. */
const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { ServingStack, isFeasible, loadCatalog, parseServingRequest, planServing } from "fitserve";
import { buildCluster, parseAwsSettings, planModelsOnAws, serveOnCluster } from "fitserve/aws";

const market = { clouds: ["aws"], regions: ["us-east-1"] };
const request = parseServingRequest({ model: "qwen3-32b", workload: { concurrency: 50 }, target: "aws", market }, loadCatalog());
if (!request.ok) throw new pulumi.RunError(request.faults.map((fault) => fault.message).join("\\n"));
const plan = planServing(request.request, loadCatalog());
if (!isFeasible(plan)) throw new pulumi.RunError("nothing fits");
const read = parseAwsSettings({ accountId: "123456789012", region: "us-east-1", endpoint: { access: "private" } });
if (!read.ok) throw new pulumi.RunError(read.faults.map(({ message }) => message).join("\\n"));
const models = [{ name: "llm", plan }];
const planned = planModelsOnAws({ settings: read.settings, project: "p", stack: "s", models });
if (!planned.ok) throw new pulumi.RunError(planned.faults.join("\\n"));
const { cluster, models: each } = planned;
const clientKeys = { ada: "0123456789abcdef" };
export const onCluster = () => new ServingStack("llm", { plan, clientKeys });
export const onAws = () => {
  const built = buildCluster(cluster, "p-s", each);
  return each.map((model) => serveOnCluster(built, { ...model, clientKeys }).endpoint);
};
console.log(cluster.clusterName);
`;

const AWS_MODULES = `Object.keys(require.cache).filter((file) => file.includes("@pulumi/aws/")).length`;

describe("the package in a program of somebody's own", () => {
  const clone = new Clone("library");
  const consumer = join(dirname(clone.folder), "consumer");
  const modules = join(consumer, "node_modules");

  function run(command: string, ...args: readonly string[]) {
    return ended(spawn(command, args, { cwd: consumer, stdio: ["ignore", "pipe", "pipe"] }));
  }

  beforeAll(() => {
    execFileSync("npm", ["pack", "--pack-destination", dirname(clone.folder)], { cwd: clone.folder, stdio: "ignore" });
    mkdirSync(join(modules, "fitserve"), { recursive: true });
    const packed = join(dirname(clone.folder), "fitserve-0.1.0.tgz");
    execFileSync("tar", ["-xzf", packed, "--strip-components=1", "-C", join(modules, "fitserve")]);
    for (const name of ["@pulumi", "@types"]) symlinkSync(join(MODULES, name), join(modules, name));
    writeFileSync(join(consumer, "package.json"), JSON.stringify({ name: "consumer", version: "1.0.0" }));
    writeFileSync(join(consumer, "index.ts"), PROGRAM);
  });

  afterAll(() => clone.dispose());

  it.each<[string, readonly string[]]>([
    ["as Node resolves", ["--module", "nodenext"]],
    ["as bundlers do", ["--module", "esnext", "--moduleResolution", "bundler"]],
    ["as older projects do", ["--module", "commonjs", "--moduleResolution", "node10", "--ignoreDeprecations", "6.0"]],
  ])("has the types of both entries, resolved %s", async (_, flags) => {
    const common = ["--strict", "--skipLibCheck", "--target", "es2022", "--types", "node", "--noEmit"];
    const tsc = join(MODULES, "typescript", "bin", "tsc");
    expect(await run(process.execPath, tsc, ...common, ...flags, "index.ts")).toEqual({ code: 0, output: "" });
  });

  it("runs, and loads the SDK of AWS for the second entry alone", async () => {
    const tsc = join(MODULES, "typescript", "bin", "tsc");
    const emit = ["--module", "nodenext", "--target", "es2022", "--types", "node", "--noCheck", "--outDir", "out"];
    expect(await run(process.execPath, tsc, ...emit, "index.ts")).toMatchObject({ code: 0 });
    expect(await run(process.execPath, "out/index.js")).toEqual({ code: 0, output: "p-s\n" });
    const loaded = (entry: string) => run(process.execPath, "-p", `require("${entry}"); ${AWS_MODULES}`);
    expect(await loaded("fitserve")).toEqual({ code: 0, output: "0\n" });
    expect(Number((await loaded("fitserve/aws")).output)).toBeGreaterThan(0);
  });
});
