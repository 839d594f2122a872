import { printable } from "../config/printable";

/** What the exit code of the command says; scripts and CI rely on these. */
export const EXIT = {
  done: 0,
  bug: 1,
  invalidInput: 2,
  infeasible: 3,
  refused: 4,
  environment: 5,
  interrupted: 130,
} as const;

/** More lines than anybody reads; what is wrong further down is seen on the next run. */
const MOST_LINES = 50;
const LONGEST_LINE = 2000;

/** A message that may repeat what somebody else wrote, as it is shown: without control characters, and not endless. */
export function shownMessage(message: string): string {
  const lines = message.split("\n").map((line) => printable(line));
  const shown = lines
    .slice(0, MOST_LINES)
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more.toLocaleString("en-US")} more lines`] : [])].join("\n");
}

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An expected failure: shown as its message alone, without a stack. Any other error is a bug of fitserve. */
export class CliError extends Error {
  override readonly name: string = "CliError";

  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
  }
}

/** The user's input is wrong; the message says where, what was given and what is wanted. */
export class InvalidInputError extends CliError {
  override readonly name = "InvalidInputError";

  constructor(message: string) {
    super(message, EXIT.invalidInput);
  }
}

/** The machine lacks something, or does not answer. */
export class EnvironmentError extends CliError {
  override readonly name = "EnvironmentError";

  constructor(message: string) {
    super(message, EXIT.environment);
  }
}
