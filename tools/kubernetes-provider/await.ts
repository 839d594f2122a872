import { setTimeout as delay } from "node:timers/promises";
import { annotation, TIMEOUT_SECONDS } from "./annotations";
import type { Cluster } from "./cluster";
import { isNotFound } from "./kube-error";
import { describe, type JsonObject, type KubeObject } from "./kube-object";
import type { Readiness, ReadinessRule } from "./readiness/readiness";
import { readinessRule } from "./readiness/rules";

/** The object exists, but is not (or no longer) what was asked for; its last known state goes into the state file. */
export class NotReadyError extends Error {
  readonly live: KubeObject;
  readonly reasons: readonly string[];

  constructor(message: string, live: KubeObject, reasons: readonly string[]) {
    super(message);
    this.name = "NotReadyError";
    this.live = live;
    this.reasons = reasons;
  }
}

export interface Waiting {
  readonly inputs: JsonObject;
  /** From `customTimeouts`; 0 means the default. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

const FIRST_POLL_MS = 200;
const SLOWEST_POLL_MS = 1500;

/** Waits until an object is ready, and gives it as it then is. */
export async function untilReady(cluster: Cluster, applied: KubeObject, waiting: Waiting): Promise<KubeObject> {
  const rule = readinessRule(waiting.inputs);
  if (rule === undefined) return applied;
  const { path } = await cluster.locate(applied);
  const deadline = Date.now() + timeoutSeconds(waiting, rule.timeoutSeconds) * 1000;
  let live = applied;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 1.5, SLOWEST_POLL_MS)) {
    live = await current(cluster, path, live);
    const state = await judge(cluster, rule, live);
    if (state.ready) return live;
    const reasons = state.reasons ?? [];
    if (state.failed === true) throw new NotReadyError(`${describe(live)} failed`, live, reasons);
    if (waiting.signal.aborted) throw new NotReadyError(`waiting for ${describe(live)} was cancelled`, live, reasons);
    if (Date.now() > deadline)
      throw new NotReadyError(`${describe(live)} timed out waiting to be ready`, live, reasons);
    waiting.onProgress(`Waiting for ${state.waitingFor ?? "readiness"}`);
    await pause(pollMs, waiting.signal);
  }
}

/** Whether an object is ready at this moment; nothing is waited for. */
export async function checkReady(cluster: Cluster, live: KubeObject, inputs: JsonObject): Promise<void> {
  const rule = readinessRule(inputs);
  if (rule === undefined) return;
  const state = await judge(cluster, rule, live);
  if (!state.ready) throw new NotReadyError(`${describe(live)} is not ready`, live, state.reasons ?? []);
}

/** Waits until an object is gone, whatever finalizers have to do before. */
export async function untilDeleted(cluster: Cluster, live: KubeObject, waiting: Waiting): Promise<void> {
  const { path } = await cluster.locate(live);
  const deadline = Date.now() + timeoutSeconds(waiting, deletionSeconds(live)) * 1000;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 1.5, SLOWEST_POLL_MS)) {
    const found = await ifExists(cluster, path);
    // Another object of the same name is somebody else's.
    if (found === undefined || found.metadata?.uid !== live.metadata?.uid) return;
    const held = (found.metadata?.finalizers ?? []).map((one) => `finalizer ${one} is still there`);
    if (waiting.signal.aborted) throw new NotReadyError(`deleting ${describe(live)} was cancelled`, found, held);
    if (Date.now() > deadline)
      throw new NotReadyError(`timed out waiting for deletion of ${describe(live)}`, found, held);
    waiting.onProgress(`Waiting for deletion${held.length === 0 ? "" : ` (${held.join(", ")})`}`);
    await pause(pollMs, waiting.signal);
  }
}

/** The live object, or undefined where there is none. */
export async function ifExists(cluster: Cluster, path: string): Promise<KubeObject | undefined> {
  try {
    return await cluster.api.get(path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function current(cluster: Cluster, path: string, last: KubeObject): Promise<KubeObject> {
  const live = await ifExists(cluster, path);
  if (live !== undefined) return live;
  throw new NotReadyError(`${describe(last)} was deleted while it was waited for`, last, ["the object is gone"]);
}

async function judge(cluster: Cluster, rule: ReadinessRule, live: KubeObject): Promise<Readiness> {
  return rule.judge(live, await cluster.related(rule.related?.(live), live));
}

function timeoutSeconds(waiting: Waiting, usual: number): number {
  if (waiting.timeoutSeconds > 0) return waiting.timeoutSeconds;
  const annotated = Number(annotation(waiting.inputs, TIMEOUT_SECONDS) ?? Number.NaN);
  return Number.isInteger(annotated) && annotated > 0 ? annotated : usual;
}

function deletionSeconds(live: KubeObject): number {
  return live.kind === "Deployment" || live.kind === "StatefulSet" ? 600 : 300;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
