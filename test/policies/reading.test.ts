import { describe, expect, test } from "vitest";
import { knownCopy, UNKNOWN } from "../../policies/reading/known-values";
import { vllmServersOf } from "../../policies/reading/server";
import { handWritten, type HandWritten } from "../support/vllm-deployment";

function read(given: HandWritten) {
  const [server] = vllmServersOf({ type: "kubernetes:apps/v1:Deployment", inputs: knownCopy(handWritten(given)) });
  if (server === undefined) return undefined;
  const { model, values } = server.command;
  return { model, tp: values.get("--tensor-parallel-size"), seqs: values.get("--max-num-seqs") };
}

const MODEL = "Qwen/Qwen3-32B";
const WANTED = { model: MODEL, tp: "2", seqs: "64" };
const PYTHON = ["python3", "-m", "vllm.entrypoints.openai.api_server"];

describe("a vLLM command line is read however it is written", () => {
  test.each<[string, HandWritten]>([
    ["flags with =", { args: [MODEL, "--tensor-parallel-size=2", "--max-num-seqs=64"] }],
    ["flags with a blank", { args: [MODEL, "--tensor-parallel-size", "2", "--max-num-seqs", "64"] }],
    ["short forms", { args: [MODEL, "-tp", "2", "--max-num-seqs", "64"] }],
    ["short forms with =", { args: [MODEL, "-tp=2", "--max-num-seqs=64"] }],
    ["underscores", { args: [MODEL, "--tensor_parallel_size=2", "--max_num_seqs", "64"] }],
    ["the beginning of a flag", { args: [MODEL, "--tensor-parallel=2", "--max-num-s=64"] }],
    ["the model last, behind a switch", { args: ["-tp=2", "--max-num-seqs=64", "--enforce-eager", MODEL] }],
    ["the old --model", { args: ["--model", MODEL, "-tp=2", "--max-num-seqs=64"] }],
    ["several served names", { args: [MODEL, "--served-model-name", "a", "b", "-tp=2", "--max-num-seqs=64"] }],
    ["a repeated flag, of which the last counts", { args: [MODEL, "-tp=1", "-tp=2", "--max-num-seqs=64"] }],
    ["numbers instead of text", { args: [MODEL, "-tp", 2, "--max-num-seqs", 64] }],
    ["command vllm serve", { command: ["vllm", "serve"], args: [MODEL, "-tp=2", "--max-num-seqs=64"] }],
    ["all in command", { command: ["/usr/bin/vllm", "serve", MODEL, "-tp=2", "--max-num-seqs=64"], args: [] }],
    ["the server's module", { command: PYTHON, args: ["--model", MODEL, "-tp=2", "--max-num-seqs=64"] }],
    ["an image of one's own", { image: "acme/llm", args: ["vllm", "serve", MODEL, "-tp=2", "--max-num-seqs=64"] }],
    ["a shell", { command: ["sh", "-c"], args: [`vllm serve ${MODEL} -tp 2 --max-num-seqs 64`] }],
    ["a shell in one list", { command: ["/bin/bash", "-lc", `exec vllm serve '${MODEL}' -tp=2 --max-num-seqs=64`] }],
    [
      "a script with other commands, comments and continued lines",
      {
        command: ["bash", "-ec"],
        args: [
          `# start; vllm serve other\nexport A=1 && cd /tmp\nvllm serve "${MODEL}" \\\n  -tp 2 --max-num-seqs 64 | tee log`,
        ],
      },
    ],
    [
      "a shell's own arguments",
      { command: ["sh", "-c", 'vllm serve "$@"', "sh"], args: [MODEL, "-tp=2", "--max-num-seqs=64"] },
    ],
    [
      "a default in the shell",
      { command: ["sh", "-c"], args: [`vllm serve ${MODEL} -tp \${TP:-2} --max-num-seqs 64`] },
    ],
    ["behind an init", { command: ["tini", "--", "vllm", "serve"], args: [MODEL, "-tp=2", "--max-num-seqs=64"] }],
  ])("%s", (_, given) => {
    expect(read(given)).toEqual(WANTED);
  });

  test("environment variables are expanded as Kubernetes and the shell do it", () => {
    const env = [
      { name: "MODEL", value: MODEL },
      { name: "TP", value: "2" },
    ];
    const flags = "--max-num-seqs=64";
    expect(read({ env, args: ["$(MODEL)", "-tp=$(TP)", flags] })).toEqual(WANTED);
    expect(read({ env, command: ["sh", "-c"], args: [`vllm serve "$MODEL" -tp=\${TP} ${flags}`] })).toEqual(WANTED);
  });

  test("a variable from elsewhere is not guessed", () => {
    const env = [{ name: "MODEL", valueFrom: { configMapKeyRef: { name: "m", key: "k" } } }];
    expect(read({ env, args: ["$(MODEL)", "-tp=2"] })).toEqual({ model: undefined, tp: "2", seqs: undefined });
  });

  test.each<[string, HandWritten]>([
    ["a web server", { image: "nginx", args: ["-g", "daemon off;"] }],
    ["the router of vLLM", { image: "lmcache/vllm-router:1", args: ["--model", "x"] }],
    ["vLLM's image with another command", { command: ["sleep"], args: ["infinity"] }],
    ["a benchmark in vLLM's image", { command: ["vllm", "bench", "serve"], args: ["--model", MODEL] }],
  ])("%s is no vLLM server", (_, given) => {
    expect(read(given)).toBeUndefined();
  });
});

describe("every kind that runs pods is read", () => {
  const template = { spec: { containers: [{ image: "vllm/vllm-openai", args: [MODEL] }] } };

  test.each([
    ["kubernetes:apps/v1:StatefulSet", { spec: { template } }],
    ["kubernetes:apps/v1:DaemonSet", { spec: { template } }],
    ["kubernetes:apps/v1:ReplicaSet", { spec: { template } }],
    ["kubernetes:apps/v1:DeploymentPatch", { spec: { template } }],
    ["kubernetes:batch/v1:Job", { spec: { template } }],
    ["kubernetes:batch/v1:CronJob", { spec: { jobTemplate: { spec: { template } } } }],
    ["kubernetes:core/v1:Pod", template],
  ])("%s", (type, inputs) => {
    expect(vllmServersOf({ type, inputs: knownCopy(inputs) }).map(({ command }) => command.model)).toEqual([MODEL]);
  });

  test("a Service and a resource of another provider run none", () => {
    const inputs = knownCopy({ spec: { template } });
    expect(vllmServersOf({ type: "kubernetes:core/v1:Service", inputs })).toEqual([]);
    expect(vllmServersOf({ type: "aws:ec2/instance:Instance", inputs })).toEqual([]);
  });
});

describe("inputs of any shape", () => {
  test.each([
    [null],
    [undefined],
    ["text"],
    [[]],
    [{ spec: null }],
    [{ spec: { template: [] } }],
    [{ spec: { template: { spec: { containers: {} } } } }],
  ])("%j reads as no server", (inputs) => {
    expect(vllmServersOf({ type: "kubernetes:apps/v1:Deployment", inputs: knownCopy(inputs) })).toEqual([]);
  });

  test("an error that is no unknown value is not swallowed", () => {
    const broken = {
      get secret(): string {
        throw new Error("broken");
      },
    };
    expect(() => knownCopy(broken)).toThrow("broken");
    expect(UNKNOWN.description).toMatch(/unknown/);
  });
});
