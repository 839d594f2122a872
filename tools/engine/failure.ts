import { CliError, EXIT, type ExitCode } from "../../cli/errors";

export { EXIT } from "../../cli/errors";

/** An end of the run that the user can understand; by default the machine's fault, exit code 5. */
export class Failure extends CliError {
  override readonly name: string = "Failure";

  constructor(message: string, exitCode: ExitCode = EXIT.environment) {
    super(message, exitCode);
  }
}

/** The user pressed Ctrl-C, or the process was asked to end. */
export class Interrupted extends Failure {
  override readonly name = "Interrupted";

  constructor() {
    super("Interrupted.", EXIT.interrupted);
  }
}

/** The code of a system error, such as `ENOENT`; undefined for any other value. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
