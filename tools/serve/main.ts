import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startReplica, type Replica } from "./replica";
import { LocalGateway } from "./gateway";
import { withKeys } from "./client-keys";
import { READY_FILE, SETTINGS_FILE } from "./serving-places";
import type { ServingSettings } from "./serving-settings";

/** Runs in the enclosure: the simulated engines and the gateway before them, until it is asked to end. */
async function main(folder: string): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => resolve());
  });
  const settings: ServingSettings = JSON.parse(await readFile(join(folder, SETTINGS_FILE), "utf8"));
  const replicas = settings.replicas.map(({ port, args }) =>
    startReplica(settings.tools.simulator, args, folder, `replica-${port}`),
  );
  try {
    await serve(settings, folder, asked);
  } finally {
    await Promise.all(replicas.map((replica: Replica) => replica.stop()));
  }
}

async function serve(settings: ServingSettings, folder: string, asked: Promise<void>): Promise<void> {
  const key = (await readFile(settings.keyFile, "utf8")).trim();
  const gateway = await LocalGateway.start({
    folder,
    aigw: settings.tools.aigw,
    envoy: settings.tools.envoy,
    listenerPort: settings.listenerPort,
    resources: settings.resources,
    secrets: [withKeys(settings.clientKeys, { local: key })],
  });
  try {
    await writeFile(join(folder, READY_FILE), "");
    await Promise.race([asked, new Promise((resolve) => gateway.process.once("exit", resolve))]);
  } finally {
    await gateway.stop();
  }
}

main(process.argv[2] ?? "").then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
