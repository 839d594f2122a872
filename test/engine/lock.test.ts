import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { tryLock } from "../../tools/engine/lock";
import { deadProcessId } from "../support/dead-process";

describe("tryLock", () => {
  let path: string;

  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), "fitserve-lock-")), "lock");
  });

  it("gives a free lock, and frees it again", async () => {
    const lock = await tryLock(path);
    expect(readFileSync(path, "utf8")).toBe(`${process.pid} ${hostname()}\n`);
    if ("heldBy" in lock) throw new Error("a free lock was refused");
    await lock.release();
    expect(existsSync(path)).toBe(false);
  });

  it("is refused while a living process has it", async () => {
    writeFileSync(path, `${process.pid} ${hostname()}\n`);
    expect(await tryLock(path)).toEqual({ heldBy: `${process.pid} ${hostname()}` });
  });

  it("is taken over from a process that has died", async () => {
    writeFileSync(path, `${deadProcessId()} ${hostname()}\n`);
    expect(await tryLock(path)).toHaveProperty("release");
    expect(readFileSync(path, "utf8")).toBe(`${process.pid} ${hostname()}\n`);
  });

  it("is refused where another machine has it, whose processes cannot be seen", async () => {
    writeFileSync(path, `${deadProcessId()} elsewhere\n`);
    expect(await tryLock(path)).toHaveProperty("heldBy");
  });

  it("is taken over where its maker was killed before it wrote its name", async () => {
    writeFileSync(path, "");
    expect(await tryLock(path)).toHaveProperty("release");
  });
});
