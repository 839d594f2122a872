import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientKeysSecret } from "../../../components/gateway/ingress-gateway.manifest";
import { servingManifests } from "../../../components/serving-manifests";
import { servingOptions } from "../../../components/serving-options";
import { withKeys } from "../../../tools/serve/client-keys";
import { LocalGateway } from "../../../tools/serve/gateway";
import { localGatewayResources } from "../../../tools/serve/local-gateway";
import { LISTENER_PORT } from "../../../tools/serve/serving-settings";
import { plannedSimulator } from "../../../tools/serve/simulator";
import { chat } from "./support/client";
import { SimulatedEngine } from "./support/engine";
import { planFor } from "./support/serving-stack";
import { servingTools } from "./support/tools";

const KEY = "key-of-ada-0123456789abcdef";
const PROMPT = "words that nobody else may read";
const ENGINE_PORT = 8291;

/** Envoy writes its log every ten seconds. */
const LOG_WAIT_MS = 30_000;

describe("the access log of the proxies", () => {
  const plan = planFor(50);
  const folder = mkdtempSync(join(tmpdir(), "fitserve-access-log-"));
  const logFile = join(folder, "state", "envoy-runs", "0", "stdout.log");
  let engine: SimulatedEngine;
  let gateway: LocalGateway;

  beforeAll(async () => {
    const { aigw, envoy } = servingTools();
    engine = await SimulatedEngine.start(
      { ...plannedSimulator(plan), ttftMs: 50, interTokenMs: 20 },
      ENGINE_PORT,
      folder,
    );
    gateway = await LocalGateway.start({
      folder,
      aigw,
      envoy,
      listenerPort: LISTENER_PORT,
      resources: localGatewayResources(servingManifests(plan), {
        listenerPort: LISTENER_PORT,
        replicas: [{ address: "127.0.0.1", port: ENGINE_PORT }],
      }),
      secrets: [withKeys(clientKeysSecret(servingOptions(plan)), { ada: KEY })],
    });
  });

  afterAll(async () => {
    await gateway.stop();
    await engine.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says of each request who sent it, how long it took and how many tokens it had, and nothing of its words", async () => {
    const path = "/v1/chat/completions?note=confidential";
    const answer = await chat(LISTENER_PORT, { key: KEY, maxTokens: 5, prompt: PROMPT, path });
    expect(answer).toMatchObject({ status: 200, complete: true });
    expect(await chat(LISTENER_PORT, { key: `${KEY}-wrong`, prompt: PROMPT, path })).toMatchObject({ status: 401 });

    const [served] = await lines(({ status }) => status === 200);
    expect(served).toMatchObject({
      client: "ada",
      model: "qwen3-32b",
      method: "POST",
      path: "/v1/chat/completions",
      output_tokens: 5,
      attempts: 1,
      replica: `127.0.0.1:${ENGINE_PORT}`,
    });
    expect(served?.["total_tokens"]).toBeGreaterThan(5);
    expect(Number(served?.["duration_ms"])).toBeGreaterThan(Number(served?.["first_byte_ms"]));
    const [refused] = await lines(({ status, method }) => status === 401 && method === "POST");
    expect(refused).toMatchObject({ client: null, model: null, output_tokens: null, replica: null });

    const log = readFileSync(logFile, "utf8");
    for (const word of [PROMPT, KEY, "confidential"]) expect(log).not.toContain(word);
  });

  async function lines(
    isWanted: (line: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    for (let waited = 0; waited < LOG_WAIT_MS; waited += 200) {
      const written = readFileSync(logFile, "utf8").split("\n");
      const found = written.filter((line) => line.startsWith('{"attempts"')).map((line) => Object(JSON.parse(line)));
      const wanted = found.filter(isWanted);
      if (wanted.length > 0) return wanted;
      await delay(200);
    }
    return [];
  }
});
