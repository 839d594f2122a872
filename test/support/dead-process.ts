import { spawnSync } from "node:child_process";

/** The id of a process that has ended and been waited for. */
export function deadProcessId(): number {
  return spawnSync(process.execPath, ["--eval", ""]).pid;
}
