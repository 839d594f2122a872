import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { Failure } from "../engine/failure";

// Below the range from which systems take ports of outgoing connections (32768 on Linux, 49152 elsewhere).
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** Ports of 127.0.0.1 that nobody uses. The clone's folder says where to begin, so that two clones do not race. */
export async function freePorts(count: number, clone: string): Promise<number[]> {
  const span = LAST_PORT - FIRST_PORT;
  const begin = createHash("sha256").update(clone).digest().readUInt32BE(0) % span;
  const found: number[] = [];
  for (let step = 0; step < span && found.length < count; step += 1) {
    const port = FIRST_PORT + ((begin + step) % span);
    if (await isFree(port)) found.push(port);
  }
  if (found.length < count) {
    throw new Failure(`No ${count} free ports between ${FIRST_PORT} and ${LAST_PORT} on 127.0.0.1.`);
  }
  return found;
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
