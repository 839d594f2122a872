import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

export interface BackgroundOptions {
  /** What it prints goes to this file. */
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** The name that it goes by in the list of processes, in place of its path. */
  readonly name?: string;
  /** In a process group of its own, which outlives us. */
  readonly detached?: boolean;
}

/** Starts a program that goes on while we do other things. */
export function startBackground(command: string, args: readonly string[], options: BackgroundOptions): ChildProcess {
  const log = openSync(options.log, "a", 0o600);
  const child = spawn(command, args, {
    cwd: options.cwd,
    argv0: options.name ?? command,
    env: options.env ?? process.env,
    stdio: ["ignore", log, log],
    detached: options.detached ?? false,
  });
  closeSync(log);
  return child;
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Asks a program to end, and ends it where it has not within the time given. */
export async function stopBackground(child: ChildProcess, graceMs: number): Promise<void> {
  if (hasEnded(child)) return;
  const end = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await Promise.race([end, delay(graceMs, undefined, { ref: false })]);
  if (hasEnded(child)) return;
  child.kill("SIGKILL");
  await end;
}

const SHOWN_LOG_LINES = 8;

/** The last lines of a log, indented; empty where there is none. */
export function lastLines(log: string): string {
  try {
    const lines = readFileSync(log, "utf8").trimEnd().split("\n").slice(-SHOWN_LOG_LINES);
    return lines.map((line) => `  ${line.slice(0, 400)}`).join("\n");
  } catch {
    return "";
  }
}
