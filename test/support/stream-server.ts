import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A request as the server read it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Readonly<Record<string, unknown>>;
}

export type Answering = (request: Received, response: ServerResponse) => Promise<void> | void;

/** A server on loopback that answers as a test wants it to, and remembers what it was asked. */
export class StreamServer {
  readonly received: Received[] = [];
  url = "";
  /** Most requests that were open at the same time. */
  mostOpen = 0;
  private open = 0;
  private readonly server: Server;

  constructor(private readonly answering: Answering) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const address: AddressInfo | string | null = this.server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    this.url = `http://127.0.0.1:${address.port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const body: Record<string, unknown> = text === "" ? {} : JSON.parse(text);
    const received = { path: request.url ?? "", headers: request.headers, body };
    this.received.push(received);
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    response.on("close", () => (this.open -= 1));
    await this.answering(received, response);
  }
}

export function startStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
}

export function event(value: object | string): string {
  return `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
}

export function textChunk(text: string, finishReason: string | null = null): object {
  return { choices: [{ index: 0, text, finish_reason: finishReason }] };
}

/** Tokens of a prompt as this engine counts them: its words and the two of a template around them. */
function promptTokensOf({ body }: Received): number {
  return JSON.stringify(body["prompt"] ?? body["messages"]).split(" ").length + 2;
}

export interface EngineTimes {
  readonly firstTokenMs: number;
  readonly gapMs: number;
}

/** A well-behaved engine of these times: `/v1/models`, and answers of exactly max_tokens with usage at the end. */
export function engine({ firstTokenMs, gapMs }: EngineTimes): Answering {
  return async (request, response) => {
    if (request.path === "/v1/models") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ object: "list", data: [{ id: "served-model" }, { id: "adapter" }] }));
      return;
    }
    const tokens = Number(request.body["max_tokens"] ?? request.body["max_completion_tokens"]);
    startStream(response);
    response.flushHeaders();
    for (let token = 1; token <= tokens; token += 1) {
      await delay(token === 1 ? firstTokenMs : gapMs);
      response.write(event(textChunk("word ", token === tokens ? "length" : null)));
    }
    const usage = { prompt_tokens: promptTokensOf(request), completion_tokens: tokens };
    response.end(event({ choices: [], usage }) + event("[DONE]"));
  };
}
