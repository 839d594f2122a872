import { open, readFile, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "./failure";
import { isAlive } from "./processes";

/** A lock that is ours until released, or the process that has it. */
export type Lock = { readonly release: () => Promise<void> } | { readonly heldBy: string };

const WRITING_GRACE_MS = 1000;

/** Takes a lock file, also from a process that has died; never waits for a living one. */
export async function tryLock(path: string): Promise<Lock> {
  for (;;) {
    try {
      const file = await open(path, "wx");
      await file.writeFile(`${process.pid} ${hostname()}\n`);
      await file.close();
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    const holder = await readFile(path, "utf8").catch(() => "");
    if (!(await isAbandoned(path, holder))) return { heldBy: holder.trim() };
    await removeAbandoned(path, holder);
  }
}

async function isAbandoned(path: string, holder: string): Promise<boolean> {
  const [pid, host] = holder.trim().split(" ");
  if (pid !== undefined && host !== undefined) return host === hostname() && !isAlive(Number(pid));
  // Empty: its maker is between making and writing it, or was killed there.
  await delay(WRITING_GRACE_MS);
  return (await readFile(path, "utf8").catch(() => "gone")) === "";
}

// Two waiters may find the same dead holder: the rename lets one of them through, and only for the lock that was read.
async function removeAbandoned(path: string, holder: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await readFile(aside, "utf8").catch(() => "");
  if (taken === holder) await rm(aside, { force: true });
  else await rename(aside, path);
}
