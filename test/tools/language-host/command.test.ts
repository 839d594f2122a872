import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Program, programCommand, runnerPath, runtimeOptions } from "../../../tools/language-host/command";
import { runResponse } from "../../../tools/language-host/runtime";

const PROGRAM: Program = {
  project: "fitserve",
  stack: "local",
  organization: "organization",
  rootDirectory: "/project",
  programDirectory: "/project",
  entryPoint: ".",
  args: [],
  monitor: "127.0.0.1:1",
  engine: "127.0.0.1:2",
  parallel: 16,
  dryRun: true,
  config: { "fitserve:serving": "{}" },
  configSecretKeys: ["fitserve:clientKeys"],
  options: runtimeOptions({}),
};

describe("the command that runs a program", () => {
  it("tells the runner where the engine is, what to run, and that it is a preview", () => {
    expect(programCommand(PROGRAM, "/runner.js").args.join(" ")).toBe(
      "/runner.js --monitor 127.0.0.1:1 --engine 127.0.0.1:2 --organization organization --root-directory /project " +
        "--project fitserve --stack local --pwd /project --parallel 16 --dry-run .",
    );
  });

  it("leaves out what is not given", () => {
    const { args } = programCommand({ ...PROGRAM, dryRun: false, parallel: 0, organization: "" }, "/runner.js");
    expect(args).not.toContain("--dry-run");
    expect(args).not.toContain("--parallel");
    expect(args).not.toContain("--organization");
  });

  it("hands the configuration over in the environment, where no process list shows it", () => {
    expect(programCommand(PROGRAM, "/runner.js").env).toEqual({
      PULUMI_CONFIG: '{"fitserve:serving":"{}"}',
      PULUMI_CONFIG_SECRET_KEYS: '["fitserve:clientKeys"]',
      PULUMI_NODEJS_TYPESCRIPT: "true",
    });
  });

  it("puts Node's own arguments before the runner", () => {
    const options = runtimeOptions({ nodeargs: " --max-old-space-size=4096  --trace-warnings " });
    expect(programCommand({ ...PROGRAM, options }, "/runner.js").args.slice(0, 3)).toEqual([
      "--max-old-space-size=4096",
      "--trace-warnings",
      "/runner.js",
    ]);
  });
});

describe("runtime options", () => {
  it("compile TypeScript unless told otherwise", () => {
    expect(runtimeOptions({}).typescript).toBe(true);
    expect(runtimeOptions({ typescript: false }).typescript).toBe(false);
  });
});

describe("a program without its packages", () => {
  it("is told how to install them", () => {
    const directory = mkdtempSync(join(tmpdir(), "fitserve-host-"));
    expect(() => runnerPath("run", directory)).toThrow(
      `@pulumi/pulumi is not installed in ${directory}: run \`npm ci\``,
    );
  });
});

describe("the end of a program", () => {
  it("is success with exit code 0", () => {
    const response = runResponse({ code: 0, signal: undefined });
    expect([response.getError(), response.getBail()]).toEqual(["", false]);
  });

  it("needs no further words where the program has shown its error", () => {
    expect(runResponse({ code: 32, signal: undefined }).getBail()).toBe(true);
  });

  it("is an error with its exit code or signal otherwise", () => {
    expect(runResponse({ code: 3, signal: undefined }).getError()).toBe("Program exited with non-zero exit code: 3");
    expect(runResponse({ code: undefined, signal: "SIGKILL" }).getError()).toBe("Program was ended by SIGKILL");
  });
});
