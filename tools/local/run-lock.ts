import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Places } from "../cluster/places";
import { Failure } from "../engine/failure";
import { tryLock } from "../engine/lock";

/** Runs one command of a clone at a time: two of them would make the same cluster and stack. */
export async function withRunLock(places: Places, work: () => Promise<void>): Promise<void> {
  await mkdir(places.work, { recursive: true });
  const lock = await tryLock(join(places.work, "run.lock"));
  if ("heldBy" in lock) {
    throw new Failure(`Another command of this clone is at work (process ${lock.heldBy}). Wait for its end.`);
  }
  try {
    await work();
  } finally {
    await lock.release();
  }
}
