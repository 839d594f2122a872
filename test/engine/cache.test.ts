import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { cached, cacheFolder, cacheKey, cacheOnce } from "../../tools/engine/cache";

const silent = () => {};

describe("the tool cache", () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "fitserve-cache-"));
    vi.stubEnv("XDG_CACHE_HOME", home);
  });

  it("lies under XDG_CACHE_HOME where that is absolute, else under ~/.cache", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/var/cache/me" })).toBe("/var/cache/me/fitserve");
    expect(cacheFolder({ XDG_CACHE_HOME: "relative" })).toMatch(/\/\.cache\/fitserve$/);
    expect(cacheFolder({})).toMatch(/\/\.cache\/fitserve$/);
  });

  it("makes a folder once and finds it afterwards", async () => {
    const make = vi.fn<(folder: string) => Promise<void>>((folder) =>
      Promise.resolve(writeFileSync(join(folder, "tool"), "built")),
    );
    const first = await cacheOnce("tool-1", make, silent);
    const second = await cacheOnce("tool-1", make, silent);
    expect(second).toBe(first);
    expect(cached("tool-1")).toBe(first);
    expect(readFileSync(join(first, "tool"), "utf8")).toBe("built");
    expect(make).toHaveBeenCalledTimes(1);
  });

  it("is made by one of two that ask at the same time", async () => {
    const make = vi.fn<() => Promise<void>>(() => new Promise((resolve) => setTimeout(resolve, 50)));
    const waits = vi.fn<(holder: string) => void>();
    const folders = await Promise.all([cacheOnce("tool-1", make, waits), cacheOnce("tool-1", make, waits)]);
    expect(new Set(folders).size).toBe(1);
    expect(make).toHaveBeenCalledTimes(1);
    expect(waits).toHaveBeenCalledWith(expect.stringContaining(String(process.pid)));
  });

  it("keeps nothing of a build that fails", async () => {
    await expect(cacheOnce("tool-1", () => Promise.reject(new Error("no proxy")), silent)).rejects.toThrow("no proxy");
    expect(cached("tool-1")).toBeUndefined();
    expect(readdirSync(join(home, "fitserve"))).toEqual([]);
  });

  it("changes the key with the module's checksums and with the recipe", () => {
    writeFileSync(join(home, "go.mod"), "module m");
    writeFileSync(join(home, "go.sum"), "one");
    const before = cacheKey("tool", "1.0.0", home, ["-s"]);
    expect(cacheKey("tool", "1.0.0", home, ["-s"])).toBe(before);
    expect(cacheKey("tool", "1.0.0", home, ["-w"])).not.toBe(before);
    writeFileSync(join(home, "go.sum"), "two");
    expect(cacheKey("tool", "1.0.0", home, ["-s"])).not.toBe(before);
    expect(before).toContain(`tool-1.0.0-`);
    expect(before).toContain(`-${process.platform}-${process.arch}`);
  });
});
