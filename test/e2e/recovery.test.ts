import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { clusterProcesses } from "../../tools/cluster/cluster";
import { lockHolders, pendingOperations } from "../../tools/local/recovery";
import { Clone, ended, printed } from "./support/clone";
import { podsOf } from "./support/cluster-view";

describe("a run that is cut off", () => {
  let clone: Clone;
  let living: ChildProcess | undefined;

  beforeAll(() => {
    clone = new Clone("recovery");
  });

  afterEach(() => {
    living?.kill("SIGKILL");
    living = undefined;
  });

  afterAll(async () => {
    await clone.dispose();
  });

  const checkpoint = () => join(clone.places.state, ".pulumi", "stacks", "fitserve", "local.json");

  it("by kill -9 in the middle of up is finished by the next up", async () => {
    const first = clone.start(["up"]);
    const end = ended(first);
    await printed(first, "Namespace");
    await printed(first, "▸ Deployment");
    await until(() => pendingOperations(checkpoint()) > 0);
    killAll(clone);
    await end;
    expect(lockHolders(clone.places.state)).toHaveLength(1);

    const second = await clone.run(["up"]);
    expect(second).toMatchObject({ code: 0 });
    expect(second.output).toContain("the lock of a run that was killed has been removed");
    expect((await podsOf(clone.places)).map((pod) => pod.phase)).not.toContain("Pending");
    const third = await clone.run(["up"]);
    expect(third.output).toContain("No changes");
  });

  it("by Ctrl-C ends with exit code 130, leaves no process of its own, and is finished by the next up", async () => {
    const first = clone.start(["up", "--set", "quantization=fp8"]);
    const end = ended(first);
    await printed(first, "▸ Deployment");
    // Twice, as from a terminal through npm.
    first.kill("SIGINT");
    await delay(50);
    first.kill("SIGINT");
    expect(await end).toMatchObject({ code: 130 });
    expect(lockHolders(clone.places.state)).toEqual([]);
    expect(clone.processes().filter((line) => !line.includes(clone.places.kwok))).toEqual([]);
    expect(await clone.run(["up"])).toMatchObject({ code: 0 });
  });

  it("is not repaired while a living process holds the lock of its stack", async () => {
    const program = join(dirname(clone.folder), "pulumi");
    copyFileSync(execFileSync("sh", ["-c", "command -v sleep"], { encoding: "utf8" }).trim(), program);
    living = spawn(program, ["600"], { stdio: "ignore" });
    const folder = join(clone.places.state, ".pulumi", "locks", "organization", "fitserve", "local");
    mkdirSync(folder, { recursive: true });
    const lock = join(folder, "living.json");
    writeFileSync(lock, JSON.stringify({ pid: living.pid, hostname: hostname(), username: "other" }));
    const up = await clone.run(["up"]);
    expect(up).toMatchObject({ code: 5 });
    expect(up.output).toContain(`process ${living.pid} on ${hostname()}`);
    expect(existsSync(lock)).toBe(true);
    rmSync(lock);
  });

  it("does not let a second command of the same clone in", async () => {
    const first = clone.start(["up"]);
    const end = ended(first);
    await printed(first, "▸ Engine");
    const second = await clone.run(["down"]);
    expect(second).toMatchObject({ code: 5 });
    expect(second.output).toContain(`Another command of this clone is at work (process ${first.pid} `);
    expect(await end).toMatchObject({ code: 0 });
  });

  it("by the death of the whole cluster is finished by the next up, with what was deployed", async () => {
    for (const pid of clusterProcesses(clone.places)) process.kill(pid, "SIGKILL");
    await until(() => clusterProcesses(clone.places).length === 0);
    const up = await clone.run(["up"]);
    expect(up).toMatchObject({ code: 0 });
    expect(up.output).toContain("is started again at");
    expect(up.output).toContain("No changes");
  });

  it("is cleared away by down although the cluster is dead and the state is gone", async () => {
    for (const pid of clusterProcesses(clone.places)) process.kill(pid, "SIGKILL");
    await until(() => clusterProcesses(clone.places).length === 0);
    rmSync(clone.places.state, { recursive: true });
    expect(await clone.run(["down"])).toMatchObject({ code: 0 });
    expect(existsSync(clone.places.work)).toBe(false);
    expect(clone.processes()).toEqual([]);
  });
});

/** Ends all processes of a clone at once, as a power cut would, save the cluster's. */
function killAll(clone: Clone): void {
  const cluster = new Set(clusterProcesses(clone.places));
  for (const pid of readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    if (!cluster.has(pid) && pid !== process.pid && clone.owns(pid)) process.kill(pid, "SIGKILL");
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(20);
}
