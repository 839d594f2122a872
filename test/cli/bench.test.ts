import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { BenchReport } from "../../load/report";
import { start } from "../support/async-command";
import { CommandLine, type Run } from "../support/command-line";
import { engine, startStream, event, StreamServer, textChunk, type Answering } from "../support/stream-server";

const commandLine = new CommandLine();
const servers: StreamServer[] = [];

beforeAll(() => commandLine.build());
afterAll(() => commandLine.remove());
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serving(answering: Answering): Promise<StreamServer> {
  const server = await new StreamServer(answering).start();
  servers.push(server);
  return server;
}

function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return start(commandLine.program, ["bench", ...args], { cwd: commandLine.folder, env }).run;
}

function reportOf(run: Run): BenchReport {
  const report: BenchReport = JSON.parse(run.out);
  return report;
}

const SMALL = ["--input-tokens", "20", "--output-tokens", "4", "--concurrency", "2", "--num-prompts", "6"];
const QUICK = { firstTokenMs: 5, gapMs: 2 };

describe("fitserve bench", () => {
  test("asks for the model, sizes the prompts, and reports every request", async () => {
    const server = await serving(engine(QUICK));
    const run = await bench(["--url", server.url, ...SMALL, "--seed", "7", "--format", "json"]);
    expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: "" });
    expect(reportOf(run)).toMatchObject({
      schemaVersion: 1,
      run: { model: "served-model", api: "completions", arrivals: "burst", seed: 7, concurrency: 2, warmUp: 2 },
      requests: { sent: 6, counted: 6, completed: 6, failed: 0, failures: [] },
      tokens: { meanPrompt: 20, meanOutput: 4 },
    });
    // /v1/models, two probes, two of warm-up, six of the run.
    expect(server.received.map(({ path }) => path)).toEqual(["/v1/models", ...Array(10).fill("/v1/completions")]);
    expect(server.mostOpen).toBe(2);
  });

  test("sends the same prompts for the same seed", async () => {
    const server = await serving(engine(QUICK));
    await bench(["--url", server.url, "--model", "m", ...SMALL, "--seed", "7"]);
    const first = server.received.splice(0).map(({ body }) => body["prompt"]);
    await bench(["--url", `${server.url}/v1`, "--model", "m", ...SMALL, "--seed", "7"]);
    const second = server.received.map(({ body }) => body["prompt"]);
    expect(new Set(second)).toEqual(new Set(first));
    expect(new Set(first).size).toBe(10);
  });

  test("speaks the chat API, and counts the steady part alone with --stagger", async () => {
    const server = await serving(engine(QUICK));
    const args = [
      "--url",
      server.url,
      ...SMALL,
      "--num-prompts",
      "12",
      "--endpoint",
      "chat",
      "--stagger",
      "--ignore-eos",
    ];
    const run = await bench([...args, "--format", "json"]);
    expect(reportOf(run)).toMatchObject({
      requests: { sent: 12, counted: 6 },
      run: { arrivals: "staggered", warmUp: 0 },
    });
    expect(server.received.at(-1)).toMatchObject({
      path: "/v1/chat/completions",
      body: { max_completion_tokens: 4, ignore_eos: true, messages: [{ role: "user" }] },
    });
  });

  test("takes the load of a plan, compares with it, and adds a row that predict answers", async () => {
    const server = await serving(engine({ firstTokenMs: 100, gapMs: 100 }));
    // Gaps so long that a busy machine does not make the client the limit, which would leave no row.
    const row = join(commandLine.folder, "rows.jsonl");
    const args = [
      "--set",
      "workload.concurrency=4",
      "--set",
      "workload.promptTokens=30",
      "--set",
      "workload.outputTokens=5",
    ];
    const run = await bench([
      "--url",
      server.url,
      ...args,
      "--num-prompts",
      "8",
      "--calibration-row",
      row,
      "--format",
      "json",
      "--output",
      "o.json",
    ]);
    expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: "" });
    const report = reportOf(run);
    expect(report.run).toMatchObject({ concurrency: 4, prompts: 8, inputTokens: 30, outputTokens: 5 });
    expect(report.comparison?.quantities).toHaveLength(8);
    expect(report.comparison?.limitsNote).toContain("--stagger");
    expect(readFileSync(join(commandLine.folder, "o.json"), "utf8")).toBe(run.out);
    const line: { id: string; request: object } = JSON.parse(readFileSync(row, "utf8"));
    const predicted = commandLine.run(["predict"], `${JSON.stringify(line.request)}\n`);
    expect(JSON.parse(predicted.out)).toMatchObject({ id: line.id, performance: { saturated: false } });
  });

  test("makes no row of a staggered run, and says why", async () => {
    const server = await serving(engine(QUICK));
    const args = ["--url", server.url, ...SMALL, "--num-prompts", "8", "--set", "workload.concurrency=2", "--stagger"];
    const run = await bench([...args, "--calibration-row", "none.jsonl"]);
    expect(run.out).toContain(
      "no calibration row: predict answers for clients that start at once; leave --stagger out",
    );
    expect(run.err).toBe("no row was added to none.jsonl\n");
    expect(existsSync(join(commandLine.folder, "none.jsonl"))).toBe(false);
  });

  test("prints FAIL for what is worse than planned, and exits 3 where that is asked for", async () => {
    // 60 ms to a token where the plan has some 10: no noise of the machine makes that good.
    const server = await serving(engine({ firstTokenMs: 60, gapMs: 60 }));
    const args = [
      "--url",
      server.url,
      "--set",
      "workload.concurrency=2",
      ...SMALL,
      "--num-prompts",
      "2",
      "--warm-up",
      "0",
    ];
    const told = await bench(args);
    expect(told.code).toBe(0);
    expect(told.out).toMatch(/FAIL {2}time per output token, mean +\d+\.\d ms/);
    expect((await bench([...args, "--fail-on-miss"])).code).toBe(3);
  });

  test("keeps many clients going without a word on standard error", async () => {
    const server = await serving(engine(QUICK));
    const run = await bench(["--url", server.url, ...SMALL, "--concurrency", "40", "--num-prompts", "80"]);
    expect({ code: run.code, err: run.err }).toEqual({ code: 0, err: "" });
    expect(run.out).toMatch(/requests +80 answered, 0 failed/);
  });

  test("counts failures by their cause and goes on", async () => {
    let requests = 0;
    const answer = engine(QUICK);
    const server = await serving((received, response) => {
      if (received.path === "/v1/completions") requests += 1;
      if (requests !== 5) return answer(received, response);
      response.writeHead(429, { "content-type": "application/json" });
      response.end('{"error":{"message":"queue is full"}}');
    });
    const run = await bench(["--url", server.url, ...SMALL, "--warm-up", "0"]);
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/requests +5 answered, 1 failed/);
    expect(run.out).toContain("1 x HTTP 429: queue is full");
  });

  test("says that answers were short and tokens not counted by the server", async () => {
    const server = await serving((_, response) => {
      startStream(response);
      response.end(event(textChunk("a", "stop")));
    });
    const run = await bench(["--url", server.url, "--model", "m", ...SMALL]);
    expect(run.out).toContain("answers had 1 tokens on average, 4 were asked for; --ignore-eos");
    expect(run.out).toContain("the server tells no prompt tokens");
    expect(run.out).toContain("the server sent no usage with 6 answers");
    expect(run.out).not.toMatch(/NaN|undefined|null/);
  });

  test("shows what was measured when it is interrupted, and exits 130", async () => {
    let requests = 0;
    const answer = engine(QUICK);
    let stop: (() => void) | undefined;
    const server = await serving((received, response) => {
      if (received.path === "/v1/completions") requests += 1;
      // Two probes and three answers; the next request stands still until the user gives up.
      if (requests <= 5) return answer(received, response);
      stop?.();
    });
    const args = ["bench", "--url", server.url, ...SMALL, "--concurrency", "1", "--warm-up", "0", "--format", "json"];
    const { child, run } = start(commandLine.program, args, { cwd: commandLine.folder });
    stop = () => void child.kill("SIGINT");
    const ended = await run;
    expect(ended.code).toBe(130);
    expect(reportOf(ended)).toMatchObject({ isInterrupted: true, requests: { sent: 3, completed: 3 } });
    expect(reportOf(ended).notes).toContain("ended early: 3 of 6 requests were answered or failed");
  });
});

