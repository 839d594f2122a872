/** Exit codes of the local target; the same family as the `fitserve` command's. */
export const EXIT = {
  done: 0,
  bug: 1,
  invalid: 2,
  infeasible: 3,
  refused: 4,
  environment: 5,
  interrupted: 130,
} as const;

/** An end of the run that the user can understand: shown as its message alone, with its exit code. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.environment) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

/** The user pressed Ctrl-C, or the process was asked to end. */
export class Interrupted extends Failure {
  constructor() {
    super("Interrupted.", EXIT.interrupted);
    this.name = "Interrupted";
  }
}

/** The code of a system error, such as `ENOENT`; undefined for any other value. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
