import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { isJsonObject, type JsonObject } from "../../../tools/kubernetes-provider/kube-object";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: JsonObject;
}

export interface Answer {
  readonly code: number;
  readonly body: JsonObject;
  readonly headers?: Record<string, string>;
}

/** What the fake answers instead of acting, for as long as it gives something. */
export type Interceptor = (request: Received) => Answer | "reset" | undefined;

const KINDS: Readonly<Record<string, readonly (readonly [plural: string, kind: string, namespaced: boolean])[]>> = {
  "/api/v1": [
    ["configmaps", "ConfigMap", true],
    ["namespaces", "Namespace", false],
    ["pods", "Pod", true],
    ["secrets", "Secret", true],
  ],
  "/apis/apps/v1": [["deployments", "Deployment", true]],
  "/apis/batch/v1": [["jobs", "Job", true]],
};

/** A Kubernetes API that keeps objects in memory: enough to see what a client sends, and to answer it. */
export class FakeCluster {
  readonly objects = new Map<string, JsonObject>();
  readonly received: Received[] = [];
  intercept: Interceptor = () => undefined;
  #server: Server | undefined;
  #version = 0;

  async start(): Promise<string> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    const body: unknown = JSON.parse((await text(request)) || "{}");
    const received: Received = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: isJsonObject(body) ? body : {},
    };
    this.received.push(received);
    const answer = this.intercept(received) ?? this.#act(received);
    if (answer === "reset") {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.code, { "Content-Type": "application/json", ...answer.headers });
    response.end(JSON.stringify(answer.body));
  }

  #act({ method, path, query, body }: Received): Answer {
    const kinds = KINDS[path];
    if (kinds !== undefined)
      return { code: 200, body: { kind: "APIResourceList", groupVersion: "", resources: kinds.map(toResource) } };
    const known = this.objects.get(path);
    if (method === "PATCH") return { code: 200, body: this.#applied(path, body, query.get("dryRun") === "All") };
    if (known === undefined) return { code: 404, body: refusal(404, "NotFound", `${path} not found`) };
    if (method === "DELETE") this.objects.delete(path);
    return { code: 200, body: known };
  }

  #applied(path: string, body: JsonObject, dryRun: boolean): JsonObject {
    this.#version += 1;
    const metadata = isJsonObject(body["metadata"]) ? body["metadata"] : {};
    const object: JsonObject = {
      ...body,
      metadata: { ...metadata, uid: "u-1", resourceVersion: String(this.#version), generation: 1 },
    };
    if (!dryRun) this.objects.set(path, object);
    return object;
  }
}

function toResource([name, kind, namespaced]: readonly [string, string, boolean]): JsonObject {
  return { name, kind, namespaced };
}

/** A refusal as the API server words it. */
export function refusal(code: number, reason: string, message: string, details: JsonObject = {}): JsonObject {
  return { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message, details };
}

export function kubeconfigFor(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "fake", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "fake", user: {} }],
    contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
    "current-context": "fake",
  });
}
