import type { z } from "zod";
import { nearestName } from "../names";
import { printable } from "../printable";
import { ENUMERATIONS, WANTED } from "./schema";

/** One thing that is wrong with a request, in words for the person who wrote it. */
export interface Fault {
  /** Dotted path of the field; empty for the request as a whole. */
  readonly path: string;
  readonly given: string;
  readonly wanted: string;
  readonly message: string;
}

/** A fault whose message names path, value given and value wanted. */
export function fault(path: string, given: unknown, wanted: string): Fault {
  const shown = shownValue(given);
  const at = shownPath(path);
  return { path: at, given: shown, wanted, message: `${at === "" ? "request" : at}: got ${shown}; wanted ${wanted}` };
}

const LONGEST_PATH = 120;

/** A path whose keys somebody may have made up. */
export function shownPath(path: string): string {
  const line = printable(path);
  return line.length > LONGEST_PATH ? `${line.slice(0, LONGEST_PATH - 3)}...` : line;
}

/** Faults that read differently; a number that is no integer and too large besides is one. */
export function distinct(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((one) => [one.message, one])).values()];
}

/** A value as somebody would have typed it, cut to one short line. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "an empty value";
  if (typeof value === "number") return shownNumber(value);
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : shownList(value);
  if (typeof value === "object") return cut(`an object ${asJson(value)}`);
  return typeof value === "boolean" ? String(value) : `a ${typeof value}`;
}

/** YAML can write `.nan` and `.inf`. */
function shownNumber(value: number): string {
  if (Number.isNaN(value)) return "no number";
  return Number.isFinite(value) ? String(value) : "an endless number";
}

/** A list that does not fit the line is told by its length too. */
function shownList(list: readonly unknown[]): string {
  const whole = `a list ${asJson(list)}`;
  return cut(whole) === whole ? whole : cut(`a list of ${list.length} ${asJson(list)}`);
}

function asJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    // A value that holds itself: only a program can have made it.
    return "";
  }
}

function cut(text: string): string {
  const line = printable(text);
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** Every issue that zod found, in our words. */
export function faultsOf(error: z.ZodError, input: unknown): Fault[] {
  const faults = error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(issue.path, key));
    return [wrongValue(issue.path, valueAt(input, issue.path))];
  });
  return distinct(faults);
}

/** Path of a field as somebody would write it: workload.concurrency, scenarios[0].name. */
export function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === "number" ? `${text}[${step}]` : text === "" ? String(step) : `${text}.${String(step)}`,
    "",
  );
}

const fieldOf = (path: string): string => path.replaceAll(/\[\d+\]/g, "[]");

function wrongValue(path: readonly PropertyKey[], given: unknown): Fault {
  const name = dotted(path);
  const wanted = WANTED[fieldOf(name)] ?? "another value";
  const nearest = typeof given === "string" ? nearestName(given, ENUMERATIONS[fieldOf(name)] ?? []) : undefined;
  return fault(name, given, nearest === undefined ? wanted : `${wanted} (did you mean ${nearest}?)`);
}

function unknownKey(path: readonly PropertyKey[], key: string): Fault {
  const parent = dotted(path);
  const prefix = parent === "" ? "" : `${parent}.`;
  const listed = fieldOf(prefix);
  const siblings = Object.keys(WANTED)
    .filter((known) => known !== "" && known.startsWith(listed) && !/[.[]/.test(known.slice(listed.length)))
    .map((known) => known.slice(listed.length));
  const elsewhere = Object.keys(WANTED).find((known) => known === key || known.endsWith(`.${key}`));
  const nearest = nearestName(key, siblings);
  const hint =
    elsewhere !== undefined
      ? `it belongs at ${elsewhere}`
      : nearest === undefined
        ? ""
        : `did you mean ${prefix}${nearest}?`;
  const wanted = `one of the keys ${siblings.join(", ")}${hint === "" ? "" : ` (${hint})`}`;
  const shown = cut(`${prefix}${key}`);
  return { path: shown, given: "an unknown key", wanted, message: `${shown}: unknown key; wanted ${wanted}` };
}

/** What an input has at a path; undefined where there is nothing. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => fieldOfValue(value, step), input);
}

/** Own field of an object or list; undefined where there is none. */
export function fieldOfValue(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  const field: unknown = Reflect.get(value, key);
  return field;
}
