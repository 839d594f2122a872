import { createRequire } from "node:module";
import { join } from "node:path";

/** The settings of `runtime: {name: nodejs, options: …}` in Pulumi.yaml that are supported here. */
export interface RuntimeOptions {
  readonly typescript: boolean;
  readonly nodeargs: readonly string[];
  readonly tsconfig: string | undefined;
}

/** One program to run, in words of the engine's request. */
export interface Program {
  readonly project: string;
  readonly stack: string;
  readonly organization: string;
  readonly rootDirectory: string;
  readonly programDirectory: string;
  readonly entryPoint: string;
  readonly args: readonly string[];
  readonly monitor: string;
  readonly engine: string;
  readonly parallel: number;
  readonly dryRun: boolean;
  readonly config: Readonly<Record<string, string>>;
  readonly configSecretKeys: readonly string[];
  readonly options: RuntimeOptions;
}

export interface Command {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Reads the options of the runtime; TypeScript is on unless it is switched off, as with the official host. */
export function runtimeOptions(options: Readonly<Record<string, unknown>>): RuntimeOptions {
  const nodeargs = options["nodeargs"];
  const tsconfig = options["tsconfig"];
  return {
    typescript: options["typescript"] !== false,
    nodeargs: typeof nodeargs === "string" ? nodeargs.split(/\s+/).filter((arg) => arg !== "") : [],
    tsconfig: typeof tsconfig === "string" ? tsconfig : undefined,
  };
}

/** How `@pulumi/pulumi` is started to run a program; its own runner compiles TypeScript and reports resources. */
export function programCommand(program: Program, runner: string): Command {
  const flags: (readonly [string, string])[] = [
    ["monitor", program.monitor],
    ["engine", program.engine],
    ["organization", program.organization],
    ["root-directory", program.rootDirectory],
    ["project", program.project],
    ["stack", program.stack],
    ["pwd", program.programDirectory],
    ["parallel", program.parallel > 0 ? String(program.parallel) : ""],
  ];
  const given = flags.filter(([, value]) => value !== "").flatMap(([flag, value]) => [`--${flag}`, value]);
  const dryRun = program.dryRun ? ["--dry-run"] : [];
  return {
    args: [...program.options.nodeargs, runner, ...given, ...dryRun, program.entryPoint, ...program.args],
    env: {
      PULUMI_CONFIG: JSON.stringify(program.config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(program.configSecretKeys),
      ...typescriptEnvironment(program.options),
    },
  };
}

export function typescriptEnvironment(options: RuntimeOptions): Record<string, string> {
  return {
    PULUMI_NODEJS_TYPESCRIPT: String(options.typescript),
    ...(options.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}

/** The file of a runner in the `@pulumi/pulumi` that the program itself depends on. */
export function runnerPath(runner: "run" | "run-policy-pack" | "run-plugin", directory: string): string {
  try {
    return createRequire(join(directory, "package.json")).resolve(`@pulumi/pulumi/cmd/${runner}`);
  } catch (error) {
    throw new Error(`@pulumi/pulumi is not installed in ${directory}: run \`npm ci\` there first`, { cause: error });
  }
}
