import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pendingOperations, removeDeadLocks } from "../../tools/local/recovery";
import { deadProcessId } from "../support/dead-process";

describe("locks of the file backend", () => {
  let state: string;
  let lock: string;
  let living: ChildProcess | undefined;

  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), "fitserve-state-"));
    const folder = join(state, ".pulumi", "locks", "organization", "fitserve", "local");
    mkdirSync(folder, { recursive: true });
    lock = join(folder, "0b0c.json");
  });

  afterEach(() => {
    living?.kill("SIGKILL");
  });

  const writeLock = (pid: number, host = hostname()) => writeFileSync(lock, JSON.stringify({ pid, hostname: host }));

  it("of a dead process are removed", async () => {
    writeLock(deadProcessId());
    expect(await removeDeadLocks(state)).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  it("of a living Pulumi stay, and end the run with the process named", async () => {
    const program = join(state, "pulumi");
    copyFileSync(process.execPath, program);
    living = spawn(program, ["--eval", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    await new Promise((resolve) => living?.once("spawn", resolve));
    writeLock(living.pid ?? 0);
    await expect(removeDeadLocks(state)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining(`process ${living.pid} on ${hostname()}`),
    });
    expect(existsSync(lock)).toBe(true);
  });

  it("are removed where another program got the process number of the dead one", async () => {
    writeLock(process.pid);
    expect(await removeDeadLocks(state)).toBe(1);
  });

  it("of another machine stay, because its processes cannot be seen", async () => {
    writeLock(deadProcessId(), "elsewhere");
    await expect(removeDeadLocks(state)).rejects.toThrow("on elsewhere");
    expect(existsSync(lock)).toBe(true);
  });

  it("that a kill left half written are removed", async () => {
    writeFileSync(lock, '{"pid": 12');
    expect(await removeDeadLocks(state)).toBe(1);
  });

  it("are none where there is no state", async () => {
    expect(await removeDeadLocks(join(state, "nowhere"))).toBe(0);
  });
});

describe("pendingOperations", () => {
  it("counts what a checkpoint says was begun and not ended", () => {
    const file = join(mkdtempSync(join(tmpdir(), "fitserve-checkpoint-")), "local.json");
    expect(pendingOperations(file)).toBe(0);
    writeFileSync(file, JSON.stringify({ checkpoint: { latest: { pending_operations: [{}, {}] } } }));
    expect(pendingOperations(file)).toBe(2);
    writeFileSync(file, JSON.stringify({ checkpoint: { latest: { resources: [] } } }));
    expect(pendingOperations(file)).toBe(0);
  });
});
