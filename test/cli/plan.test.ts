import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CommandLine, type Run } from "../support/command-line";

const commandLine = new CommandLine();

const fitserve = (args: readonly string[], input = "", env: NodeJS.ProcessEnv = {}): Run =>
  commandLine.run(args, input, env);

function parsed(text: string): { readonly verdict: { readonly status: string }; readonly schemaVersion: number } {
  const value: ReturnType<typeof parsed> = JSON.parse(text);
  return value;
}

/** A stack file for AWS with these settings; gives its path. */
function awsStack(settings: string): string {
  const file = join(commandLine.folder, "eks.yaml");
  const serving = "{ model: qwen3-8b, target: aws, market: { clouds: [aws], regions: [us-east-1] } }";
  writeFileSync(file, `config:\n  fitserve:serving: ${serving}\n  fitserve:aws: ${settings}\n`);
  return file;
}

beforeAll(() => commandLine.build());
afterAll(() => commandLine.remove());

describe("fitserve plan", () => {
  test("plans the first use where there is no project, and exits 0", () => {
    const { code, out, err } = fitserve(["plan"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^ACCEPTED {2}qwen3-32b\n/);
    expect(out).not.toContain("\u001b[");
  });

  test("prints JSON also when a policy refuses, and exits 4", () => {
    const { code, out } = fitserve(["plan", "--set", "quantization=bf16", "--format", "json"]);
    expect(code).toBe(4);
    expect(parsed(out)).toMatchObject({ schemaVersion: 1, verdict: { status: "refused" } });
  });

  test("prints JSON also when nothing fits, and exits 3", () => {
    const { code, out } = fitserve(["plan", "--set", "slo.ttftSeconds=0.001", "--format", "json"]);
    expect(code).toBe(3);
    expect(parsed(out).verdict.status).toBe("infeasible");
  });

  test("reads a request from standard input", () => {
    const { code, out } = fitserve(["plan", "--request", "-", "--format", "json"], "model: qwen3-8b\n");
    expect(code).toBe(0);
    expect(out).toContain('"key": "qwen3-8b"');
  });

  test("reads the serving object of a whole stack file", () => {
    writeFileSync(join(commandLine.folder, "stack.yaml"), "config:\n  fitserve:serving:\n    model: qwen3-14b\n");
    expect(fitserve(["plan", "--request", "stack.yaml", "--format", "json"]).out).toContain('"key": "qwen3-14b"');
  });

  describe("of a stack for AWS", () => {
    const settings = "region: us-east-1, endpoint: { access: private }, production: true";

    test("counts the cluster that its file makes", () => {
      const { code, out, err } = fitserve([
        "plan",
        "--request",
        awsStack(`{ accountId: "123456789012", ${settings} }`),
      ]);
      expect([code, err]).toEqual([0, ""]);
      expect(out).toMatch(/NAT gateway +3 x /);
    });

    test("says that it counts a usual one where that cannot be made, and why", () => {
      const { code, out, err } = fitserve(["plan", "--request", awsStack(`{ accountId: "12", ${settings} }`)]);
      expect(code).toBe(0);
      expect(out).toMatch(/NAT gateway +1 x /);
      expect(err).toBe(
        "the cost is that of a usual cluster, because this one cannot be made:\n" +
          '  fitserve:aws.accountId: got "12"; wanted the twelve digits of the account to deploy into\n',
      );
    });
  });

  test("--optimize is stronger than the request", () => {
    const { code, out } = fitserve(["plan", "--set", "optimize=cost", "--optimize", "latency", "--format", "json"]);
    expect(code).toBe(0);
    expect(out).toContain('"optimize": "latency"');
    expect(out).toContain('"code": "optimized-latency"');
  });

  test("prints Markdown", () => {
    expect(fitserve(["plan", "--format", "markdown"]).out).toMatch(/^## ✅ qwen3-32b: accepted\n/);
  });
});

describe("wrong input exits 2 without a stack trace or output", () => {
  test.each([
    [["plan", "--set", "workload.concurrency=fifty"], /^workload\.concurrency: got "fifty"; wanted a whole number/],
    [["plan", "--set", "workload.concurrency"], /^--set: got "workload\.concurrency"; wanted path=value/],
    [["plan", "--set", "__proto__.x=1"], /^--set __proto__\.x: wanted a path/],
    [["plan", "--set", "model=[1"], /^--set model: request: line 1, column \d+/],
    [["plan", "--request", "missing.yaml"], /^--request missing\.yaml: there is no such file/],
    [["plan", "--request", "."], /^--request \.: it is a folder/],
    [["plan", "--stack", "prod"], /^--stack prod: no Pulumi\.prod\.yaml here or above/],
    [["plan", "--stack", "../x"], /^--stack: got "\.\.\/x"; wanted the name of a stack/],
    [["plan", "--stack", "a", "--request", "b"], /^--request and --stack: give one of them/],
    [["plan", "--optimize", "price"], /'price' is invalid\. Allowed choices are cost, latency, headroom/],
    [
      ["plan", "--set", "optimize=latensy"],
      /^optimize: got "latensy"; wanted one of cost, .* \(did you mean latency\?\)/,
    ],
    [["plan", "--format", "xml"], /'xml' is invalid\. Allowed choices are table, json, markdown/],
    [["plan", "--fromat", "json"], /unknown option '--fromat'\n\(Did you mean --format\?\)/],
    [["plna"], /unknown command 'plna'\n\(Did you mean plan\?\)/],
    [["plan", "extra"], /too many arguments/],
    [[], /no command given/],
  ])("%j", (args, message) => {
    const { code, out, err } = fitserve(args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at |undefined|\[object/);
    expect(out).toBe("");
  });

  test("a request that is no YAML is placed by line and column", () => {
    const { code, err } = fitserve(["plan", "--request", "-"], "model: qwen3-32b\nworkload: {concurrency: 50\n");
    expect(code).toBe(2);
    expect(err).toMatch(/^-: request: line \d+, column \d+: /);
  });

  test("all faults of a request come at once, a line each", () => {
    const { err } = fitserve(
      ["plan", "--request", "-"],
      "model: qwen3-33b\nworkload: {concurrency: 0}\ncolour: blue\n",
    );
    expect(err.trimEnd().split("\n")).toHaveLength(3);
  });
});

describe("help", () => {
  test("shows examples and exit codes, and exits 0", () => {
    const { code, out } = fitserve(["plan", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("fitserve plan --set workload.concurrency=200");
    expect(out).toContain("Exit codes: 0 accepted, 2 invalid request, 3 nothing fits, 4 refused by policy.");
  });
});

describe("a wrong command line", () => {
  test("is told without the control characters that it holds", () => {
    for (const args of [
      ["\u001b[2J"],
      ["--\u001b[2J"],
      ["--format", "\u001b[2J"],
      ["--request", "\u009b2J"],
      ["--stack", "\u009b2J"],
    ]) {
      const { code, err } = fitserve(["plan", ...args]);
      expect(code).toBe(2);
      // oxlint-disable-next-line no-control-regex -- they are what must not be there
      expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
  });

  test("with thousands of faults does not fill the screen", () => {
    const keys = Array.from({ length: 3000 }, (_, i) => `k${i}: 1\n`).join("");
    const { code, err } = fitserve(["plan", "--request", "-"], `model: qwen3-8b\n${keys}`);
    expect(code).toBe(2);
    expect(err.trim().split("\n")).toHaveLength(51);
    expect(err).toMatch(/… and 2,950 more lines\n$/);
  });

  test.runIf(existsSync("/dev/zero"))("that names a file without end is refused", () => {
    const { code, err } = fitserve(["plan", "--request", "/dev/zero"]);
    expect({ code, err }).toEqual({ code: 2, err: "--request /dev/zero: more than 1 MB is no request\n" });
  });

  test("that names a folder where a stack file should be is refused", () => {
    writeFileSync(join(commandLine.folder, "Pulumi.yaml"), "name: odd\n");
    mkdirSync(join(commandLine.folder, "Pulumi.odd.yaml"));
    const { code, err } = fitserve(["plan", "--stack", "odd"]);
    rmSync(join(commandLine.folder, "Pulumi.yaml"));
    expect({ code, err }).toEqual({
      code: 2,
      err: "--stack odd: it is a folder; wanted a YAML or JSON file\n",
    });
  });
});
