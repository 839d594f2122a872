import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, Server } from "@grpc/grpc-js";
import { LanguageRuntimeClient, LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { languageRuntime } from "../../../tools/language-host/runtime";
import { bindLoopback } from "../../../tools/plugin/serve";

const ENGINE = "127.0.0.1:9";
let server: Server;
let client: LanguageRuntimeClient;

beforeAll(async () => {
  server = new Server();
  server.addService(LanguageRuntimeService, languageRuntime(ENGINE));
  client = new LanguageRuntimeClient(`127.0.0.1:${await bindLoopback(server)}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

/** A folder with a program's packages, in which `@pulumi/pulumi` runs this script instead of its own runner. */
function programWith(runner: "run" | "run-policy-pack", script: string): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "fitserve-host-")));
  const runnerDirectory = join(directory, "node_modules", "@pulumi", "pulumi", "cmd", runner);
  mkdirSync(runnerDirectory, { recursive: true });
  writeFileSync(join(runnerDirectory, "index.js"), script);
  return directory;
}

function infoFor(directory: string): language.ProgramInfo {
  return new language.ProgramInfo().setRootDirectory(directory).setProgramDirectory(directory).setEntryPoint(".");
}

function run(directory: string): Promise<language.RunResponse> {
  const request = new language.RunRequest().setMonitorAddress("127.0.0.1:8").setInfo(infoFor(directory));
  return new Promise((resolve, reject) => {
    client.run(request, (error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

/** Runs a policy pack and gathers what comes back: its output by stream, and its exit code. */
function runPack(directory: string): Promise<{ stdout: string; stderr: string; code: number | undefined }> {
  const request = new language.RunPluginRequest().setKind("analyzer").setInfo(infoFor(directory)).setArgsList([ENGINE]);
  const seen = { stdout: "", stderr: "", code: undefined as number | undefined };
  return new Promise((resolve, reject) => {
    const stream = client.runPlugin(request);
    stream.on("data", (message: language.RunPluginResponse) => {
      seen.stdout += Buffer.from(message.getStdout_asU8()).toString();
      seen.stderr += Buffer.from(message.getStderr_asU8()).toString();
      if (message.hasExitcode()) seen.code = message.getExitcode();
    });
    stream.on("error", reject);
    stream.on("end", () => resolve(seen));
  });
}

describe("running a program", () => {
  it("starts its own Pulumi in its folder, with the engine's address", async () => {
    const directory = programWith(
      "run",
      `require("fs").writeFileSync("seen.json", JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd() }))`,
    );
    expect((await run(directory)).getError()).toBe("");
    const seen: unknown = JSON.parse(readFileSync(join(directory, "seen.json"), "utf8"));
    expect(seen).toEqual({
      args: ["--monitor", "127.0.0.1:8", "--engine", ENGINE, "--root-directory", directory, "--pwd", directory, "."],
      cwd: directory,
    });
  });

  it("tells how it failed", async () => {
    expect((await run(programWith("run", "process.exit(7)"))).getError()).toBe(
      "Program exited with non-zero exit code: 7",
    );
    expect((await run(programWith("run", "process.exit(32)"))).getBail()).toBe(true);
  });

  it("that has no packages says so without a stack", async () => {
    const directory = mkdtempSync(join(tmpdir(), "fitserve-host-"));
    await expect(run(directory)).rejects.toMatchObject({
      details: `@pulumi/pulumi is not installed in ${directory}: run \`npm ci\` there first`,
    });
  });
});

describe("running a policy pack", () => {
  it("stands in the pack's folder and passes on what it prints and how it ends", async () => {
    const script = `console.log(process.argv.slice(2).join(" ")); console.error(process.cwd()); process.exitCode = 4`;
    const directory = programWith("run-policy-pack", script);
    expect(await runPack(directory)).toEqual({ stdout: `${ENGINE} ${directory}\n`, stderr: `${directory}\n`, code: 4 });
  });
});

describe("installing packages", () => {
  it("is left to npm, and said so", async () => {
    const stream = client.installDependencies(new language.InstallDependenciesRequest().setDirectory("/project"));
    const messages: string[] = [];
    for await (const message of stream as AsyncIterable<language.InstallDependenciesResponse>) {
      messages.push(Buffer.from(message.getStderr_asU8()).toString());
    }
    expect(messages).toEqual(["Run `npm ci` in /project: this language host installs no packages.\n"]);
  });
});
