import { EXIT, Failure } from "../engine/failure";

export const COMMANDS = ["up", "preview", "down", "prepare"] as const;
export type LocalCommand = (typeof COMMANDS)[number];

export interface LocalOptions {
  readonly command: LocalCommand;
  /** `path=value` each: fields of `fitserve:serving` for this run alone. */
  readonly settings: readonly string[];
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
  const settings: string[] = [];
  for (let index = 0; index < rest.length; index += 1) {
    const arg = rest[index] ?? "";
    if (arg === "--set") settings.push(rest[(index += 1)] ?? "");
    else if (arg.startsWith("--set=")) settings.push(arg.slice("--set=".length));
    else throw invalid(`unknown option "${arg}"`);
  }
  if ((known === "down" || known === "prepare") && settings.length > 0) throw invalid(`${known} takes no --set`);
  return { command: known, settings };
}

function invalid(what: string): Failure {
  return new Failure(`${what}\n\n${USAGE}`, EXIT.invalidInput);
}
