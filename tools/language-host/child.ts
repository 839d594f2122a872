import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";

/** How a program ended: its exit code, or the signal that ended it. */
export interface Ending {
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

const running = new Set<ChildProcess>();

/** Starts Node with these arguments; it is killed together with this process. */
export function startNode(args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, args, options);
  running.add(child);
  child.once("close", () => running.delete(child));
  child.once("error", () => running.delete(child));
  return child;
}

/** Waits until a program and its output streams have ended. */
export function ending(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
}

export function killChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}
