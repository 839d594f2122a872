import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Places } from "../cluster/places";
import { say } from "../engine/console";
import { Failure } from "../engine/failure";
import type { Engine } from "../engine/prepare";
import { run, type RunOptions, type RunResult } from "../engine/processes";
import { readEvents, type StackEvents } from "./events";
import { newLines } from "./pulumi-output";
import { CLIENT_KEYS_KEY, composeStackFile, hasClientKeys, type TrackedConfig } from "./stack-config";

export const STACK = "local";
const CLIENT = "local";
const KEY_BYTES = 32;

/** What an operation of Pulumi ended with. */
export interface Operation {
  readonly code: number;
  readonly events: StackEvents;
}

/** The Pulumi CLI on this clone's own backend, secrets and plugins: a caller of it, not another engine. */
export class PulumiStack {
  readonly #places: Places;
  readonly #engine: Engine;

  constructor(places: Places, engine: Engine) {
    this.#places = places;
    this.#engine = engine;
  }

  /** Makes what is missing of state, passphrase, stack and client key, and writes this run's configuration. */
  async prepare(tracked: TrackedConfig): Promise<void> {
    const { state, passphrase, stackConfig } = this.#places;
    await mkdir(state, { recursive: true });
    if (!existsSync(passphrase)) await writeSecret(passphrase, randomBytes(KEY_BYTES).toString("base64url"));
    const previous = existsSync(stackConfig) ? readFileSync(stackConfig, "utf8") : undefined;
    await writeFile(stackConfig, composeStackFile(tracked, previous, this.#places));
    if (!(await this.exists())) await this.#initialise();
    await this.#makeClientKey();
  }

  exists(): Promise<boolean> {
    return Promise.resolve(existsSync(this.checkpointFile));
  }

  /** Where the file backend keeps the stack's last known state. */
  get checkpointFile(): string {
    return join(this.#places.state, ".pulumi", "stacks", "fitserve", `${STACK}.json`);
  }

  /** The file that holds the API key of the gateway's client, readable for its owner alone. */
  get clientKeyFile(): string {
    return join(this.#places.work, "client-key");
  }

  /** Runs `preview`, `up`, `refresh` or `destroy`, showing what it says. */
  async operate(args: readonly string[]): Promise<Operation> {
    const log = join(this.#places.work, "events.json");
    await rm(log, { force: true });
    const common = ["--stack", STACK, "--non-interactive", "--suppress-progress", "--event-log", log];
    const result = await this.#pulumi([...args, ...common, ...this.#configFile(args)], {
      onLine: newLines((line) => say(`  ${line}`)),
    });
    const events = readEvents(existsSync(log) ? await readFile(log, "utf8") : "");
    await rm(log, { force: true });
    return { code: result.code, events };
  }

  /** The stack's outputs, secrets masked. */
  async outputs(): Promise<unknown> {
    return JSON.parse(await this.#must(["stack", "output", "--json", "--stack", STACK]));
  }

  /** The stack's state as Pulumi exports it, secrets encrypted. */
  async exported(): Promise<unknown> {
    return JSON.parse(await this.#must(["stack", "export", "--stack", STACK]));
  }

  // `stack init` writes the salt of its encryption into the project's stack file and takes no other: it gets a project
  // folder whose stack file is the generated one, so that the user's stays as it is.
  async #initialise(): Promise<void> {
    const { clone, work } = this.#places;
    await copyFile(join(clone, "Pulumi.yaml"), join(work, "Pulumi.yaml"));
    await this.#must(["stack", "init", STACK, "--no-select", "--cwd", work]);
  }

  async #makeClientKey(): Promise<void> {
    const stackFile = await readFile(this.#places.stackConfig, "utf8");
    if (hasClientKeys(stackFile) && existsSync(this.clientKeyFile)) return;
    const key = randomBytes(KEY_BYTES).toString("base64url");
    await writeSecret(this.clientKeyFile, key);
    const path = `${CLIENT_KEYS_KEY}.${CLIENT}`;
    // By standard input, because other users of the machine can read arguments.
    const args = ["config", "set", "--secret", "--path", path, "--stack", STACK, ...this.#configFile(["config"])];
    await this.#must(args, key);
  }

  #configFile(args: readonly string[]): string[] {
    return args[0] === "stack" ? [] : ["--config-file", this.#places.stackConfig];
  }

  async #must(args: readonly string[], input?: string): Promise<string> {
    const result = await this.#pulumi(args, input === undefined ? {} : { input });
    if (result.code === 0) return result.stdout;
    throw new Failure(`pulumi ${args.slice(0, 2).join(" ")} failed:\n${result.stderr.trim() || result.stdout.trim()}`);
  }

  #pulumi(args: readonly string[], options: RunOptions): Promise<RunResult> {
    const env = this.#environment();
    // Ctrl-C goes to the CLI alone: it tells its own plugins, and waits for what is under way.
    return run(this.#engine.pulumi, args, { ...options, cwd: this.#places.clone, env, interruptBy: "process" });
  }

  #environment(): NodeJS.ProcessEnv {
    const {
      PULUMI_CONFIG_PASSPHRASE: _passphrase,
      PULUMI_ACCESS_TOKEN: _token,
      PULUMI_STACK: _stack,
      ...env
    } = process.env;
    return {
      ...env,
      PULUMI_HOME: this.#engine.pulumiHome,
      PULUMI_BACKEND_URL: `file://${this.#places.state}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: this.#places.passphrase,
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Shows the option --event-log, from which we read what an operation did.
      PULUMI_DEBUG_COMMANDS: "true",
      KUBECONFIG: this.#places.kubeconfig,
    };
  }
}

async function writeSecret(file: string, secret: string): Promise<void> {
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
}
