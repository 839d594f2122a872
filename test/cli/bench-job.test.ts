import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { start } from "../support/async-command";
import { CommandLine } from "../support/command-line";
import { engine, StreamServer } from "../support/stream-server";

const commandLine = new CommandLine();

beforeAll(() => commandLine.build());
afterAll(() => commandLine.remove());

interface Job {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly backoffLimit: number; readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly securityContext: object;
  readonly containers: readonly {
    readonly command: readonly string[];
    readonly args: readonly string[];
    readonly env?: object;
  }[];
}

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>;
  readonly binaryData: Readonly<Record<string, string>>;
}

function printed(args: readonly string[]): { readonly files: ConfigMap; readonly job: Job; readonly text: string } {
  const { code, out, err } = commandLine.run(["bench", ...args]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [files, job]: [ConfigMap, Job] = JSON.parse(
    JSON.stringify(parseAllDocuments(out).map((document) => document.toJS())),
  );
  return { files, job, text: out };
}

const JOB = ["--url", "http://gateway.ai:8080", "--job", "bench", "--job-namespace", "ai"];

describe("fitserve bench --job", () => {
  test("prints a Job that restricted pod security admits, with its options and no key", () => {
    const { job, text } = printed([...JOB, "--concurrency", "4", "--job-key-secret", "clients/bench"]);
    expect(job.metadata).toMatchObject({ name: "bench", namespace: "ai" });
    const { spec } = job.spec.template;
    expect(spec).toMatchObject({
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          image: expect.stringMatching(/^docker\.io\/library\/node:20\..*@sha256:[0-9a-f]{64}$/),
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          env: [{ name: "FITSERVE_API_KEY", valueFrom: { secretKeyRef: { name: "clients", key: "bench" } } }],
        },
      ],
    });
    expect(spec.containers[0]?.args).toEqual(
      expect.arrayContaining(["bench", "--url=http://gateway.ai:8080/", "--concurrency=4"]),
    );
    // etcd takes objects of a mebibyte and a half, and the API server ConfigMaps of one.
    expect(text.length).toBeLessThan(2 ** 20);
  });

  test("carries the request in one piece", () => {
    const { files, job } = printed([...JOB, "--set", "workload.concurrency=7"]);
    expect(JSON.parse(files.data["request.json"] ?? "")).toMatchObject({
      model: "qwen3-32b",
      workload: { concurrency: 7 },
    });
    expect(job.spec.template.spec.containers[0]?.args).toContain("--request=/opt/fitserve/request.json");
  });

  test("runs as it is packed", async () => {
    const server = await new StreamServer(engine({ firstTokenMs: 2, gapMs: 1 })).start();
    const args = [
      "--url",
      server.url,
      "--concurrency",
      "2",
      "--num-prompts",
      "4",
      "--input-tokens",
      "9",
      "--output-tokens",
      "3",
    ];
    const { files, job } = printed([...args, "--job", "bench", "--set", "workload.concurrency=2", "--format", "json"]);
    for (const [name, text] of Object.entries(files.data)) writeFileSync(join(commandLine.folder, name), text);
    const packed = Buffer.from(files.binaryData["fitserve.js.gz"] ?? "", "base64");
    writeFileSync(join(commandLine.folder, "fitserve.js.gz"), packed);
    // The pod's folders are this test's.
    const here = (text: string): string =>
      text
        .replaceAll("/opt/fitserve", commandLine.folder)
        .replaceAll("/tmp/fitserve.js", `${commandLine.folder}/unpacked.js`);
    const [container] = job.spec.template.spec.containers;
    const [, flag = "", script = "", ...rest] = container?.command ?? [];
    const words = [here(script), ...rest, ...(container?.args ?? []).map(here)];
    const { code, out, err } = await start(flag, words, { cwd: commandLine.folder }).run;
    await server.stop();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ requests: { completed: 4, failed: 0 }, comparison: {} });
  });

  test.each([
    [
      ["--api-key-file", "k"],
      /^--api-key-file: a Job has no files of this machine; wanted it without, and --job-key-secret/,
    ],
    [["--output", "o.json", "--job-key-secret", "x"], /^--output: .*\n--job-key-secret: got "x"; wanted secret\/key/],
    [["--job-namespace", "No_Name"], /^--job-namespace: got "No_Name"/],
    [
      ["--job-image", "No Image", "--concurrency", "0", "--set", "model=nobody"],
      /^--job-image: got "No Image"; wanted an image.*\n--concurrency: got "0".*\nmodel: /,
    ],
    [["--concurrency", "0"], /^--concurrency: got "0"/],
    [["--set", "model=nobody"], /^model: /],
  ])("refuses %j", (args, message) => {
    const run = commandLine.run(["bench", ...JOB, ...args]);
    expect({ code: run.code, out: run.out }).toEqual({ code: 2, out: "" });
    expect(run.err).toMatch(message);
  });
});
