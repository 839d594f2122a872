import { resolve } from "node:path";
import { placesOf } from "./cluster/places";
import { say } from "./engine/console";
import { CliError, EXIT, shownMessage } from "../cli/errors";
import { forwardInterrupts } from "./engine/processes";
import { down } from "./local/down";
import { parseOptions, USAGE } from "./local/options";
import { prepare, up } from "./local/up";

// Bundled into dist/tools, two folders below the clone.
const CLONE = resolve(__dirname, "..", "..");

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") {
    say(USAGE);
    return;
  }
  const places = placesOf(CLONE);
  switch (options.command) {
    case "down":
      return down(places);
    case "prepare":
      return prepare(places, options);
    case "up":
    case "preview":
      return up(places, options);
  }
}

forwardInterrupts();
// A reader that goes away (`npm run up | head`) ends the output, not the deployment.
process.stdout.on("error", () => {});
main().catch((error: unknown) => {
  if (error instanceof CliError) {
    process.stderr.write(`\n${shownMessage(error.message)}\n`);
    process.exitCode = error.exitCode;
    return;
  }
  // Anything else is a bug of ours, where the stack helps whoever reports it.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`\nThis is a bug in fitserve:\n${text}\n`);
  process.exitCode = EXIT.bug;
});
