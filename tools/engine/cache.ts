import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rename, rm } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "./failure";
import { isAlive, throwIfInterrupted } from "./processes";

/** Where the built tools are kept, for all clones of this user. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env["XDG_CACHE_HOME"];
  // The XDG rules say that a relative path is to be ignored.
  return join(base?.startsWith("/") === true ? base : join(homedir(), ".cache"), "fitserve");
}

/** The name of a cached build: everything that goes into it changes the name. */
export function cacheKey(name: string, version: string, folder: string, recipe: unknown): string {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(folder, file)));
  hash.update(JSON.stringify(recipe));
  return `${name}-${version}-${hash.digest("hex").slice(0, 12)}-${process.platform}-${process.arch}`;
}

/** The folder of a cached build, or undefined where it is not there. */
export function cached(key: string): string | undefined {
  const folder = join(cacheFolder(), key);
  return existsSync(folder) ? folder : undefined;
}

/**
 * Makes a folder of the cache once, whoever asks: one process makes it, the others wait and use it. It appears under
 * its name only when it is complete, so that an interrupted run leaves nothing that looks finished.
 */
export async function cacheOnce(
  key: string,
  make: (folder: string) => Promise<void>,
  onWait: (holder: string) => void,
): Promise<string> {
  const root = cacheFolder();
  await createFolder(root);
  const unlock = await lock(join(root, `${key}.lock`), onWait);
  try {
    const finished = join(root, key);
    if (existsSync(finished)) return finished;
    await removeLeftovers(root, key);
    const staging = await mkdtemp(join(root, `.making-${key}-`));
    try {
      await make(staging);
      await rename(staging, finished);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
    return finished;
  } finally {
    await unlock();
  }
}

async function createFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`The cache folder ${folder} cannot be made (${code}). Set XDG_CACHE_HOME to one that can.`);
  }
}

// Whoever holds the lock may clear away what a killed holder left.
async function removeLeftovers(root: string, key: string): Promise<void> {
  const leftovers = readdirSync(root).filter((name) => name.startsWith(`.making-${key}-`));
  await Promise.all(leftovers.map((name) => rm(join(root, name), { recursive: true, force: true })));
}

async function lock(path: string, onWait: (holder: string) => void): Promise<() => Promise<void>> {
  for (let told = false; ;) {
    try {
      const file = await open(path, "wx");
      await file.writeFile(`${process.pid} ${hostname()}\n`);
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = await readFile(path, "utf8").catch(() => "");
    if (await isAbandoned(path, holder)) {
      await removeAbandoned(path, holder);
      continue;
    }
    if (!told) onWait(holder.trim());
    told = true;
    throwIfInterrupted();
    await delay(500);
  }
}

async function isAbandoned(path: string, holder: string): Promise<boolean> {
  const [pid, host] = holder.trim().split(" ");
  if (pid !== undefined && host !== undefined) return host === hostname() && !isAlive(Number(pid));
  // Empty: its maker is between making and writing it, or was killed there.
  await delay(1000);
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
