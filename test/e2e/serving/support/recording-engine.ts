import http from "node:http";

/** A request as an engine has received it, whole. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly bodyBytes: number;
}

const ANSWER = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "qwen3-32b",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

/** An engine that writes down all that reaches it and answers everything alike. */
export class RecordingEngine {
  readonly received: Received[] = [];
  readonly #server: http.Server;

  private constructor(answer: (response: http.ServerResponse) => void) {
    this.#server = http.createServer((request, response) => {
      let bodyBytes = 0;
      request.on("data", (chunk: Buffer) => (bodyBytes += chunk.length));
      request.on("error", () => {});
      request.on("end", () => {
        this.received.push({
          method: request.method ?? "",
          url: request.url ?? "",
          headers: request.headers,
          bodyBytes,
        });
        answer(response);
      });
    });
  }

  static async start(answer = answerAtOnce): Promise<RecordingEngine> {
    const engine = new RecordingEngine(answer);
    await new Promise<void>((resolve) => engine.#server.listen(0, "127.0.0.1", resolve));
    return engine;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the engine does not listen");
    return address.port;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function answerAtOnce(response: http.ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(ANSWER));
}
