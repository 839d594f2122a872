import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import https from "node:https";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../engine/failure";
import type { ClusterTools } from "../engine/prepare";
import { isAlive, run, type RunResult } from "../engine/processes";
import { kwokConfig, PORT_OPTIONS, portsOf } from "./kwok-config";
import type { Places } from "./places";
import { freePorts, isFree } from "./ports";

const READY_WAIT = "90s";
const PROBE_TIMEOUT_MS = 5000;

/** How a cluster was found: made new, started again, or running already. */
export type ClusterStart = "created" | "started" | "running";

/** Makes sure that this clone's cluster runs and answers. */
export async function ensureCluster(places: Places, tools: ClusterTools): Promise<ClusterStart> {
  if (!existsSync(clusterFile(places)) || !existsSync(places.kubeconfig)) {
    await deleteCluster(places, tools);
    await createCluster(places, tools);
    return "created";
  }
  if (await answers(places)) return "running";
  await kwokctl(places, tools, ["stop", "cluster"]);
  await requirePortsFree(places);
  const started = await kwokctl(places, tools, ["start", "cluster", "--wait", READY_WAIT]);
  if (started.code === 0 && (await answers(places))) return "started";
  throw new Failure(
    `The local cluster ${places.clusterName} does not answer at https://127.0.0.1:${apiPort(places)}.\n` +
      `Its logs are in ${join(clusterFolder(places), "logs")}. \`npm run down\` and \`npm run up\` make a new one.`,
  );
}

/** Whether the API server says that it is ready. */
export function answers(places: Places): Promise<boolean> {
  const port = apiPort(places);
  if (port === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    // Only the question whether somebody is there: what comes after checks the certificate.
    const options = { host: "127.0.0.1", port, path: "/readyz", rejectUnauthorized: false, timeout: PROBE_TIMEOUT_MS };
    const request = https.get({ ...options, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", () => resolve(false));
  });
}

async function createCluster(places: Places, tools: ClusterTools): Promise<void> {
  await mkdir(places.kwok, { recursive: true });
  const ports = await freePorts(PORT_OPTIONS.length, places.clone);
  await writeFile(configFile(places), kwokConfig(tools, ports));
  const args = ["create", "cluster", "--kubeconfig", places.kubeconfig, "--wait", READY_WAIT];
  const created = await kwokctl(places, tools, args);
  if (created.code === 0 && (await answers(places))) return;
  const said = lastMessages(created, places);
  // A half-made cluster would be taken for a stopped one by the next run.
  await deleteCluster(places, tools);
  throw new Failure(`The local cluster ${places.clusterName} could not be started:\n${said}`);
}

/** Ends the cluster's processes and removes its files. Works when some or all of it is gone already. */
export async function deleteCluster(places: Places, tools: ClusterTools | undefined): Promise<void> {
  if (tools !== undefined && existsSync(clusterFile(places))) {
    await kwokctl(places, tools, ["delete", "cluster", "--kubeconfig", places.kubeconfig]);
  }
  await endProcesses(places);
  await rm(places.kwok, { recursive: true, force: true });
  await rm(places.kubeconfig, { force: true });
}

/** The ids of the cluster's processes that are still running. */
export function clusterProcesses(places: Places): number[] {
  return [...new Set([...recordedProcesses(places), ...startedFrom(join(clusterFolder(places), "bin"))])];
}

function recordedProcesses(places: Places): number[] {
  const folder = join(clusterFolder(places), "pids");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((file) => ({ pid: Number(readFileSync(join(folder, file), "utf8")), name: file.replace(/\.pid$/, "") }))
    .filter(({ pid, name }) => pid > 0 && isAlive(pid, name.slice(0, COMMAND_NAME_LENGTH)))
    .map(({ pid }) => pid);
}

// A clone that was deleted while its cluster ran has no record of its processes any more.
function startedFrom(binFolder: string): number[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && commandOf(name).startsWith(`${binFolder}/`))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(join("/proc", pid, "cmdline"), "utf8").split("\0")[0] ?? "";
  } catch {
    // It ended while we looked, or is somebody else's.
    return "";
  }
}

// Linux keeps 15 characters of a command's name.
const COMMAND_NAME_LENGTH = 15;
const END_WAIT_MS = 10_000;
const END_POLL_MS = 100;

async function endProcesses(places: Places): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    for (const pid of clusterProcesses(places)) process.kill(pid, signal);
    for (let waited = 0; waited < END_WAIT_MS && clusterProcesses(places).length > 0; waited += END_POLL_MS) {
      await delay(END_POLL_MS);
    }
  }
}

async function requirePortsFree(places: Places): Promise<void> {
  for (const port of portsOf(clusterFile(places))) {
    if (await becomesFree(port)) continue;
    throw new Failure(
      `Port ${port} of the stopped local cluster is used by another program.\n` +
        "End that program, or run `npm run down` and then `npm run up`: the new cluster takes other ports.",
    );
  }
}

const FREE_WAIT_MS = 5000;

// A killed process keeps its sockets until its last thread has ended, a moment after it counts as dead.
async function becomesFree(port: number): Promise<boolean> {
  for (let waited = 0; waited < FREE_WAIT_MS; waited += END_POLL_MS) {
    if (await isFree(port)) return true;
    await delay(END_POLL_MS);
  }
  return false;
}

function kwokctl(places: Places, tools: ClusterTools, args: readonly string[]): Promise<RunResult> {
  const env = {
    ...process.env,
    KWOK_WORKDIR: places.kwok,
    // Without these it would write into the user's ~/.kube.
    KUBECONFIG: places.kubeconfig,
    KUBECACHEDIR: join(places.kwok, "kube-cache"),
  };
  const config = ["--config", configFile(places), "--name", places.clusterName];
  return run(join(tools.kwokBin, "kwokctl"), [...config, ...args], { env, cwd: dirname(places.kubeconfig) });
}

function configFile(places: Places): string {
  return join(places.kwok, "fitserve.yaml");
}

function clusterFolder(places: Places): string {
  return join(places.kwok, "clusters", places.clusterName);
}

function clusterFile(places: Places): string {
  return join(clusterFolder(places), "kwok.yaml");
}

function apiPort(places: Places): number | undefined {
  return existsSync(clusterFile(places)) ? portsOf(clusterFile(places))[0] : undefined;
}

const SHOWN_MESSAGES = 8;

// kwokctl logs JSON lines; the last ones of each component say why it did not come up.
function lastMessages(result: RunResult, places: Places): string {
  const lines = result.stderr.split("\n").filter((line) => line.includes('"level":"ERROR"') || !line.startsWith("{"));
  const logs = join(clusterFolder(places), "logs");
  const components = existsSync(logs) ? readdirSync(logs) : [];
  const ends = components.flatMap((file) => {
    const last = readFileSync(join(logs, file), "utf8").trim().split("\n").at(-1) ?? "";
    return last === "" ? [] : [`${file}: ${last}`];
  });
  return [...lines, ...ends]
    .slice(-SHOWN_MESSAGES)
    .map((line) => `  ${line.slice(0, 400)}`)
    .join("\n");
}
