import { describe, expect, it } from "vitest";
import { CliError } from "../../cli/errors";
import { parseOptions } from "../../tools/local/options";

describe("the command line of the local target", () => {
  it("reads a command alone", () => {
    expect(parseOptions(["up"])).toEqual({ command: "up", settings: [], serve: false });
  });

  it("reads --set in both forms", () => {
    const args = ["preview", "--set", "quantization=fp8", "--set=workload.concurrency=80"];
    expect(parseOptions(args)).toEqual({
      command: "preview",
      settings: ["quantization=fp8", "workload.concurrency=80"],
      serve: false,
    });
  });

  it("reads --serve and its port", () => {
    expect(parseOptions(["up", "--serve"])).toEqual({ command: "up", settings: [], serve: true });
    expect(parseOptions(["up", "--port=8080", "--serve"])).toMatchObject({ serve: true, port: 8080 });
    expect(parseOptions(["prepare", "--serve"])).toMatchObject({ command: "prepare", serve: true });
  });

  it("shows its usage when asked", () => {
    expect(parseOptions(["up", "--help"])).toBe("help");
  });

  it.each([
    [[], "no command given"],
    [["deploy"], 'unknown command "deploy"'],
    [["up", "--fast"], 'unknown option "--fast"'],
    [["down", "--set", "a=1"], "down takes no --set"],
    [["preview", "--serve"], "preview takes no --serve"],
    [["up", "--port", "8080"], "--port belongs to up --serve"],
    [["up", "--serve", "--port", "0"], '--port is "0"; wanted a number from 1 to 65535'],
    [["up", "--serve", "--port", "http"], '--port is "http"'],
    [["up", "--serve=yes"], 'unknown option "--serve=yes"'],
  ])("refuses %j as invalid input", (args, message) => {
    const parsing = () => parseOptions(args);
    expect(parsing).toThrow(message);
    expect(parsing).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(parsing).toThrow(CliError);
  });
});
