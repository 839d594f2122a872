import http from "node:http";
import net from "node:net";

export interface ChatRequest {
  readonly key?: string;
  readonly model?: string;
  /** Exactly so many are generated. */
  readonly maxTokens?: number;
  readonly prompt?: string;
  readonly stream?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the body that the other fields make. */
  readonly body?: string;
  readonly path?: string;
  readonly signal?: AbortSignal;
  /** Called with the number of the event, as it comes. */
  readonly onEvent?: (count: number) => void;
}

/** An answer as the client has seen it; times since the request was sent. */
export interface Answer {
  /** 0 where none came. */
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** When each event with a token came. */
  readonly tokenMs: readonly number[];
  /** The stream ended as it should: with its last event, and not in the middle. */
  readonly complete: boolean;
  readonly endMs: number;
}

/** One request for a chat answer, over a connection of its own. */
export function chat(port: number, request: ChatRequest = {}): Promise<Answer> {
  const body = request.body ?? chatBody(request);
  const began = performance.now();
  return new Promise((resolve) => {
    let status = 0;
    let headers: http.IncomingHttpHeaders = {};
    let text = "";
    const tokenMs: number[] = [];
    const finish = (clean: boolean) => {
      const complete = clean && (request.stream === false || text.trimEnd().endsWith("data: [DONE]"));
      resolve({ status, headers, body: text, tokenMs, complete, endMs: performance.now() - began });
    };
    const path = request.path ?? "/v1/chat/completions";
    const options = { host: "127.0.0.1", port, path, method: "POST", agent: false, headers: headersOf(request, body) };
    const sent = http.request({ ...options, ...(request.signal && { signal: request.signal }) }, (response) => {
      status = response.statusCode ?? 0;
      headers = response.headers;
      let rest = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        const events = (rest + chunk.toString()).split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events) {
          if (!event.includes('"delta":{"content"')) continue;
          tokenMs.push(performance.now() - began);
          request.onEvent?.(tokenMs.length);
        }
      });
      response.on("end", () => finish(true));
      response.on("error", () => finish(false));
    });
    sent.on("error", () => finish(false));
    sent.end(body);
  });
}

function headersOf(request: ChatRequest, body: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...(request.key === undefined ? {} : { authorization: `Bearer ${request.key}` }),
    ...request.headers,
  };
}

export function chatBody({ model, maxTokens, prompt, stream }: ChatRequest): string {
  return JSON.stringify({
    model: model ?? "qwen3-32b",
    max_tokens: maxTokens ?? 5,
    ignore_eos: true,
    stream: stream ?? true,
    messages: [{ role: "user", content: prompt ?? "Hello" }],
  });
}

/** What a server answers to these bytes, up to the end of the connection or the time given. */
export function raw(port: number, bytes: string, waitMs = 3000): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = net.connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    setTimeout(() => socket.destroy(), waitMs);
  });
}

/** The longest time between two tokens of an answer, and the middle one. */
export function gaps(answer: Answer): { medianMs: number; longestMs: number } {
  const sorted = answer.tokenMs
    .slice(1)
    .map((at, index) => at - (answer.tokenMs[index] ?? 0))
    .toSorted((one, other) => one - other);
  return { medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0, longestMs: sorted.at(-1) ?? 0 };
}
