import http from "node:http";
import https from "node:https";
import type { RequestFailure } from "./outcome";

/** An OpenAI-compatible server and how to talk to it. */
export interface EndpointOptions {
  /** Without `/v1`; a path before it is kept. */
  readonly url: URL;
  /** Sent as a bearer token; never printed. */
  readonly apiKey?: string;
  /** PEM of the authority that signed the server's certificate, in place of the system's. */
  readonly ca?: string;
}

const HIDDEN_KEY = "[the API key]";
/** A shorter key, such as `EMPTY`, is a word that servers want for form's sake and may say for other reasons. */
const LEAST_SECRET_CHARACTERS = 8;
/** A shorter beginning of a key tells nothing of it. */
const LEAST_TOLD_CHARACTERS = 4;

/** The endpoint with its connections, which are kept open between requests as a busy client's are. */
export class Endpoint {
  private readonly agent: http.Agent;
  private readonly client: typeof http | typeof https;

  constructor(private readonly options: EndpointOptions) {
    // One socket a request in flight and no limit: the load decides how many there are.
    const pool = { keepAlive: true, maxSockets: Infinity };
    const isTls = options.url.protocol === "https:";
    this.client = isTls ? https : http;
    this.agent = isTls
      ? new https.Agent({ ...pool, ...(options.ca === undefined ? {} : { ca: options.ca }) })
      : new http.Agent(pool);
  }

  /** Starts a request; the caller writes the body and listens. */
  request(method: "GET" | "POST", path: string, headers: http.OutgoingHttpHeaders = {}): http.ClientRequest {
    const { url, apiKey } = this.options;
    const target = new URL(`${url.pathname.replace(/\/+$/, "")}${path}`, url);
    const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    return this.client.request(target, { method, agent: this.agent, headers: { ...headers, ...authorization } });
  }

  /** What the server said, without the key: some repeat what they were sent, and it may be cut off in the middle. */
  withoutKey({ kind, detail }: RequestFailure): RequestFailure {
    const key = this.options.apiKey;
    if (key === undefined || key.length < LEAST_SECRET_CHARACTERS) return { kind, detail };
    const clean = detail.replaceAll(key, HIDDEN_KEY);
    const text = clean.replace(/…$/, "");
    for (let length = key.length - 1; length >= LEAST_TOLD_CHARACTERS; length -= 1)
      if (text.endsWith(key.slice(0, length))) return { kind, detail: `${text.slice(0, -length)}${HIDDEN_KEY}` };
    return { kind, detail: clean };
  }

  close(): void {
    this.agent.destroy();
  }
}
