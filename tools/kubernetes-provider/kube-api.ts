import http from "node:http";
import https from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { ApiError, apiError, ConnectionError, connectionError, parseJson } from "./kube-error";
import { isJsonObject, isKubeObject, type JsonObject, type KubeObject } from "./kube-object";

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | boolean | undefined>>;
  readonly body?: JsonObject | readonly JsonObject[];
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  /** Take over fields that other managers own. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
  /** Whether an unknown field is refused (the default) or only dropped with a warning. */
  readonly fieldValidation?: "Strict" | "Warn";
  readonly signal?: AbortSignal | undefined;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const REQUEST_TIMEOUT_MS = 60_000;
const RETRIES = 4;
const RETRY_DELAY_MS = 250;

/**
 * The Kubernetes API over plain HTTPS. Only the credentials come from `@kubernetes/client-node`: its typed models
 * drop fields that they do not know and turn times into Dates, which would corrupt custom resources.
 */
export class KubeApi {
  readonly server: string;
  readonly #config: KubeConfig;
  #agent: http.Agent | undefined;

  constructor(config: KubeConfig) {
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error("the kubeconfig has no current cluster");
    this.server = server.replace(/\/+$/, "");
    this.#config = config;
  }

  get(path: string, options: RequestOptions = {}): Promise<KubeObject> {
    return this.#object("GET", path, options);
  }

  create(path: string, object: JsonObject, options: RequestOptions = {}): Promise<KubeObject> {
    return this.#object("POST", path, { ...options, body: object });
  }

  replace(path: string, object: JsonObject, options: RequestOptions = {}): Promise<KubeObject> {
    return this.#object("PUT", path, { ...options, body: object });
  }

  /** Server-side apply: creates the object or takes over the fields that it names. */
  apply(path: string, object: JsonObject, options: ApplyOptions): Promise<KubeObject> {
    return this.#object("PATCH", path, {
      contentType: "application/apply-patch+yaml",
      query: {
        fieldManager: options.fieldManager,
        fieldValidation: options.fieldValidation ?? "Strict",
        force: options.force === true ? true : undefined,
        dryRun: options.dryRun === true ? "All" : undefined,
      },
      body: object,
      signal: options.signal,
    });
  }

  patch(path: string, contentType: string, body: JsonObject | readonly JsonObject[], options: RequestOptions = {}) {
    return this.#object("PATCH", path, { ...options, contentType, body });
  }

  delete(path: string, options: RequestOptions = {}): Promise<KubeObject> {
    return this.#object("DELETE", path, { body: {}, ...options });
  }

  /** A request whose answer is an object. */
  async #object(method: Method, path: string, options: RequestOptions): Promise<KubeObject> {
    const object = await this.request(method, path, options);
    if (isKubeObject(object)) return object;
    throw new ConnectionError(this.server, "EPROTO", `it sent no object for ${path}`);
  }

  /** One request, tried again where the server asks for it or the connection broke before an answer. */
  async request(method: Method, path: string, options: RequestOptions = {}): Promise<JsonObject> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#once(method, path, options);
      } catch (error) {
        const waitMs = attempt < RETRIES ? retryDelayMs(error, method, attempt) : undefined;
        if (waitMs === undefined) throw error;
        await delay(waitMs, undefined, { signal: options.signal });
      }
    }
  }

  /** Closes idle connections, so that the process can end. */
  close(): void {
    this.#agent?.destroy();
    this.#agent = undefined;
  }

  async #once(method: Method, path: string, options: RequestOptions): Promise<JsonObject> {
    const url = new URL(this.server + path);
    for (const [key, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
    const request: https.RequestOptions = { method, headers: headersFor(body, options.contentType) };
    await this.#authenticate(request);
    const answer = await this.#send(url, request, body, options.signal);
    if (answer.code >= 200 && answer.code < 300) return this.#parse(answer.body);
    // Credentials may have been renewed behind our back: the next request reads them afresh.
    if (answer.code === 401) this.#agent = undefined;
    throw apiError(answer.code, answer.body, answer.retryAfter);
  }

  #parse(body: string): JsonObject {
    const object = parseJson(body);
    // Lists of kinds have no apiVersion, all else has.
    if (isJsonObject(object) && typeof object["kind"] === "string") return object;
    throw new ConnectionError(this.server, "EPROTO", "what answers there is no Kubernetes API");
  }

  async #authenticate(request: https.RequestOptions): Promise<void> {
    await this.#config.applyToHTTPSOptions(request);
    this.#agent ??= keptAlive(request.agent);
    request.agent = this.#agent;
  }

  #send(url: URL, options: https.RequestOptions, body: Buffer | undefined, signal: AbortSignal | undefined) {
    return new Promise<{ code: number; body: string; retryAfter: string | undefined }>((resolve, reject) => {
      const client = url.protocol === "https:" ? https : http;
      const fail = (cause: unknown) => reject(signal?.aborted === true ? cause : connectionError(this.server, cause));
      const request = client.request(url, { ...options, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ code: response.statusCode ?? 0, body: text, retryAfter: response.headers["retry-after"] });
        });
      });
      request.setTimeout(REQUEST_TIMEOUT_MS, () => {
        request.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" }));
      });
      request.on("error", fail);
      request.end(body);
    });
  }
}

/** The headers of a request. Node sends DELETE bodies without a length, which garbles a kept-alive connection. */
function headersFor(body: Buffer | undefined, contentType = "application/json"): Record<string, string | number> {
  const accept = { Accept: "application/json" };
  if (body === undefined) return accept;
  return { ...accept, "Content-Type": contentType, "Content-Length": body.length };
}

/** How long to wait before a request is tried again; undefined means that the error stands. */
function retryDelayMs(error: unknown, method: string, attempt: number): number | undefined {
  const backoffMs = RETRY_DELAY_MS * 2 ** attempt;
  if (error instanceof ApiError) {
    const asked = error.retryAfterSeconds;
    if (error.code === 429) return asked === undefined ? backoffMs : asked * 1000;
    return error.code >= 500 && asked !== undefined ? asked * 1000 : undefined;
  }
  // A create that broke off may have happened: only what can be repeated without harm is.
  const brokeOff = error instanceof ConnectionError && (error.code === "ECONNRESET" || error.code === "EPIPE");
  return brokeOff && method !== "POST" ? backoffMs : undefined;
}

// The agents of the kubeconfig library open a connection for every request. One that goes through a proxy stays as is.
function keptAlive(agent: https.RequestOptions["agent"]): http.Agent | undefined {
  if (typeof agent === "boolean" || agent === undefined) return undefined;
  if (agent.constructor === http.Agent) return new http.Agent({ keepAlive: true });
  if (agent instanceof https.Agent && agent.constructor === https.Agent) {
    return new https.Agent({ ...agent.options, keepAlive: true });
  }
  return agent;
}
