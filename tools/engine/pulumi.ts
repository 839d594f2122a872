import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { chmod, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { isAtLeast } from "./go";
import { PULUMI_VERSION } from "./go-tools";

/** The oldest CLI that the pinned SDK is tried with. */
const PULUMI_MINIMUM = "3.248.0";

/** A plugin of Pulumi that the stack needs, and our program that stands in for it. */
interface Plugin {
  readonly executable: string;
  readonly kind: "language" | "resource";
  readonly name: string;
  /** The version that the SDK asks for. */
  readonly version: string;
  readonly standIn: string;
}

export const PLUGINS: readonly Plugin[] = [
  {
    executable: "pulumi-language-nodejs",
    kind: "language",
    name: "nodejs",
    version: PULUMI_VERSION,
    standIn: "pulumi-language-nodejs.js",
  },
  {
    executable: "pulumi-resource-kubernetes",
    kind: "resource",
    name: "kubernetes",
    version: "4.34.2",
    standIn: "pulumi-resource-kubernetes.js",
  },
];

/** Where a plugin comes from: an official one that the machine has, or ours. */
export interface PluginChoice {
  readonly plugin: Plugin;
  readonly official: string | undefined;
}

/** The `pulumi` of this machine, where it is new enough for the SDK. */
export function officialPulumi(path = process.env["PATH"] ?? ""): string | undefined {
  const found = findOnPath("pulumi", path);
  if (found === undefined) return undefined;
  try {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const version = execFileSync(found, ["version"], { encoding: "utf8", cwd: tmpdir(), env, timeout: 20_000 });
    return version.trim().startsWith("v3.") && isAtLeast(version, PULUMI_MINIMUM) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Looks for each official plugin on PATH, beside the CLI and among the user's installed ones, in that order. */
export async function choosePlugins(cli: string, env: NodeJS.ProcessEnv = process.env): Promise<PluginChoice[]> {
  const installed = join(env["PULUMI_HOME"] ?? join(homedir(), ".pulumi"), "plugins");
  return Promise.all(
    PLUGINS.map(async (plugin) => ({
      plugin,
      official:
        findOnPath(plugin.executable, env["PATH"] ?? "") ??
        findOnPath(plugin.executable, dirname(realpathSync(cli))) ??
        (await findInstalled(plugin, installed)),
    })),
  );
}

/** Fills the plugin folder of our own PULUMI_HOME, so that the CLI finds each plugin installed and need not download. */
export async function installPlugins(choices: readonly PluginChoice[], home: string, standIns: string): Promise<void> {
  const plugins = join(home, "plugins");
  await rm(plugins, { recursive: true, force: true });
  await mkdir(plugins, { recursive: true });
  for (const { plugin, official } of choices) {
    const folder = join(plugins, `${plugin.kind}-${plugin.name}-v${plugin.version}`);
    const executable = join(folder, plugin.executable);
    await mkdir(folder);
    if (official === undefined) await writeLauncher(executable, join(standIns, plugin.standIn));
    else await symlink(official, executable);
  }
}

// The Node that runs this has the packages that the program was installed with; the one on PATH may be another.
async function writeLauncher(executable: string, script: string): Promise<void> {
  const quoted = [process.execPath, script].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  await writeFile(executable, `#!/bin/sh\nexec ${quoted} "$@"\n`);
  await chmod(executable, 0o755);
}

function findOnPath(executable: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, executable))
    .find((candidate) => existsSync(candidate));
}

async function findInstalled(plugin: Plugin, folder: string): Promise<string | undefined> {
  const prefix = `${plugin.kind}-${plugin.name}-v`;
  const names = await readdir(folder).catch(() => [] as string[]);
  // A provider of another version may have another schema than the SDK's.
  const wanted = names.filter((name) =>
    plugin.kind === "resource" ? name === `${prefix}${plugin.version}` : name.startsWith(prefix),
  );
  const candidates = wanted.toSorted().map((name) => join(folder, name, plugin.executable));
  return candidates.findLast((candidate) => existsSync(candidate));
}
