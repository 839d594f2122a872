import { mkdir, rename } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { cached, cacheKey, cacheOnce } from "./cache";
import { duration, say, showProgress } from "./console";
import { Failure } from "./failure";
import { goEnvironment } from "./go";
import type { GoTool } from "./go-tools";
import { run } from "./processes";

const SHOWN_ERROR_LINES = 15;

/** The cached folder of executables of a tool, or undefined where it has to be built. */
export function builtFolder(tool: GoTool, goModules: string): string | undefined {
  return cached(keyOf(tool, goModules));
}

/** Builds a tool into the cache, unless another process has done so by the time that we may. */
export function buildTool(tool: GoTool, goModules: string, place: string): Promise<string> {
  return cacheOnce(
    keyOf(tool, goModules),
    (folder) => compile(tool, join(goModules, tool.module), folder, place),
    (holder) => say(`  ${place} ${tool.title}: another run (process ${holder}) is building it; waiting`),
  );
}

/** About how many minutes a first build takes on this machine. */
export function expectedMinutes(tools: readonly GoTool[]): number {
  const onTwoCores = tools.reduce((sum, tool) => sum + tool.minutesOnTwoCores, 0);
  return Math.max(1, Math.ceil((onTwoCores * 2) / Math.max(availableParallelism(), 1)));
}

function keyOf(tool: GoTool, goModules: string): string {
  const recipe = [tool.packages, tool.tags, tool.linkVariables];
  return cacheKey(tool.module, tool.version, join(goModules, tool.module), recipe);
}

async function compile(tool: GoTool, moduleFolder: string, folder: string, place: string): Promise<void> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let downloads = 0;
  let packages = 0;
  const title = `  ${place} ${tool.title} ${tool.version}`;
  const progress = showProgress(() => {
    const compiled = `${packages} of about ${tool.packagesCompiled} packages compiled`;
    const done = packages === 0 && downloads > 0 ? `${downloads} modules fetched` : compiled;
    return `${title}: ${done}, ${duration(seconds())} of about ${expectedMinutes([tool])} min`;
  });
  const output = join(folder, "bin");
  await mkdir(output);
  const errors: string[] = [];
  let outcome = "stopped after";
  try {
    const { code } = await run("go", buildArgs(tool, output), {
      cwd: moduleFolder,
      env: goEnvironment(),
      onLine: (line) => {
        if (line.startsWith("go: downloading")) downloads += 1;
        else if (/^[\w./-]+$/.test(line)) packages += 1;
        else errors.push(line);
      },
    });
    if (code !== 0) throw new Failure(buildFailure(tool, errors));
    await nameExecutables(tool, output);
    outcome = "built in";
  } finally {
    progress.stop(`${title}: ${outcome} ${duration(seconds())}`);
  }
}

function buildArgs(tool: GoTool, output: string): string[] {
  const variables = Object.entries(tool.linkVariables).map(([name, value]) => `-X ${name}=${value}`);
  const tags = tool.tags === undefined ? [] : ["-tags", tool.tags];
  // -v names each package as it is compiled, which is the only progress that Go reports.
  const flags = ["-v", ...tags, "-ldflags", ["-s -w", ...variables].join(" ")];
  return ["build", ...flags, "-o", `${output}/`, ...Object.keys(tool.packages)];
}

// Go names an executable after its package's folder, or the one above a version folder such as v3.
async function nameExecutables(tool: GoTool, output: string): Promise<void> {
  for (const [path, wanted] of Object.entries(tool.packages)) {
    const given = basename(path.replace(/\/v\d+$/, ""));
    if (given !== wanted) await rename(join(output, given), join(output, wanted));
  }
}

function buildFailure(tool: GoTool, errors: readonly string[]): string {
  const shown = errors.slice(-SHOWN_ERROR_LINES).map((line) => `  ${line}`);
  const why = ["The build could not be finished. What Go said last:", ...shown].join("\n");
  return `${tool.title} ${tool.version} could not be built from source.\n${why}\nIt needs a Go module proxy in reach (go env GOPROXY), about 6 GB of disk and 4 GB of memory.`;
}
