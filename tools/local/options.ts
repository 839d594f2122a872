import { parse } from "yaml";
import { EXIT, Failure } from "../engine/failure";

export const COMMANDS = ["up", "preview", "down", "prepare"] as const;
export type LocalCommand = (typeof COMMANDS)[number];

/** One `--set path=value`: a field of `fitserve:serving` for this run alone. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

export interface LocalOptions {
  readonly command: LocalCommand;
  readonly overrides: readonly Override[];
}

export const USAGE = `Usage: npm run up      [-- --set path=value]…   plan, preview and deploy on the local target
       npm run preview [-- --set path=value]…   show what would change
       npm run down                             remove everything that up made
       node dist/tools/local.js prepare         only build the tools into the cache

--set changes a field of fitserve:serving for this run alone, such as --set quantization=fp8
or --set workload.concurrency=100. Lasting changes belong into Pulumi.local.yaml.`;

/** Reads the command line; every fault of it ends the run with exit code 2. */
export function parseOptions(args: readonly string[]): LocalOptions | "help" {
  if (args.some((arg) => arg === "--help" || arg === "-h")) return "help";
  const [command, ...rest] = args;
  const known = COMMANDS.find((one) => one === command);
  if (known === undefined) throw invalid(command === undefined ? "no command given" : `unknown command "${command}"`);
  const overrides: Override[] = [];
  for (let index = 0; index < rest.length; index += 1) {
    const arg = rest[index] ?? "";
    if (arg === "--set") overrides.push(parseOverride(rest[(index += 1)] ?? ""));
    else if (arg.startsWith("--set=")) overrides.push(parseOverride(arg.slice("--set=".length)));
    else throw invalid(`unknown option "${arg}"`);
  }
  if ((known === "down" || known === "prepare") && overrides.length > 0) throw invalid(`${known} takes no --set`);
  return { command: known, overrides };
}

function parseOverride(text: string): Override {
  const equals = text.indexOf("=");
  const path = text.slice(0, Math.max(equals, 0)).split(".");
  if (equals < 1 || path.some((key) => key === "" || key === "__proto__")) {
    throw invalid(`--set wants path=value, such as quantization=fp8, and got "${text}"`);
  }
  try {
    return { path, value: parse(text.slice(equals + 1)) };
  } catch {
    throw invalid(`--set ${path.join(".")}: the value is not YAML: "${text.slice(equals + 1)}"`);
  }
}

function invalid(what: string): Failure {
  return new Failure(`${what}\n\n${USAGE}`, EXIT.invalid);
}
