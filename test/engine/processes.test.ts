import { describe, expect, it } from "vitest";
import { isAlive, run } from "../../tools/engine/processes";
import { deadProcessId } from "../support/dead-process";

const node = (script: string, input?: string) =>
  run(process.execPath, ["--eval", script], input === undefined ? {} : { input });

describe("run", () => {
  it("returns what a program printed on each stream, and its exit code", async () => {
    const result = await node("console.log('one'); console.log('two'); console.error('bad'); process.exitCode = 3");
    expect(result).toEqual({ code: 3, stdout: "one\ntwo", stderr: "bad" });
  });

  it("gives the program its input by standard input, and then its end", async () => {
    const result = await node("process.stdin.pipe(process.stdout)", "a secret");
    expect(result).toEqual({ code: 0, stdout: "a secret", stderr: "" });
  });

  it("is not troubled by a program that does not read its input", async () => {
    expect(await node("process.exit(0)", "x".repeat(1_000_000))).toMatchObject({ code: 0 });
  });

  it("says that a program is missing, as a fault of the machine", async () => {
    await expect(run("/nowhere/pulumi", [])).rejects.toMatchObject({
      exitCode: 5,
      message: "/nowhere/pulumi cannot be started: ENOENT.",
    });
  });
});

describe("isAlive", () => {
  it("is true of this process", () => {
    expect(isAlive(process.pid)).toBe(true);
  });

  it("is false of a process that has ended", () => {
    expect(isAlive(deadProcessId())).toBe(false);
  });

  it("is false of a process of another name, which got the number after an end", () => {
    expect(isAlive(process.pid, "surely-not-this-name")).toBe(false);
  });

  it.each([0, -1, Number.NaN, 1.5])("is false of %d, which is no process", (pid) => {
    expect(isAlive(pid)).toBe(false);
  });
});
