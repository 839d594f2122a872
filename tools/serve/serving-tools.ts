import { join } from "node:path";
import { buildTool, builtFolder } from "../engine/build";
import { Failure } from "../engine/failure";
import { AI_GATEWAY, ENCLOSURE, type GoTool, SIMULATOR } from "../engine/go-tools";
import { buildMissing } from "../engine/prepare";
import { cachedEnvoy, ensureEnvoy } from "./envoy";

/** The executables that serve requests on this machine. */
export interface ServingTools {
  readonly aigw: string;
  readonly envoy: string;
  readonly simulator: string;
  readonly enclosure: string;
}

/** Finds, builds or fetches what `--serve` runs. */
export async function prepareServingTools(goModules: string): Promise<ServingTools> {
  if (process.platform !== "linux") {
    throw new Failure(
      "--serve needs Linux: the gateway's program listens on every address of the machine, and only a network " +
        "namespace keeps it to this machine alone. `npm run up` without --serve works here.",
    );
  }
  await buildMissing([AI_GATEWAY, SIMULATOR, ENCLOSURE], goModules);
  return {
    envoy: cachedEnvoy() ?? (await ensureEnvoy()),
    aigw: await executable(AI_GATEWAY, goModules, "aigw"),
    simulator: await executable(SIMULATOR, goModules, "llm-d-inference-sim"),
    enclosure: await executable(ENCLOSURE, goModules, "enclosure"),
  };
}

async function executable(tool: GoTool, goModules: string, name: string): Promise<string> {
  const folder = builtFolder(tool, goModules) ?? (await buildTool(tool, goModules, ""));
  return join(folder, "bin", name);
}