test("Ctrl-C while the models are asked for ends at once, exits 130 and leaves no file", async () => {
  let stop: (() => void) | undefined;
  const server = await serving(() => stop?.());
  const args = ["bench", "--url", server.url, ...SMALL, "--output", "ended.json"];
  const { child, run } = start(commandLine.program, args, { cwd: commandLine.folder });
  stop = () => void child.kill("SIGINT");
  expect(await run).toEqual({ code: 130, out: "", err: "ended before anything was measured\n" });
  expect(existsSync(join(commandLine.folder, "ended.json"))).toBe(false);
});

/** An engine behind a key. */
const guarded: Answering = (received, response) => {
  if (received.headers.authorization === "Bearer sk-right") return engine(QUICK)(received, response);
  response.writeHead(401, { "content-type": "application/json" });
  response.end('{"error":{"message":"invalid key"}}');
};

describe("an API key", () => {
  test("is read from a file or the environment, and never printed", async () => {
    const server = await serving(guarded);
    writeFileSync(join(commandLine.folder, "key.txt"), "sk-right\n");
    const byFile = await bench(["--url", server.url, ...SMALL, "--api-key-file", "key.txt"]);
    const byEnvironment = await bench(["--url", server.url, ...SMALL, "--format", "json"], {
      FITSERVE_API_KEY: "sk-right",
    });
    expect([byFile.code, byEnvironment.code]).toEqual([0, 0]);
    expect(byFile.out + byFile.err + byEnvironment.out + byEnvironment.err).not.toContain("sk-right");
  });

  test.runIf(existsSync("/dev/zero"))("is not looked for in a file without end", async () => {
    const run = await bench(["--url", "http://127.0.0.1:1", ...SMALL, "--api-key-file", "/dev/zero"]);
    expect(run.code).toBe(2);
    expect(run.err).toContain("--api-key-file /dev/zero: more than 1 MB; wanted a file that can be read");
  });

  test("that is wrong or missing exits 5 and says where to put it", async () => {
    const server = await serving(guarded);
    const run = await bench(["--url", server.url, ...SMALL], { FITSERVE_API_KEY: "sk-wrong" });
    expect(run.code).toBe(5);
    expect(run.err).toContain("/v1/models: HTTP 401: invalid key\nThe endpoint wants a valid API key");
    expect(run.err).not.toContain("sk-wrong");
  });
});

