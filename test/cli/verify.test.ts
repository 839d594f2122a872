import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start } from "../support/async-command";
import { CommandLine } from "../support/command-line";
import { StreamServer } from "../support/stream-server";

const commandLine = new CommandLine();
const LOG = join(__dirname, "../load/startup-logs/v0.33-tp2.log");

beforeAll(() => commandLine.build());
afterAll(() => commandLine.remove());

const verify = (url: string) =>
  start(commandLine.program, ["verify", "--metrics", url], { cwd: commandLine.folder }).run;

describe("fitserve verify", () => {
  test("compares a log with the plan, and exits 3 for a miss only where that is asked for", () => {
    const told = commandLine.run(["verify", "--log", LOG]);
    expect({ code: told.code, err: told.err }).toEqual({ code: 0, err: "" });
    expect(told.out).toMatch(/PASS {2}weights, GiB per GPU +9\.\d\d +9\.12/);
    expect(told.out).toMatch(/FAIL {2}KV cache, GiB per GPU +[\d.]+ +28\.58/);
    expect(commandLine.run(["verify", "--log", LOG, "--fail-on-miss"]).code).toBe(3);
  });

  test("reads a log as Windows PowerShell writes it", () => {
    writeFileSync(join(commandLine.folder, "wide.log"), `\uFEFF${readFileSync(LOG, "utf8")}`, "utf16le");
    expect(commandLine.run(["verify", "--log", "wide.log"])).toEqual(commandLine.run(["verify", "--log", LOG]));
  });

  test.runIf(existsSync("/dev/zero"))("refuses a log without end", () => {
    const { code, err } = commandLine.run(["verify", "--log", "/dev/zero"]);
    expect(code).toBe(2);
    expect(err).toBe("--log /dev/zero: more than 256 MB; wanted the start of it (head --bytes=1M)\n");
  });

  test("reads one thing from standard input", () => {
    const { code, err } = commandLine.run(["verify", "--log", "-", "--metrics", "-"]);
    expect(code).toBe(2);
    expect(err).toContain("--log and --metrics: each reads standard input; wanted one of them there");
  });

  test("reads a log from standard input, and prints and adds a calibration row", () => {
    const log = readFileSync(LOG, "utf8");
    const run = commandLine.run(["verify", "--log", "-", "--format", "json", "--calibration-row", "rows.jsonl"], log);
    const { calibrationRow } = JSON.parse(run.out);
    expect(calibrationRow).toMatchObject({ measured: { weightsGiB: 9.12, kvCacheGiB: 28.58, kvCacheTokens: 234_128 } });
    expect(JSON.parse(readFileSync(join(commandLine.folder, "rows.jsonl"), "utf8"))).toEqual(calibrationRow);
  });

  test("names none of its options that it does not have where the page wants a key", async () => {
    const server = await new StreamServer((_, response) => void response.writeHead(401).end()).start();
    const { code, err } = await verify(server.url);
    await server.stop();
    expect(code).toBe(5);
    expect(err).toMatch(/\/metrics: HTTP 401\nAnother program may get it: curl … \| fitserve verify --metrics -\n$/);
  });

  test("asks the engine's metrics page", async () => {
    const server = await new StreamServer(({ path }, response) => {
      const info = 'vllm:cache_config_info{block_size="16",gpu_memory_utilization="0.92",num_gpu_blocks="15000"} 1.0\n';
      response.writeHead(path === "/metrics" ? 200 : 404).end(path === "/metrics" ? info : "");
    }).start();
    const run = await verify(`${server.url}/metrics`);
    expect(run.out).toMatch(/KV cache, tokens +[\d,]+ +240,000/);
    const wrong = await verify(`${server.url}/other`);
    expect(wrong.code).toBe(5);
    expect(wrong.err).toContain("/other: HTTP 404");
    await server.stop();
  });
});

describe("wrong input exits 2", () => {
  test.each([
    [[], /--log or --metrics: missing/],
    [["--log", "missing.log"], /--log missing\.log: there is no such file/],
    [["--log", "."], /--log \.: it is a folder/],
    [["--log", "-"], /--log -: no line of a vLLM engine was found/],
    [["--log", "-", "--request", "-"], /--log and --request: each reads standard input/],
    [["--metrics", "http://[x"], /--metrics: got "http:\/\/\[x"; wanted a URL/],
    [["--metrics", "http://user:secret@x/metrics"], /^--metrics: holds a user or a password; wanted .*\n$/],
    [["--log", LOG, "--set", "model=nobody"], /^model: /],
  ])("%j", (args, message) => {
    const run = commandLine.run(["verify", ...args], "nothing of an engine\n");
    expect({ code: run.code, out: run.out }).toEqual({ code: 2, out: "" });
    expect(run.err).toMatch(message);
  });
});
