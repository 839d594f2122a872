import type { ChildProcess } from "node:child_process";
import http from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startBackground, stopBackground } from "../../../../tools/serve/background";
import { simulatorArguments, type SimulatorSettings } from "../../../../tools/serve/simulator";
import { servingTools } from "./tools";

const DRAIN_WAIT_MS = 40_000;

/** One llm-d-inference-sim. */
export class SimulatedEngine {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#process = child;
  }

  static async start(settings: SimulatorSettings, port: number, folder: string): Promise<SimulatedEngine> {
    const log = join(folder, `engine-${port}.log`);
    const child = startBackground(servingTools().simulator, simulatorArguments(settings, port), { log });
    const engine = new SimulatedEngine(port, child);
    while ((await getText(port, "/health")) === undefined) await delay(50);
    return engine;
  }

  /** As a pod that is ended: it finishes what it has begun. */
  drain(): Promise<void> {
    return stopBackground(this.#process, DRAIN_WAIT_MS);
  }

  /** As a machine that is gone. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await stopBackground(this.#process, 1000);
  }

  /** Requests that the engine is working on, and those that wait for room. */
  async load(): Promise<{ running: number; waiting: number }> {
    const metrics = (await getText(this.port, "/metrics")) ?? "";
    const value = (name: string) => Number(new RegExp(`^vllm:${name}\\{.*\\} (\\S+)`, "m").exec(metrics)?.[1] ?? 0);
    return { running: value("num_requests_running"), waiting: value("num_requests_waiting") };
  }

  /** Requests that the engine has answered to their end. */
  async answered(): Promise<number> {
    const metrics = (await getText(this.port, "/metrics")) ?? "";
    const counts = metrics.matchAll(/^vllm:request_success_total\{.*\} (\S+)/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }
}

function getText(port: number, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = http.get({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(text));
    });
    request.on("error", () => resolve(undefined));
  });
}
