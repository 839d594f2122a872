import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { CliError } from "../../../cli/errors";
import { prepareServingTools } from "../../../tools/serve/serving-tools";
import { TOOLS_VARIABLE } from "./support/tools";

// Runs the tests of this folder in a network of their own: `npx tsx test/e2e/serving/run.ts [vitest's arguments]`.
const REPOSITORY = resolve(__dirname, "..", "..", "..");

async function main(): Promise<void> {
  const tools = await prepareServingTools(resolve(REPOSITORY, "tools", "go"));
  const vitest = [resolve(REPOSITORY, "node_modules", "vitest", "vitest.mjs"), "run"];
  const own = ["--config", "vitest.serving.config.ts", ...process.argv.slice(2)];
  const child = spawn(tools.enclosure, ["--", process.execPath, ...vitest, ...own], {
    cwd: REPOSITORY,
    stdio: "inherit",
    env: { ...process.env, [TOOLS_VARIABLE]: JSON.stringify(tools) },
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.once("exit", (code) => process.exit(code ?? 1));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof CliError ? error.exitCode : 1);
});
