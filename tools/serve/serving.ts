import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Places } from "../cluster/places";
import { freePorts, isFree } from "../cluster/ports";
import { Failure } from "../engine/failure";
import { isAlive, throwIfInterrupted } from "../engine/processes";
import { isJsonObject, numberAt, stringAt } from "../kubernetes-provider/kube-object";
import { hasEnded, lastLines, startBackground } from "./background";
import { removeSockets } from "./gateway";
import { READY_FILE, SETTINGS_FILE, STATE_FILE, SUPERVISOR_LOG } from "./serving-places";
import type { ServingSettings } from "./serving-settings";

const LOOPBACK = "127.0.0.1";
const READY_WAIT_MS = 90_000;
const STOP_WAIT_MS = 20_000;
const POLL_MS = 100;

/** The running gateway, and how it was found. */
export interface Serving {
  readonly port: number;
  readonly start: "started" | "running";
}

/** Makes sure that the gateway and its engines run with these settings, at the port given or one that is free. */
export async function ensureServing(places: Places, settings: ServingSettings, port?: number): Promise<Serving> {
  const fingerprint = fingerprintOf(settings);
  const recorded = readState(places);
  const fits = recorded?.fingerprint === fingerprint && (port === undefined || port === recorded.port);
  if (fits && isRunning(places)) return { port: recorded.port, start: "running" };
  await stopServing(places);
  const chosen = port ?? (await freePort(places, recorded?.port));
  if (!(await isFree(chosen))) throw portTaken(chosen);
  await start(places, settings, chosen);
  await writeFile(join(serveFolder(places), STATE_FILE), JSON.stringify({ port: chosen, fingerprint }));
  return { port: chosen, start: "started" };
}

/** Ends the gateway and its engines, also what a killed run has left of them; says whether there was anything. */
export async function stopServing(places: Places): Promise<boolean> {
  const folder = serveFolder(places);
  const found = servingProcesses(places).length > 0;
  // The outermost process ends the others in turn; those without one are ended one by one.
  const outermost = servingProcesses(places, "enclosure");
  signalAll(outermost.length > 0 ? outermost : servingProcesses(places), "SIGTERM");
  if (!(await haveEnded(places))) {
    signalAll(servingProcesses(places), "SIGTERM");
    if (!(await haveEnded(places))) signalAll(servingProcesses(places), "SIGKILL");
  }
  if (!(await haveEnded(places))) {
    throw new Failure(`These processes of the gateway do not end: ${servingProcesses(places).join(", ")}.`);
  }
  await removeSockets(folder);
  await rm(folder, { recursive: true, force: true });
  return found;
}

/** The ids of this clone's gateway and engines. Each is named by the clone's folder, whoever started it. */
export function servingProcesses(places: Places, name = ""): number[] {
  if (!existsSync("/proc")) return [];
  const prefix = join(serveFolder(places), "/");
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      const called = nameOf(pid);
      return called.startsWith(prefix) && (name === "" || called === `${prefix}${name}`) && isAlive(pid);
    });
}

async function start(places: Places, settings: ServingSettings, port: number): Promise<void> {
  const folder = serveFolder(places);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, SETTINGS_FILE), JSON.stringify(settings), { mode: 0o600 });
  const log = join(folder, SUPERVISOR_LOG);
  const forward = `${LOOPBACK}:${settings.listenerPort}`;
  const supervisor = [process.execPath, join(places.bundledPlugins, "serving.js"), folder];
  const args = ["-listen", `${LOOPBACK}:${port}`, "-forward", forward, "-home", folder, "--", ...supervisor];
  const options = { log, name: join(folder, "enclosure"), cwd: folder, detached: true };
  const child = startBackground(settings.tools.enclosure, args, options);
  child.unref();
  try {
    await becomeReady(child, folder, port);
  } catch (error) {
    const said = lastLines(log);
    await stopServing(places);
    if (!(error instanceof NotReady)) throw error;
    throw child.exitCode === EXIT_NO_LISTENER ? portTaken(port) : notReady(child, said);
  }
}

class NotReady extends Error {}

async function becomeReady(child: ChildProcess, folder: string, port: number): Promise<void> {
  for (let waited = 0; waited < READY_WAIT_MS; waited += POLL_MS) {
    if (existsSync(join(folder, READY_FILE))) return;
    if (hasEnded(child)) break;
    throwIfInterrupted();
    await delay(POLL_MS);
  }
  throw new NotReady(`nothing serves at port ${port}`);
}

// Exit codes of the enclosure's own faults.
const EXIT_NO_NAMESPACE = 125;
const EXIT_NO_LISTENER = 126;

function notReady(child: ChildProcess, said: string): Failure {
  if (child.exitCode === EXIT_NO_NAMESPACE) {
    return new Failure(
      `This system makes no network namespace, which keeps the gateway's ports to this machine alone:\n${said}\n` +
        "In a container it takes the right to make namespaces (docker run --cap-add SYS_ADMIN); " +
        "where unprivileged users may not, the sysctl user.max_user_namespaces or AppArmor's " +
        "kernel.apparmor_restrict_unprivileged_userns forbids it.",
    );
  }
  return new Failure(`The gateway could not be started. It said last:\n${said}`);
}

function portTaken(port: number): Failure {
  return new Failure(
    `Port ${port} of ${LOOPBACK} is used by another program.\nEnd that program, or give another with --port.`,
  );
}

async function freePort(places: Places, before: number | undefined): Promise<number> {
  if (before !== undefined && (await isFree(before))) return before;
  const [port = 0] = await freePorts(1, places.clone);
  return port;
}

function isRunning(places: Places): boolean {
  const ready = existsSync(join(serveFolder(places), READY_FILE));
  return ready && servingProcesses(places, "enclosure").length > 0 && servingProcesses(places, "aigw").length > 0;
}

interface State {
  readonly port: number;
  readonly fingerprint: string;
}

function readState(places: Places): State | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(join(serveFolder(places), STATE_FILE), "utf8"));
    const port = numberAt(state, "port");
    const fingerprint = stringAt(state, "fingerprint");
    return isJsonObject(state) && port !== undefined && fingerprint !== undefined ? { port, fingerprint } : undefined;
  } catch {
    // None, or one that a killed run has half written.
    return undefined;
  }
}

function fingerprintOf(settings: ServingSettings): string {
  const key = readFileSync(settings.keyFile);
  return createHash("sha256").update(JSON.stringify(settings)).update(key).digest("hex");
}

async function haveEnded(places: Places): Promise<boolean> {
  for (let waited = 0; waited < STOP_WAIT_MS; waited += POLL_MS) {
    if (servingProcesses(places).length === 0) return true;
    await delay(POLL_MS);
  }
  return false;
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself in the meantime.
    }
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
  } catch {
    // It ended while we looked, or is somebody else's.
    return "";
  }
}

function serveFolder(places: Places): string {
  return join(places.work, "serve");
}
