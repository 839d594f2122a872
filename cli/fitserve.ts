import { Command, CommanderError } from "commander";
import { version } from "../package.json";
import { benchCommand } from "./bench";
import { compareCommand } from "./compare";
import { CliError, EXIT, shownMessage } from "./errors";
import { ignoreClosedPipes, write } from "./output";
import { planCommand } from "./plan";
import { predictCommand } from "./predict";
import { preflightCommand } from "./preflight";
import { renderCommand } from "./render";
import { verifyCommand } from "./verify";

const ISSUES = "the project's issue tracker";

function program(): Command {
  const root = new Command("fitserve")
    .description("Turns a model and a number of concurrent users into machines, cost, and a running endpoint.")
    .version(version)
    .addHelpText(
      "after",
      "\nStart with:\n  fitserve plan            the first use: Qwen3-32B, 50 concurrent requests, INT4, TP=2",
    );
  for (const command of [
    planCommand(),
    compareCommand(),
    predictCommand(),
    renderCommand(),
    benchCommand(),
    verifyCommand(),
    preflightCommand(),
  ])
    root.addCommand(command);
  for (const command of [root, ...root.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .showSuggestionAfterError(true);
  }
  return root;
}

async function main(): Promise<void> {
  ignoreClosedPipes(process.stdout, process.stderr);
  process.once("SIGINT", () => process.exit(EXIT.interrupted));
  try {
    await program().parseAsync();
  } catch (error) {
    const { message, exitCode } = outcome(error);
    if (message !== "") await write(process.stderr, `${shownMessage(message)}\n`);
    process.exitCode = exitCode;
  }
}

function outcome(error: unknown): { readonly message: string; readonly exitCode: number } {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof CommanderError) {
    // Help and version have been printed; everything else is a wrong command line.
    if (error.exitCode === 0) return { message: "", exitCode: EXIT.done };
    const message = error.message.replace(/^error: /, "").replace("(outputHelp)", "");
    return {
      message: `${message === "" ? "no command given" : message}\nfitserve --help lists the commands`,
      exitCode: EXIT.invalidInput,
    };
  }
  const text = error instanceof Error ? error.message : String(error);
  const detail = process.env["FITSERVE_DEBUG"] !== undefined && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  const hint = detail === "" ? " (FITSERVE_DEBUG=1 shows where)" : "";
  return { message: `fitserve has a bug: ${text}. Please report it to ${ISSUES}${hint}${detail}`, exitCode: EXIT.bug };
}

void main();
