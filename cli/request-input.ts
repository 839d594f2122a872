import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FIRST_USE } from "../config/request/schema";
import { parseRequestText } from "../config/request/text";
import { FileTooLargeError, readStreamUpTo, readUpTo } from "./bounded-file";
import { InvalidInputError } from "./errors";
import { optionFault, whyUnreadable } from "./option-faults";

export interface RequestOptions {
  /** File with the request; `-` is standard input. */
  readonly request?: string;
  /** Stack whose configuration holds the request. */
  readonly stack?: string;
  /** `path=value` each; laid over the request. */
  readonly set: readonly string[];
  /** Short for `--set optimize=`, and stronger than it. */
  readonly optimize?: string;
}

const CONFIG_KEY = "fitserve:serving";
const DEFAULT_STACK = "local";
const LARGEST_REQUEST_BYTES = 1_000_000;

/** The request as somebody wrote it: a file, standard input, a stack's configuration, or the built-in first use. */
export async function readRequest(options: RequestOptions, cwd: string, stdin: NodeJS.ReadStream): Promise<unknown> {
  if (options.request !== undefined && options.stack !== undefined) {
    throw new InvalidInputError("--request and --stack: give one of them; wanted one place to read the request from");
  }
  const base =
    options.request === undefined
      ? stackRequest(options.stack, cwd)
      : servingOf(parsed(await textOf(options.request, cwd, stdin), options.request));
  const settings = options.optimize === undefined ? options.set : [...options.set, `optimize=${options.optimize}`];
  return settings.reduce<unknown>(withSetting, base);
}

async function textOf(file: string, cwd: string, stdin: NodeJS.ReadStream): Promise<string> {
  if (file !== "-") return readTextFile(resolve(cwd, file), "--request", file);
  try {
    return (await readStreamUpTo(stdin, LARGEST_REQUEST_BYTES)).toString("utf8");
  } catch (error) {
    throw error instanceof FileTooLargeError ? new InvalidInputError(tooLarge("--request", file)) : error;
  }
}

/** Text of a file that the user named with `flag`; what is wrong with it is said with the name as it was given. */
export function readTextFile(path: string, flag: string, given = path): string {
  try {
    return readUpTo(path, LARGEST_REQUEST_BYTES).toString("utf8");
  } catch (error) {
    if (error instanceof FileTooLargeError) throw new InvalidInputError(tooLarge(flag, given));
    throw new InvalidInputError(`${flag} ${given}: ${whyUnreadable(error)}; wanted a YAML or JSON file`);
  }
}

function tooLarge(flag: string, given: string): string {
  return `${flag} ${given}: more than 1 MB is no request`;
}

function parsed(text: string, from: string): unknown {
  const result = parseRequestText(text);
  if (result.ok) return result.value;
  throw new InvalidInputError(result.faults.map((fault) => `${from}: ${fault.message}`).join("\n"));
}

/** A whole stack file or just the serving object: both are taken. */
function servingOf(value: unknown): unknown {
  if (!isObject(value)) return value;
  const config = value["config"];
  if (isObject(config) && CONFIG_KEY in config) return config[CONFIG_KEY];
  return CONFIG_KEY in value ? value[CONFIG_KEY] : value;
}

function stackRequest(stack: string | undefined, cwd: string): unknown {
  const name = stack ?? DEFAULT_STACK;
  if (!/^[\w.-]+$/.test(name))
    throw new InvalidInputError(optionFault("--stack", name, "the name of a stack, such as local"));
  const folder = projectFolder(cwd);
  const file = folder === undefined ? undefined : join(folder, `Pulumi.${name}.yaml`);
  if (file !== undefined && existsSync(file)) {
    const value = parsed(readTextFile(file, "--stack", name), `Pulumi.${name}.yaml`);
    const config = isObject(value) ? value["config"] : undefined;
    if (isObject(config) && CONFIG_KEY in config) return config[CONFIG_KEY];
    if (stack !== undefined)
      throw new InvalidInputError(
        `--stack ${name}: Pulumi.${name}.yaml has no ${CONFIG_KEY}; wanted a serving request there`,
      );
  }
  if (stack !== undefined)
    throw new InvalidInputError(
      `--stack ${name}: no Pulumi.${name}.yaml here or above; wanted a stack of this project`,
    );
  return FIRST_USE;
}

/** The nearest folder up that holds a Pulumi project. */
export function projectFolder(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

/** Lays `path=value` over a request; the value is YAML, so numbers, lists and objects can be given. */
export function withSetting(base: unknown, setting: string): unknown {
  const equals = setting.indexOf("=");
  const path = setting.slice(0, equals).trim();
  if (equals < 1 || path === "") {
    throw new InvalidInputError(optionFault("--set", setting, "path=value, such as workload.concurrency=100"));
  }
  const steps = path.split(".");
  if (steps.some((step) => step === "" || RESERVED.has(step))) {
    throw new InvalidInputError(`--set ${path.slice(0, 60)}: wanted a path such as workload.concurrency`);
  }
  return laidOver(base, steps, parsed(setting.slice(equals + 1), `--set ${path}`));
}

function laidOver(base: unknown, [step = "", ...rest]: readonly string[], value: unknown): unknown {
  const object = isObject(base) ? base : {};
  return { ...object, [step]: rest.length === 0 ? value : laidOver(object[step], rest, value) };
}
