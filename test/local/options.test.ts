import { describe, expect, it } from "vitest";
import { Failure } from "../../tools/engine/failure";
import { parseOptions } from "../../tools/local/options";

describe("the command line of the local target", () => {
  it("reads a command alone", () => {
    expect(parseOptions(["up"])).toEqual({ command: "up", overrides: [] });
  });

  it("reads --set in both forms, values as YAML", () => {
    const args = ["preview", "--set", "quantization=fp8", "--set=workload.concurrency=80"];
    expect(parseOptions(args)).toEqual({
      command: "preview",
      overrides: [
        { path: ["quantization"], value: "fp8" },
        { path: ["workload", "concurrency"], value: 80 },
      ],
    });
  });

  it("shows its usage when asked", () => {
    expect(parseOptions(["up", "--help"])).toBe("help");
  });

  it.each([
    [[], "no command given"],
    [["deploy"], 'unknown command "deploy"'],
    [["up", "--fast"], 'unknown option "--fast"'],
    [["up", "--set"], '--set wants path=value, such as quantization=fp8, and got ""'],
    [["up", "--set", "quantization"], 'and got "quantization"'],
    [["up", "--set", "=fp8"], 'and got "=fp8"'],
    [["up", "--set", "a..b=1"], 'and got "a..b=1"'],
    [["up", "--set", "__proto__.x=1"], 'and got "__proto__.x=1"'],
    [["up", "--set", "a=[1"], "--set a: the value is not YAML"],
    [["down", "--set", "a=1"], "down takes no --set"],
  ])("refuses %j as invalid input", (args, message) => {
    const parsing = () => parseOptions(args);
    expect(parsing).toThrow(message);
    expect(parsing).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(parsing).toThrow(Failure);
  });
});
