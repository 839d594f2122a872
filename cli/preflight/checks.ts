import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { EnvironmentError } from "../errors";

/** One thing that a preflight has looked at. */
export interface Check {
  readonly name: string;
  /** `unknown` where we are not allowed to see; what warns works, at a price. */
  readonly status: "ok" | "warns" | "fails" | "unknown";
  readonly detail: string;
}

/** Answer of a command with these options as JSON; rejects with what the command said. */
export type Ask = (command: string, options?: Readonly<Record<string, string>>) => Promise<unknown>;

const LONGEST_ANSWER_MS = 30_000;
const MOST_BYTES = 64 * 2 ** 20;
const run = promisify(execFile);

/** Asks by a program that has to be there. */
export function asker(program: string, missing: string, always: Readonly<Record<string, string>>): Ask {
  return async (command, options = {}) => {
    const given = Object.entries({ ...options, ...always }).flatMap(([name, value]) => [`--${name}`, value]);
    try {
      const limits = { timeout: LONGEST_ANSWER_MS, maxBuffer: MOST_BYTES };
      const { stdout } = await run(program, [...command.split(" "), ...given], limits);
      return parsed(stdout, `${program} ${command}`);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") throw new EnvironmentError(missing);
      throw new Error(said(error, `${program} ${command}`), { cause: error });
    }
  };
}

function parsed(answer: string, asked: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    throw new Error(`${asked} answered with something that is no JSON`);
  }
}

/** What a command said of its failure; one that was ended, or ended without a word, is told by what it was. */
function said(error: unknown, asked: string): string {
  if (!(error instanceof Error) || !("stderr" in error)) return error instanceof Error ? error.message : String(error);
  const words = String(error.stderr).trim();
  if (words !== "") return words;
  if ("killed" in error && error.killed === true) return `${asked} gave no answer in ${LONGEST_ANSWER_MS / 1000} s`;
  const code = "code" in error ? error.code : undefined;
  return typeof code === "number"
    ? `${asked} failed with exit code ${code}`
    : `${asked} could not be run (${String(code)})`;
}

/** What a check finds; where it cannot be made, why. */
export async function check(name: string, judge: () => Promise<Omit<Check, "name">>): Promise<Check> {
  try {
    return { name, ...(await judge()) };
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    const [last = ""] = (error instanceof Error ? error.message : String(error)).trim().split("\n").slice(-1);
    return { name, status: "unknown", detail: last };
  }
}

export function field(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, key) => (typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );
}

export function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function text(value: unknown, ...path: readonly string[]): string {
  const found = field(value, ...path);
  if (typeof found === "string") return found;
  throw new Error(`the answer has no ${path.join(".")}`);
}

export function number(value: unknown, ...path: readonly string[]): number {
  const found = field(value, ...path);
  if (typeof found === "number") return found;
  throw new Error(`the answer has no ${path.join(".")}`);
}

/** As `text`, but for what an answer may leave out. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === "string" ? found : undefined;
}
