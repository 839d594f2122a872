import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { placesOf, type Places } from "../../../tools/cluster/places";

const REPOSITORY = resolve(__dirname, "..", "..", "..");
const NOT_COPIED = new Set(["node_modules", ".git", ".fitserve", "dist"]);
export const USERS_KUBECONFIG = "apiVersion: v1\nkind: Config\ncurrent-context: my-own-cluster\n";

/** How a command of a clone ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** A copy of the working tree with a home of its own, as another user of this machine would have it. */
export class Clone {
  readonly folder: string;
  readonly home: string;
  readonly places: Places;

  constructor(name: string) {
    const base = realpathSync(mkdtempSync(join(tmpdir(), `fitserve-${name}-`)));
    this.folder = join(base, "clone");
    this.home = join(base, "home");
    cpSync(REPOSITORY, this.folder, { recursive: true, filter: (path) => !NOT_COPIED.has(basename(path)) });
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.folder, "node_modules"));
    execFileSync(process.execPath, [join(this.folder, "scripts", "build.mjs")], { cwd: this.folder });
    mkdirSync(join(this.home, ".kube"), { recursive: true });
    writeFileSync(this.usersKubeconfig, USERS_KUBECONFIG);
    this.places = placesOf(this.folder);
  }

  get usersKubeconfig(): string {
    return join(this.home, ".kube", "config");
  }

  /** What `npm run <command>` runs, in a terminal-less environment such as CI's. */
  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return ended(this.start(args, env));
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return this.#spawn(process.execPath, [join(this.folder, "dist", "tools", "local.js"), ...args], env);
  }

  /** Takes down what still runs and removes the copy. */
  async dispose(): Promise<void> {
    await this.run(["down"]);
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }

  /** The Pulumi CLI itself, as somebody would call it who has set it up for this clone's cluster. */
  pulumi(args: readonly string[]): Promise<Ended> {
    const { pulumiHome, state, passphrase } = this.places;
    const env = {
      PULUMI_HOME: pulumiHome,
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      CI: "true",
    };
    return ended(this.#spawn(pulumiExecutable(), [...args, "--stack", "local", "--non-interactive"], env));
  }

  /** The state that Pulumi has recorded, byte for byte. */
  recordedState(): string {
    return readFileSync(join(this.places.state, ".pulumi", "stacks", "fitserve", "local.json"), "utf8");
  }

  /** Command lines of processes that belong to this clone. */
  processes(): string[] {
    return commandLines().filter((line) => line.includes(this.folder));
  }

  /** Whether a process runs in this clone's folder, or for it. */
  owns(pid: number): boolean {
    try {
      const folder = readlinkSync(`/proc/${pid}/cwd`);
      return `${folder}/`.startsWith(`${this.folder}/`) || commandLine(pid).includes(this.folder);
    } catch {
      return false;
    }
  }

  #spawn(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const { KUBECONFIG: _kubeconfig, ...inherited } = process.env;
    const own = {
      HOME: this.home,
      // What the first run of this machine has built is used again, and Go's own caches with it.
      XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
      GOPATH: process.env["GOPATH"] ?? join(homedir(), "go"),
    };
    return spawn(command, args, {
      cwd: this.folder,
      env: { ...inherited, ...own, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}

/** Waits for the end of a command, with everything that it printed. */
export function ended(child: ChildProcess): Promise<Ended> {
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code: code ?? (signal === null ? 1 : 128), output }));
  });
}

/** Waits until a running command has printed a text. */
export function printed(child: ChildProcess, text: string): Promise<void> {
  let output = "";
  return new Promise((done, failed) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(text)) done();
    });
    child.once("close", () => failed(new Error(`ended without printing "${text}":\n${output}`)));
  });
}

export function pulumiExecutable(): string {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "fitserve");
  const built = existsSync(cache) ? readdirSync(cache).find((name) => name.startsWith("pulumi-")) : undefined;
  return built === undefined ? "pulumi" : join(cache, built, "bin", "pulumi");
}

// These tests read Linux's /proc; the local target itself does not need it.
function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(Number(pid)));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    // It has ended since the folder was read.
    return "";
  }
}
