import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { build } from "esbuild";
import { parse, stringify } from "yaml";
import { Recording } from "../../../tools/aws-provider/recording";
import { isJsonObject, stringAt, valueAt } from "../../../tools/kubernetes-provider/kube-object";
import { ended, pulumiExecutable, type Ended } from "./clone";

const REPOSITORY = resolve(__dirname, "..", "..", "..");
const STACK = "test";

/** What the program imports; nothing else of the working tree takes part. */
const PROGRAM = [
  "Pulumi.yaml",
  "package.json",
  "tsconfig.json",
  "tsconfig.pulumi.json",
  "index.ts",
  "components",
  "config",
  "sizing",
];

/** One step of an operation, as the engine's event log tells it. */
export interface Step {
  readonly operation: string;
  readonly type: string;
  readonly name: string;
}

export interface Outcome extends Ended {
  /** What was done, or in a preview would be; resources that stay as they are left out. */
  readonly steps: readonly Step[];
}

/** A program of this repository that comes with a configuration, Pulumi.aws.yaml. */
export interface RecordedProgram {
  readonly folder: string;
  /** Name of its project. */
  readonly project: string;
  /** What it imports beside what the repository's own program does. */
  readonly imports: readonly string[];
}

const STOCK: RecordedProgram = { folder: ".", project: "fitserve", imports: [] };

