// The arguments of every plan before vLLM's own parser and engine configuration, without a GPU. It installs vLLM from
// PyPI once (6.8 GB under the user's cache folder), and so it is a step of its own: `npm run check:engine-arguments`.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DEFAULTS } from "../config/request/schema";
import { cacheFolder } from "../tools/engine/cache";
import { argumentCases, refusedCases, type ArgumentCase } from "./engine-arguments/cases";

const VERSION = DEFAULTS.engine.version;
const UV_VERSION = "0.13.9";
const INSTALLED_GB = 6.8;

/** Kernels for cards, which no argument needs; some have no wheel for a machine without one. */
const LEFT_OUT = [
  "flashinfer-python",
  "flashinfer-cubin",
  "tilelang",
  "nvidia-cudnn-frontend",
  "nvidia-cutlass-dsl",
  "quack-kernels",
  "tokenspeed-mla",
  "humming-kernels",
  "PyNvVideoCodec",
  "instanttensor",
  "fastsafetensors",
];

interface Answer {
  readonly id: string;
  readonly refused?: string;
  readonly warnings: readonly string[];
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? `exit ${status}`}`);
}

/** A virtual environment with vLLM, made once; the file `complete` tells a whole one from a broken one. */
function installedPython(): string {
  const folder = join(cacheFolder(), `vllm-arguments-${VERSION}`);
  const python = join(folder, "bin", "python");
  const complete = join(folder, "complete");
  if (existsSync(complete)) return python;
  console.log(`Installing vLLM ${VERSION} into ${folder}: ${INSTALLED_GB} GB, a minute on a fast line.`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run("python3", ["-m", "venv", folder]);
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `uv==${UV_VERSION}`]);
  const overrides = join(folder, "overrides.txt");
  writeFileSync(overrides, [...LEFT_OUT.map((name) => `${name}; sys_platform == "never"`), "certifi", ""].join("\n"));
  const uv = join(folder, "bin", "uv");
  run(uv, ["pip", "install", "--quiet", "--python", python, "--override", overrides, `vllm==${VERSION}`]);
  writeFileSync(complete, "");
  return python;
}

async function judged(python: string, cases: readonly ArgumentCase[]): Promise<readonly Answer[]> {
  const script = join(__dirname, "engine-arguments", "check.py");
  const child = spawn(python, [script], {
    stdio: ["pipe", "pipe", process.env["FITSERVE_DEBUG"] ? "inherit" : "ignore"],
  });
  child.stdin.end(cases.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const answers: Answer[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const answer: Answer = JSON.parse(line);
    answers.push(answer);
  }
  return answers;
}

async function main(): Promise<void> {
  const accepted = argumentCases(VERSION);
  const [first] = accepted;
  if (first === undefined) throw new Error("no plan is feasible");
  const refused = refusedCases(first);
  const python = installedPython();
  console.log(`vLLM ${VERSION} judges ${accepted.length} lists of arguments (half a minute to load)`);
  const answers = new Map((await judged(python, [...accepted, ...refused])).map((answer) => [answer.id, answer]));
  const faults = [
    ...accepted.flatMap(({ id, args }) => {
      const answer = answers.get(id);
      if (answer === undefined) return [`${id}: vLLM gave no answer (FITSERVE_DEBUG=1 shows why)`];
      if (answer.refused === undefined) return [];
      return [`${id}: ${answer.refused}\n    vllm serve ${args.join(" ")}`];
    }),
    ...refused.filter(({ id }) => answers.get(id)?.refused === undefined).map(({ id }) => `${id}: it was accepted`),
  ];
  const warnings = new Set([...answers.values()].flatMap(({ warnings: said }) => said));
  for (const warning of warnings) console.log(`warning: ${warning}`);
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? `all ${accepted.length} accepted` : `${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

void main();
