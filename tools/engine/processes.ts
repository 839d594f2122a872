import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { errorCode, Failure, Interrupted } from "./failure";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  /** Called for each line of either stream, as it comes. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** What ends the child on Ctrl-C: a signal to it alone (it looks after its own children), or to its whole group. */
  readonly interruptBy?: "process" | "group";
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly interruptBy: "process" | "group";
}

const running = new Set<Running>();
let interrupted = false;

/**
 * Runs a program to its end. It gets a process group of its own, so that Ctrl-C reaches it once, through us, and not a
 * second time from the terminal: two signals make Pulumi drop what it is doing.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  if (interrupted) throw new Interrupted();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const entry: Running = { child, interruptBy: options.interruptBy ?? "group" };
  running.add(entry);
  try {
    const result = await outcome(child, command, options);
    if (interrupted) throw new Interrupted();
    return result;
  } finally {
    running.delete(entry);
  }
}

async function outcome(child: ReturnType<typeof spawn>, command: string, options: RunOptions): Promise<RunResult> {
  const stdout = collect(child, "stdout", options.onLine);
  const stderr = collect(child, "stderr", options.onLine);
  // A child that ends before it has read its input is judged by its exit code, not by the broken pipe.
  child.stdin?.on("error", () => {});
  child.stdin?.end(options.input ?? "");
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", (error) => {
      reject(new Failure(`${command} cannot be started: ${errorCode(error) ?? error.message}.`));
    });
    child.once("close", (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, stdout: stdout.join("\n"), stderr: stderr.join("\n") };
}

function collect(child: ChildProcess, stream: "stdout" | "stderr", onLine: RunOptions["onLine"]): string[] {
  const lines: string[] = [];
  const source = child[stream];
  if (source === null) return lines;
  createInterface({ input: source }).on("line", (line) => {
    lines.push(line);
    onLine?.(line, stream);
  });
  return lines;
}

// A terminal sends Ctrl-C to us, and npm passes it on to us again: that is one wish, not an insisting one.
const ONE_INTERRUPT_MS = 1000;

/** Passes Ctrl-C and its kin on to whatever runs; `run` then ends with `Interrupted`. */
export function forwardInterrupts(): void {
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      const nowMs = performance.now();
      if (nowMs - lastMs < ONE_INTERRUPT_MS) return;
      lastMs = nowMs;
      interrupted = true;
      for (const one of running) signalChild(one);
    });
  }
}

/** Whether Ctrl-C was pressed: loops that start nothing ask this. */
export function throwIfInterrupted(): void {
  if (interrupted) throw new Interrupted();
}

function signalChild({ child, interruptBy }: Running): void {
  if (child.pid === undefined) return;
  try {
    process.kill(interruptBy === "group" ? -child.pid : child.pid, interruptBy === "group" ? "SIGTERM" : "SIGINT");
  } catch {
    // It has ended by itself in the meantime.
  }
}

/** Whether a process of this id runs here and is what we take it for; ids are given out again after an end. */
export function isAlive(pid: number, namePart?: string): boolean {
  // Zero and negative numbers mean process groups, our own among them.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== "EPERM") return false;
  }
  const about = processState(pid);
  if (about === undefined) return true;
  if (about.zombie) return false;
  return namePart === undefined || about.name.includes(namePart);
}

function processState(pid: number): { name: string; zombie: boolean } | undefined {
  try {
    // `123 (name) S …`: a dead process that nobody has waited for yet is in state Z.
    const match = /\((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
    if (match?.[1] !== undefined) return { name: match[1], zombie: match[2] === "Z" };
  } catch {
    // No /proc (macOS), or no such process.
  }
  const ps = spawnSync("ps", ["-o", "stat=,comm=", "-p", String(pid)], { encoding: "utf8" });
  const match = ps.status === 0 ? /^(\S+)\s+(.*)$/.exec(ps.stdout.trim()) : null;
  return match?.[1] === undefined ? undefined : { name: match[2] ?? "", zombie: match[1].startsWith("Z") };
}
