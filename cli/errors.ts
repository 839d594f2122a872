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
