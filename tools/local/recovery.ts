import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { Failure } from "../engine/failure";
import { isAlive } from "../engine/processes";
import { listAt, numberAt, stringAt } from "../kubernetes-provider/kube-object";

/** Who holds a lock of Pulumi's file backend. */
export interface LockHolder {
  readonly file: string;
  readonly pid: number;
  readonly host: string;
}

/**
 * Removes the locks that dead processes left in a file backend, as `pulumi cancel` would, and returns how many those
 * were. A lock of a living process, or of another machine, stays and ends the run.
 */
export async function removeDeadLocks(state: string): Promise<number> {
  const holders = lockHolders(state);
  const living = holders.find((holder) => holder.host !== hostname() || isAlive(holder.pid, "pulumi"));
  if (living !== undefined) {
    throw new Failure(
      `Another Pulumi operation is at work on this stack: process ${living.pid} on ${living.host}.\n` +
        `Wait for its end and run this again. If you know that it is gone, delete ${living.file}`,
    );
  }
  await Promise.all(holders.map((holder) => rm(holder.file, { force: true })));
  return holders.length;
}

/** The locks of all stacks of a file backend. */
export function lockHolders(state: string): LockHolder[] {
  const folder = join(state, ".pulumi", "locks");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  return files.map((name) => {
    const file = join(folder, name);
    const content = parseJson(readFileSync(file, "utf8"));
    return { file, pid: numberAt(content, "pid") ?? 0, host: stringAt(content, "hostname") ?? hostname() };
  });
}

/** How many operations a killed run had begun and not recorded the end of. */
export function pendingOperations(checkpointFile: string): number {
  if (!existsSync(checkpointFile)) return 0;
  const checkpoint = parseJson(readFileSync(checkpointFile, "utf8"));
  return listAt(checkpoint, "checkpoint", "latest", "pending_operations").length;
}

// A file that a kill cut off says nothing: its lock has no living holder, its checkpoint no pending operations.
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
