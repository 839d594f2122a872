import type { ChildProcess } from "node:child_process";
import net from "node:net";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { KubernetesObject } from "../../../../components/kubernetes-object";
import { isJsonObject } from "../../../../tools/kubernetes-provider/kube-object";
import { startBackground, stopBackground } from "../../../../tools/serve/background";
import { servingTools } from "./tools";

const REDIS_PORT = 6379;
const GRPC_PORT = 8090;

/** Where the proxies look for the service, as in a cluster. */
export const RATE_LIMIT_HOST = "envoy-ratelimit.envoy-gateway-system.svc.cluster.local";
const RATE_LIMIT_PORT = 8081;
// Envoy Gateway gives the service its rules here.
const RULES_SERVER = "127.0.0.1:18001";

/** Where the proxies of this machine find their certificate; a folder that every Linux has, covered in the enclosure. */
export const PROXY_CERTIFICATES = "/media";

/**
 * A copy of the gateway's program that takes limits and a choice of replicas by a header from files. Envoy Gateway 1.8.1
 * carries a definition of limits whose maximum is beyond its own format of 32 bits, and refuses every limit that it
 * reads from a file for it; an API server does not mind. Its store of files cannot hold the number that is the default
 * of such a choice's table, and ends; without it Envoy takes the same one. And it tells proxies that run as processes to
 * look for their certificate where only a pod has it. In the copy the maximum fits, the default is a mere title, and the
 * folder exists; nothing else differs.
 */
export function withPoliciesFromFiles(aigw: string, folder: string): string {
  const program = readFileSync(aigw);
  replaceAll(program, "maximum: 4294967295", "maximum: 2147483647");
  replaceAll(program, "default: 65537", 'title: "65537"');
  for (const file of ["ca.crt", "tls.crt", "tls.key"]) {
    replaceAll(program, `/certs/${file}`, `${PROXY_CERTIFICATES}/${file}`);
  }
  const copy = join(folder, "aigw-of-files");
  writeFileSync(copy, program, { mode: 0o755 });
  return copy;
}

function replaceAll(program: Buffer, one: string, other: string): void {
  for (let at = program.indexOf(one); at !== -1; at = program.indexOf(one, at)) program.write(other, at);
}

/**
 * The same resources without the cost of 0 before the answer, which then is 1, so that every request counts as a token
 * more. Envoy Gateway 1.8.1 reads that number as 64 bits without a sign, which its store of files cannot hold: it ends.
 */
export function withoutRequestCost(resources: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const text = JSON.stringify(resources, (key: string, value: unknown) =>
    key === "cost" && isJsonObject(value) ? { response: value["response"] } : value,
  );
  const read: readonly KubernetesObject[] = JSON.parse(text);
  return read;
}

/** What a cluster's Envoy Gateway has in its values, for its own configuration on this machine. */
export function withRateLimits(controllerConfig: string): string {
  return `${controllerConfig}\nrateLimit:\n  backend:\n    type: Redis\n    redis:\n      url: localhost:${REDIS_PORT}\n`;
}

/** Envoy's rate-limit service with its Redis. */
export class RateLimitService {
  // The gateway's program takes the service's port for a health check that nobody needs here: who is first has it. The
  // service itself can only come after the program, which makes its certificate.
  readonly #door = net.createServer((client) => {
    const server = net.connect(GRPC_PORT, "127.0.0.1");
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on("error", () => client.destroy());
  });
  #processes: readonly ChildProcess[] = [];

  /** Takes the port, before the gateway starts. */
  static async reserve(): Promise<RateLimitService> {
    const service = new RateLimitService();
    await new Promise<void>((resolve) => service.#door.listen(RATE_LIMIT_PORT, "127.0.0.1", resolve));
    return service;
  }

  async start(folder: string): Promise<void> {
    const { rateLimitBin, home } = servingTools();
    const certificates = join(home, ".config", "envoy-gateway", "certs", "envoy-rate-limit");
    while (!existsSync(join(certificates, "tls.key"))) await delay(50);
    const redis = startBackground(join(rateLimitBin, "redis"), [String(REDIS_PORT)], {
      log: join(folder, "redis.log"),
    });
    const env = {
      ...process.env,
      BACKEND_TYPE: "redis",
      REDIS_SOCKET_TYPE: "tcp",
      REDIS_URL: `127.0.0.1:${REDIS_PORT}`,
      CONFIG_TYPE: "GRPC_XDS_SOTW",
      CONFIG_GRPC_XDS_NODE_ID: "envoy-ratelimit",
      CONFIG_GRPC_XDS_SERVER_URL: RULES_SERVER,
      CONFIG_GRPC_XDS_SERVER_USE_TLS: "true",
      CONFIG_GRPC_XDS_SERVER_TLS_SAN: "envoy-gateway",
      CONFIG_GRPC_XDS_SERVER_TLS_CACERT: join(certificates, "ca.crt"),
      CONFIG_GRPC_XDS_CLIENT_TLS_CERT: join(certificates, "tls.crt"),
      CONFIG_GRPC_XDS_CLIENT_TLS_KEY: join(certificates, "tls.key"),
      FORCE_START_WITHOUT_INITIAL_CONFIG: "true",
      XDS_CLIENT_BACKOFF_INITIAL_INTERVAL: "1s",
      USE_STATSD: "false",
      HOST: "127.0.0.1",
      PORT: "8091",
      DEBUG_HOST: "127.0.0.1",
      GRPC_SERVER_USE_TLS: "true",
      GRPC_SERVER_TLS_CERT: join(certificates, "tls.crt"),
      GRPC_SERVER_TLS_KEY: join(certificates, "tls.key"),
      GRPC_HOST: "127.0.0.1",
      GRPC_PORT: String(GRPC_PORT),
      LOG_LEVEL: "info",
    };
    const service = startBackground(join(rateLimitBin, "ratelimit-service"), [], {
      log: join(folder, "rate-limit.log"),
      env,
    });
    this.#processes = [service, redis];
  }

  async stop(): Promise<void> {
    this.#door.close();
    for (const child of this.#processes) await stopBackground(child, 3000);
  }
}
