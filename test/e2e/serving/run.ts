import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CliError } from "../../../cli/errors";
import { buildTool } from "../../../tools/engine/build";
import { RATE_LIMIT } from "../../../tools/engine/go-tools";
import { prepareServingTools } from "../../../tools/serve/serving-tools";
import { PROXY_CERTIFICATES, RATE_LIMIT_HOST } from "./support/rate-limit";
import { TOOLS_VARIABLE } from "./support/tools";

// Runs the tests of this folder in a network of their own: `npx tsx test/e2e/serving/run.ts [vitest's arguments]`.
const REPOSITORY = resolve(__dirname, "..", "..", "..");

async function main(): Promise<void> {
  const goModules = resolve(REPOSITORY, "tools", "go");
  const tools = await prepareServingTools(goModules);
  const rateLimitBin = join(await buildTool(RATE_LIMIT, goModules, ""), "bin");
  const home = mkdtempSync(join(tmpdir(), "fitserve-home-"));
  const hosts = join(home, "hosts");
  writeFileSync(hosts, `127.0.0.1 localhost ${RATE_LIMIT_HOST}\n`);
  const vitest = [resolve(REPOSITORY, "node_modules", "vitest", "vitest.mjs"), "run"];
  const own = ["--config", "vitest.serving.config.mts", ...process.argv.slice(2)];
  const certificates = join(home, ".config", "envoy-gateway", "certs", "envoy");
  mkdirSync(certificates, { recursive: true });
  const binds = [`${hosts}:/etc/hosts`, `${certificates}:${PROXY_CERTIFICATES}`];
  const child = spawn(
    tools.enclosure,
    ["-home", home, "-bind", binds.join(","), "--", process.execPath, ...vitest, ...own],
    {
      cwd: REPOSITORY,
      stdio: "inherit",
      env: { ...process.env, [TOOLS_VARIABLE]: JSON.stringify({ ...tools, rateLimitBin, home }) },
    },
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.once("exit", (code) => {
    rmSync(home, { recursive: true, force: true });
    process.exit(code ?? 1);
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof CliError ? error.exitCode : 1);
});