/** The program on the real engine, with AWS and the cluster played by recording providers. */
export class RecordedAws {
  readonly #base = realpathSync(mkdtempSync(join(tmpdir(), "fitserve-aws-")));
  readonly recording = new Recording(join(this.#base, "recording"));

  constructor(private readonly program: RecordedProgram = STOCK) {}

  get #copy(): string {
    return join(this.#base, "project");
  }

  get #project(): string {
    return join(this.#copy, this.program.folder);
  }

  get #home(): string {
    return join(this.#base, "home");
  }

  /** Copies the program, builds the plugins, and makes the stack with the example's configuration. */
  async prepare(): Promise<void> {
    mkdirSync(join(this.#base, "state"), { recursive: true });
    const { folder, imports } = this.program;
    const copied = folder === "." ? PROGRAM : [...PROGRAM, folder, ...imports];
    for (const name of copied) cpSync(join(REPOSITORY, name), join(this.#copy, name), { recursive: true });
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.#copy, "node_modules"));
    await this.#buildPlugins();
    await this.#must(["stack", "init", STACK]);
    copyFileSync(join(REPOSITORY, folder, "Pulumi.aws.yaml"), join(this.#base, "example.yaml"));
    this.configure({});
    const ada = `${this.program.project}:clientKeys.ada`;
    await this.#must(["config", "set", "--secret", "--path", ada, "0123456789abcdef0123"]);
  }

  /** As somebody would who edits the program: replaces a text of its index.ts, or puts the old program back. */
  edit(...[from, to]: [from: string, to: string] | []): void {
    const text = readFileSync(join(REPOSITORY, this.program.folder, "index.ts"), "utf8");
    if (from !== undefined && !text.includes(from)) throw new Error(`the program has no ${from}`);
    writeFileSync(join(this.#project, "index.ts"), from === undefined ? text : text.replace(from, to ?? ""));
  }

  /**
   * Writes the example's configuration, with these fields of `serving` and `aws` in place of its own, and other keys
   * beside them.
   */
  configure(changes: { readonly serving?: object; readonly aws?: object; readonly others?: object }): void {
    const file = join(this.#project, `Pulumi.${STACK}.yaml`);
    const example: unknown = parse(readFileSync(join(this.#base, "example.yaml"), "utf8"));
    const kept: unknown = parse(readFileSync(file, "utf8"));
    const { project } = this.program;
    const section = (name: string): object => Object(valueAt(example, "config", `${project}:${name}`));
    const keys = valueAt(kept, "config", `${project}:clientKeys`);
    const config = {
      // The card is given, so that another price list changes no expectation here.
      ...(project === STOCK.project
        ? { "fitserve:serving": { ...section("serving"), gpu: "L40S", ...changes.serving } }
        : {}),
      [`${project}:aws`]: { ...section("aws"), ...changes.aws },
      ...changes.others,
      ...(keys === undefined ? {} : { [`${project}:clientKeys`]: keys }),
    };
    writeFileSync(file, stringify({ ...(isJsonObject(kept) ? kept : {}), config }));
  }

  preview(...args: readonly string[]): Promise<Outcome> {
    return this.#operate(["preview", ...args]);
  }

  up(...args: readonly string[]): Promise<Outcome> {
    return this.#operate(["up", "--yes", "--skip-preview", ...args]);
  }

  refresh(): Promise<Outcome> {
    return this.#operate(["refresh", "--yes", "--skip-preview"]);
  }

  destroy(): Promise<Outcome> {
    return this.#operate(["destroy", "--yes", "--skip-preview"]);
  }

  /** Outputs of the stack, secrets masked. */
  async outputs(): Promise<unknown> {
    const { output } = await this.#pulumi(["stack", "output", "--json"]);
    return JSON.parse(output);
  }

  /** Text of the state that the engine keeps. */
  state(): string {
    return readFileSync(join(this.#base, "state", ".pulumi", "stacks", this.program.project, `${STACK}.json`), "utf8");
  }

  remove(): void {
    rmSync(this.#base, { recursive: true, force: true });
  }

  async #buildPlugins(): Promise<void> {
    const outdir = join(this.#base, "plugins");
    const entryPoints = {
      recorder: join(REPOSITORY, "tools/aws-provider/main.ts"),
      language: join(REPOSITORY, "tools/language-host/main.ts"),
    };
    const external = ["@pulumi/*", "@grpc/grpc-js", "google-protobuf"];
    await build({ entryPoints, outdir, external, bundle: true, platform: "node", logLevel: "warning" });
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.#base, "node_modules"));
    const folder = join(this.#base, "recording");
    this.#install("resource-aws-v7.48.0", "pulumi-resource-aws", `${outdir}/recorder.js' 'aws' '${folder}`);
    this.#install(
      "resource-kubernetes-v4.34.2",
      "pulumi-resource-kubernetes",
      `${outdir}/recorder.js' 'kubernetes' '${folder}`,
    );
    this.#install("language-nodejs-v3.248.0", "pulumi-language-nodejs", `${outdir}/language.js`);
  }

  #install(plugin: string, executable: string, command: string): void {
    const folder = join(this.#home, "plugins", plugin);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, executable), `#!/bin/sh\nexec '${process.execPath}' '${command}' "$@"\n`);
    chmodSync(join(folder, executable), 0o755);
  }

  async #operate(args: readonly string[]): Promise<Outcome> {
    const log = join(this.#base, "events.json");
    rmSync(log, { force: true });
    const run = await this.#pulumi([...args, "--event-log", log, "--suppress-progress", "--diff"]);
    const events = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
    return { ...run, steps: events.flatMap(stepIn) };
  }

  async #must(args: readonly string[]): Promise<void> {
    const { code, output } = await this.#pulumi(args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${output}`);
  }

  #pulumi(args: readonly string[]): Promise<Ended> {
    const stack = args[0] === "stack" && args[1] === "init" ? [] : ["--stack", STACK];
    const child = spawn(pulumiExecutable(), [...args, ...stack, "--non-interactive"], {
      cwd: this.#project,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        HOME: this.#home,
        // Language host and providers of the test come first, whatever the machine has.
        PATH: `${join(this.#home, "plugins", "language-nodejs-v3.248.0")}:${process.env["PATH"] ?? ""}`,
        PULUMI_HOME: this.#home,
        PULUMI_BACKEND_URL: `file://${join(this.#base, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DEBUG_COMMANDS: "true",
      },
    });
    return ended(child);
  }
}

const QUIET: readonly string[] = ["same", "read", "refresh"];

function stepIn(line: string): Step[] {
  if (line.trim() === "") return [];
  const event: unknown = JSON.parse(line);
  const metadata = valueAt(event, "resourcePreEvent", "metadata");
  const [operation, type, urn] = [stringAt(metadata, "op"), stringAt(metadata, "type"), stringAt(metadata, "urn")];
  if (operation === undefined || type === undefined || urn === undefined || QUIET.includes(operation)) return [];
  return [{ operation, type, name: basename(urn.split("::").at(-1) ?? "") }];
}
