import { spawn, type ChildProcess } from "node:child_process";
import type { Run } from "./command-line";

export interface Started {
  readonly child: ChildProcess;
  readonly run: Promise<Run>;
}

/** Runs a program beside the test, which goes on serving it; `CommandLine.run` would block the test's servers. */
export function start(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Started {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"], ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const run = new Promise<Run>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
  return { child, run };
}
