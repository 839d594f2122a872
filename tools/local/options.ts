import { EXIT, Failure } from "../engine/failure";

const COMMANDS = ["up", "preview", "down", "prepare"] as const;
export type LocalCommand = (typeof COMMANDS)[number];

export interface LocalOptions {
  readonly command: LocalCommand;
  /** `path=value` each: fields of `fitserve:serving` for this run alone. */
  readonly settings: readonly string[];
  /** `up`: a gateway with simulated engines answers requests; `prepare`: its tools are built too. */
  readonly serve: boolean;
  /** The gateway's port; a free one where none is given. */
  readonly port?: number;
}

export const USAGE = `Usage: npm run up      [-- [--set path=value]… [--serve [--port N]]]   plan, preview and deploy on the local target
       npm run preview [-- [--set path=value]…]                        show what would change
       npm run down                                                    remove everything that up made
       node dist/tools/local.js prepare [--serve]                      only build the tools into the cache

--set changes a field of fitserve:serving for this run alone, such as --set quantization=fp8
or --set workload.concurrency=100. Lasting changes belong into Pulumi.local.yaml.
--serve also starts the real gateway on 127.0.0.1, with a simulated engine for each planned replica.`;

const HIGHEST_PORT = 65_535;

/** Reads the command line; every fault of it ends the run with exit code 2. */
export function parseOptions(args: readonly string[]): LocalOptions | "help" {
  if (args.some((arg) => arg === "--help" || arg === "-h")) return "help";
  const [command, ...rest] = args;
  const known = COMMANDS.find((one) => one === command);
  if (known === undefined) throw invalid(command === undefined ? "no command given" : `unknown command "${command}"`);
  const read = readFlags(rest);
  const takesSettings = known === "up" || known === "preview";
  if (!takesSettings && read.settings.length > 0) throw invalid(`${known} takes no --set`);
  if (read.serve && known !== "up" && known !== "prepare") throw invalid(`${known} takes no --serve`);
  if (read.port !== undefined && !(known === "up" && read.serve)) throw invalid("--port belongs to up --serve");
  return { command: known, ...read };
}

function readFlags(args: readonly string[]): Omit<LocalOptions, "command"> {
  const settings: string[] = [];
  let serve = false;
  let port: number | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const [flag, attached] = splitFlag(args[index] ?? "");
    const value = () => attached ?? args[(index += 1)] ?? "";
    if (flag === "--set") settings.push(value());
    else if (flag === "--port") port = portNumber(value());
    else if (flag === "--serve" && attached === undefined) serve = true;
    else throw invalid(`unknown option "${args[index]}"`);
  }
  return { settings, serve, ...(port === undefined ? {} : { port }) };
}

function splitFlag(arg: string): [string, string | undefined] {
  const equals = arg.indexOf("=");
  return equals === -1 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)];
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > HIGHEST_PORT) throw invalid(`--port is "${text}"; wanted a number from 1 to ${HIGHEST_PORT}`);
  return port;
}

function invalid(what: string): Failure {
  return new Failure(`${what}\n\n${USAGE}`, EXIT.invalidInput);
}
