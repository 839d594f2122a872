import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stringify } from "yaml";
import type { KubernetesObject } from "../../components/kubernetes-object";
import { Failure } from "../engine/failure";
import { hasEnded, lastLines, startBackground, stopBackground } from "./background";
import { ENVOY_VERSION } from "./envoy";

export interface GatewaySettings {
  /** For everything that the gateway writes, but for its certificates, which go into the user's home. */
  readonly folder: string;
  readonly aigw: string;
  readonly envoy: string;
  readonly listenerPort: number;
  readonly resources: readonly KubernetesObject[];
  /** Clients' keys among them. */
  readonly secrets: readonly KubernetesObject[];
  /** Changes the controller's own configuration, which a cluster gets as the values of its chart. */
  readonly configureController?: (config: string) => string;
}

const READY_WAIT_MS = 60_000;
const POLL_MS = 100;
const CONTROLLER_POLL_MS = 5;
const STOP_WAIT_MS = 10_000;
const RUN_ID = "0";

/** Kinds that the gateway reads from its watched folder, so that they can change while it runs. */
const WATCHED_KINDS = new Set(["Secret", "Backend"]);

/** Envoy AI Gateway as a process of this machine. */
export class LocalGateway {
  readonly #settings: GatewaySettings;
  readonly #process: ChildProcess;

  private constructor(settings: GatewaySettings, child: ChildProcess) {
    this.#settings = settings;
    this.#process = child;
  }

  /** Starts it and waits until it turns away a request without a key as it should. */
  static async start(settings: GatewaySettings): Promise<LocalGateway> {
    const { folder } = settings;
    const envoyFolder = join(folder, "data", "envoy-versions", ENVOY_VERSION, "bin");
    await mkdir(envoyFolder, { recursive: true });
    await rm(join(envoyFolder, "envoy"), { force: true });
    await symlink(settings.envoy, join(envoyFolder, "envoy"));
    const sockets = await socketsFolder(folder);
    const config = join(folder, "gateway.yaml");
    const translated = settings.resources.filter((object) => !WATCHED_KINDS.has(object.kind));
    await writeFile(config, translated.map((object) => stringify(object)).join("---\n"), { mode: 0o600 });
    const env = {
      ...process.env,
      HOME: folder,
      AIGW_CONFIG_HOME: join(folder, "config"),
      AIGW_DATA_HOME: join(folder, "data"),
      AIGW_STATE_HOME: join(folder, "state"),
      AIGW_RUNTIME_DIR: sockets,
    };
    await rm(join(folder, "state"), { recursive: true, force: true });
    const args = ["run", config, "--run-id", RUN_ID];
    const child = startBackground(settings.aigw, args, {
      log: join(folder, "aigw.log"),
      name: join(folder, "aigw"),
      env,
      cwd: folder,
    });
    const gateway = new LocalGateway(settings, child);
    try {
      await gateway.#configureController();
      await gateway.#becomeReady();
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    return gateway;
  }

  get process(): ChildProcess {
    return this.#process;
  }

  /** Lays a resource beside the others, or in place of one of its kind and name; taken up within about a second. */
  async put(object: KubernetesObject): Promise<void> {
    const { name } = object.metadata;
    const staging = join(this.#settings.folder, "staging.yaml");
    await writeFile(staging, stringify(object), { mode: 0o600 });
    await rename(staging, join(this.#watched, `${object.kind.toLowerCase()}-${name}.yaml`));
  }

  async stop(): Promise<void> {
    await stopBackground(this.#process, STOP_WAIT_MS);
    await removeSockets(this.#settings.folder);
  }

  get #watched(): string {
    return join(this.#settings.folder, "state", "runs", RUN_ID, "envoy-ai-gateway-resources");
  }

  // The program writes this file itself, and reads it when all else is prepared.
  async #configureController(): Promise<void> {
    const { configureController, folder } = this.#settings;
    if (configureController === undefined) return;
    const file = join(folder, "state", "runs", RUN_ID, "envoy-gateway-config.yaml");
    let written = "";
    await this.#until(async () => {
      written = await readFile(file, "utf8").catch(() => "");
      return written.trimEnd().endsWith("port: 1061");
    }, CONTROLLER_POLL_MS);
    await writeFile(file, configureController(written));
  }

  async #becomeReady(): Promise<void> {
    const { resources, secrets, listenerPort } = this.#settings;
    await this.#until(() => Promise.resolve(existsSync(join(this.#watched, "config.yaml"))));
    const watched = resources.filter((object) => WATCHED_KINDS.has(object.kind));
    for (const object of [...watched, ...secrets]) await this.put(object);
    // 404 and 500 come while the routes or the clients' Secret have not been taken up.
    await this.#until(async () => (await statusOf(listenerPort)) === 401);
  }

  async #until(isTrue: () => Promise<boolean>, pollMs = POLL_MS): Promise<void> {
    for (let waited = 0; waited < READY_WAIT_MS; waited += pollMs) {
      if (await isTrue()) return;
      if (hasEnded(this.#process)) break;
      await delay(pollMs);
    }
    const why = hasEnded(this.#process) ? "has ended" : `is not ready after ${READY_WAIT_MS / 1000} s`;
    const { folder } = this.#settings;
    const said = [lastLines(join(folder, "aigw.log")), lastLines(join(folder, "state", "runs", RUN_ID, "aigw.log"))];
    throw new Failure(`The gateway ${why}. Its logs end with:\n${said.filter((text) => text !== "").join("\n")}`);
  }
}

const SOCKETS_RECORD = "sockets-folder";

// Paths of sockets may have 107 characters at most, which a clone's folder easily exceeds.
async function socketsFolder(folder: string): Promise<string> {
  await removeSockets(folder);
  const sockets = await mkdtemp(SOCKETS_PREFIX);
  await writeFile(join(folder, SOCKETS_RECORD), sockets);
  return sockets;
}

const SOCKETS_PREFIX = join(tmpdir(), "fitserve-gateway-");

/** Removes the folder of sockets that a gateway, also one that was killed, has outside its own. */
export async function removeSockets(folder: string): Promise<void> {
  const recorded = await readFile(join(folder, SOCKETS_RECORD), "utf8").catch(() => "");
  if (recorded.startsWith(SOCKETS_PREFIX)) await rm(recorded, { recursive: true, force: true });
}

/** The status of an answer to a request without a key; undefined where nobody answers. */
function statusOf(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = http.get(
      { host: "127.0.0.1", port, path: "/v1/models", agent: false, timeout: 2000 },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", () => resolve(undefined));
  });
}