describe("an endpoint that does not answer exits 5", () => {
  test("where nobody listens", async () => {
    const server = await serving(() => undefined);
    await server.stop();
    servers.splice(0);
    const run = await bench(["--url", server.url, ...SMALL]);
    expect({ code: run.code, out: run.out }).toEqual({ code: 5, out: "" });
    expect(run.err).toMatch(/\/v1\/models: connection refused: .*\nIs the address right/);
  });

  test("where the path is another", async () => {
    const server = await serving((_, response) => void response.writeHead(404).end("404 page not found"));
    const run = await bench(["--url", server.url, "--model", "m", ...SMALL]);
    expect(run.code).toBe(5);
    expect(run.err).toMatch(/\/v1\/completions: HTTP 404: 404 page not found\n.*--endpoint chat/);
  });

  test("where no model is listed", async () => {
    const server = await serving((_, response) => void response.end('{"data":[]}'));
    expect((await bench(["--url", server.url, ...SMALL])).err).toContain("lists no model; name it with --model");
  });
});

describe("wrong options exit 2", () => {
  test("and every one of them is named", async () => {
    const run = await bench([
      "--concurrency",
      "0",
      "--num-prompts",
      "many",
      "--spread",
      "1",
      "--timeout",
      "-1",
      "--ca-file",
      "no.pem",
      "--set",
      "model=nobody",
    ]);
    expect({ code: run.code, out: run.out }).toEqual({ code: 2, out: "" });
    for (const flag of ["--url", "--concurrency", "--num-prompts", "--spread", "--timeout", "--ca-file", "model"])
      expect(run.err).toMatch(new RegExp(`^${flag}`, "m"));
  });

  test.each([
    [["--url", "ftp://x"], /--url: got "ftp:\/\/x"; wanted the address/],
    [["--url", "http://user:secret@x"], /--url: holds a user or a password/],
    [["--url", "http://x", "--concurrency", "8", "--num-prompts", "4"], /--num-prompts: got 4; wanted at least 8/],
    [
      ["--url", "http://x", "--stagger", "--num-prompts", "10"],
      /wanted at least 32 at a concurrency of 8, 4 for each client/,
    ],
    [["--url", "http://x", "--fail-on-miss"], /--fail-on-miss: there is nothing to miss/],
    [["--url", "http://x", "--calibration-row", "r"], /--calibration-row: nothing says what was measured/],
    [["--url", "http://x", "--set", "model=nobody"], /^model: /m],
    [["--url", "http://x", "--endpoint", "responses"], /Allowed choices are completions, chat/],
  ])("%j", async (args, message) => {
    const run = await bench(args);
    expect(run.code).toBe(2);
    expect(run.err).toMatch(message);
    expect(run.err).not.toMatch(/secret| {4}at /);
  });

  test("a key of two words is refused without being shown", async () => {
    const run = await bench(["--url", "http://x"], { FITSERVE_API_KEY: "sk secret" });
    expect(run.code).toBe(2);
    expect(run.err).toContain("FITSERVE_API_KEY: wanted an API key alone");
    expect(run.err).not.toContain("secret");
  });

  test("a result that could not be written is refused before the run", async () => {
    const run = await bench(["--url", "http://127.0.0.1:9", "--output", "no/such/folder.json"]);
    expect(run.code).toBe(5);
    expect(run.err).toBe("no/such/folder.json: its folder is not there\n");
    expect(existsSync(join(commandLine.folder, "no"))).toBe(false);
  });

  test("a plan that cannot be exits 3", async () => {
    const run = await bench(["--url", "http://x", "--set", "slo.ttftSeconds=0.001"]);
    expect(run.code).toBe(3);
    expect(run.err).toContain("there is nothing to compare with: no plan fits");
    expect(run.err).toMatch(/\n {2}slo\.ttftSeconds: [\d.]+ works: /);
  });
});
