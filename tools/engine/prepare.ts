import { availableParallelism } from "node:os";
import { join } from "node:path";
import { buildTool, builtFolder, expectedMinutes } from "./build";
import { cacheFolder } from "./cache";
import { say } from "./console";
import { requireGo } from "./go";
import { type GoTool, KUBERNETES, KWOK, PULUMI_CLI } from "./go-tools";
import { choosePlugins, installPlugins, officialPulumi } from "./pulumi";

/** The executables that the local target runs. */
export interface Engine {
  readonly pulumi: string;
  /** PULUMI_HOME of this clone, with the plugins in it. */
  readonly pulumiHome: string;
  readonly clusterTools: ClusterTools;
  /** What is ours in place of an official plugin, to be said in the summary. */
  readonly standIns: readonly string[];
}

export interface ClusterTools {
  readonly kubernetesBin: string;
  readonly kwokBin: string;
}

export interface EnginePlaces {
  /** The folder of the pinned Go modules. */
  readonly goModules: string;
  /** The folder of our bundled plugins. */
  readonly bundledPlugins: string;
  readonly pulumiHome: string;
}

/** Finds or builds everything that the local target needs; says what it does and for how long. */
export async function prepareEngine(places: EnginePlaces): Promise<Engine> {
  await buildTools(places.goModules);
  const engine = await findEngine(places);
  if (engine === undefined) throw new Error(`a tool that was just built is no longer in ${cacheFolder()}`);
  return engine;
}

/** The engine where all of it is on this machine already: nothing is built. */
export async function findEngine(places: EnginePlaces): Promise<Engine | undefined> {
  const clusterTools = builtClusterTools(places.goModules);
  const pulumi = officialPulumi() ?? executable(PULUMI_CLI, places.goModules, "pulumi");
  if (clusterTools === undefined || pulumi === undefined) return undefined;
  const choices = await choosePlugins(pulumi);
  await installPlugins(choices, places.pulumiHome, places.bundledPlugins);
  return {
    pulumi,
    pulumiHome: places.pulumiHome,
    clusterTools,
    standIns: choices.filter((choice) => choice.official === undefined).map((choice) => choice.plugin.executable),
  };
}

/** The local cluster's tools where they are built already. */
export function builtClusterTools(goModules: string): ClusterTools | undefined {
  const kubernetes = builtFolder(KUBERNETES, goModules);
  const kwok = builtFolder(KWOK, goModules);
  if (kubernetes === undefined || kwok === undefined) return undefined;
  return { kubernetesBin: join(kubernetes, "bin"), kwokBin: join(kwok, "bin") };
}

function executable(tool: GoTool, goModules: string, name: string): string | undefined {
  const folder = builtFolder(tool, goModules);
  return folder === undefined ? undefined : join(folder, "bin", name);
}

/** Builds the tools of the cluster and its stack that neither this machine nor the cache has. */
export async function buildTools(goModules: string): Promise<void> {
  const tools = officialPulumi() === undefined ? [PULUMI_CLI, KUBERNETES, KWOK] : [KUBERNETES, KWOK];
  await buildMissing(tools, goModules);
}

/** Builds those of some tools that the cache lacks. */
export async function buildMissing(tools: readonly GoTool[], goModules: string): Promise<void> {
  const missing = tools.filter((tool) => builtFolder(tool, goModules) === undefined);
  if (missing.length === 0) {
    say(`  all ${tools.length} tools are in ${cacheFolder()}`);
    return;
  }
  requireGo(`build ${missing.map((tool) => `${tool.title} ${tool.version}`).join(", ")}`);
  say(`  ${missing.length} of ${tools.length} tools are built from source, once, and kept in ${cacheFolder()}.`);
  say(`  With ${availableParallelism()} processor cores that takes about ${expectedMinutes(missing)} minutes.`);
  for (const [index, tool] of missing.entries()) await buildTool(tool, goModules, `[${index + 1}/${missing.length}]`);
}
