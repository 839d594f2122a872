import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode, Failure } from "./failure";
import { tryLock } from "./lock";
import { throwIfInterrupted } from "./processes";

const LOCK_POLL_MS = 500;

/** Where the built tools are kept, for all clones of this user. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env["XDG_CACHE_HOME"];
  // The XDG rules say that a relative path is to be ignored.
  return join(base?.startsWith("/") === true ? base : join(homedir(), ".cache"), "fitserve");
}

/** The name of a cached build: everything that goes into it changes the name. */
export function cacheKey(name: string, version: string, folder: string, recipe: unknown): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name: file } of files.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    hash.update(readFileSync(join(folder, file)));
  }
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
  const unlock = await waitForLock(join(root, `${key}.lock`), onWait);
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
    const why = errorCode(error) ?? "for an unknown reason";
    throw new Failure(`The cache folder ${folder} cannot be made (${why}). Set XDG_CACHE_HOME to one that can.`);
  }
}

// Whoever holds the lock may clear away what a killed holder left.
async function removeLeftovers(root: string, key: string): Promise<void> {
  const leftovers = readdirSync(root).filter((name) => name.startsWith(`.making-${key}-`));
  await Promise.all(leftovers.map((name) => rm(join(root, name), { recursive: true, force: true })));
}

async function waitForLock(path: string, onWait: (holder: string) => void): Promise<() => Promise<void>> {
  for (let told = false; ; told = true) {
    const lock = await tryLock(path);
    if ("release" in lock) return lock.release;
    if (!told) onWait(lock.heldBy);
    throwIfInterrupted();
    await delay(LOCK_POLL_MS);
  }
}
