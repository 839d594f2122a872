import { describe, expect, it } from "vitest";
import { CliError } from "../../cli/errors";
import { parseOptions } from "../../tools/local/options";

describe("the command line of the local target", () => {
  it("reads a command alone", () => {
    expect(parseOptions(["up"])).toEqual({ command: "up", settings: [] });
  });

  it("reads --set in both forms", () => {
    const args = ["preview", "--set", "quantization=fp8", "--set=workload.concurrency=80"];
    expect(parseOptions(args)).toEqual({
      command: "preview",
      settings: ["quantization=fp8", "workload.concurrency=80"],
    });
  });

  it("shows its usage when asked", () => {
    expect(parseOptions(["up", "--help"])).toBe("help");
  });

  it.each([
    [[], "no command given"],
    [["deploy"], 'unknown command "deploy"'],
    [["up", "--fast"], 'unknown option "--fast"'],
    [["down", "--set", "a=1"], "down takes no --set"],
  ])("refuses %j as invalid input", (args, message) => {
    const parsing = () => parseOptions(args);
    expect(parsing).toThrow(message);
    expect(parsing).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(parsing).toThrow(CliError);
  });
});
