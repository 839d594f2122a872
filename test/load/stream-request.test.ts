import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { Endpoint } from "../../load/endpoint";
import type { Outcome } from "../../load/outcome";
import { fetchText, modelNames } from "../../load/served-models";
import { streamRequest } from "../../load/stream-request";
import { engine, event, startStream, StreamServer, textChunk, type Answering } from "../support/stream-server";

const open: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.stop();
});

async function serving(answering: Answering): Promise<StreamServer> {
  const server = await new StreamServer(answering).start();
  open.push(server);
  return server;
}

interface Asked {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly apiKey?: string;
}

async function ask(
  url: string,
  { timeoutMs = 5000, signal = new AbortController().signal, apiKey }: Asked = {},
): Promise<Outcome> {
  const endpoint = new Endpoint({ url: new URL(url), ...(apiKey === undefined ? {} : { apiKey }) });
  try {
    const body = { prompt: "a b", max_tokens: 3 };
    return await streamRequest(endpoint, {
      path: "/v1/completions",
      body,
      timeoutMs,
      signal,
      now: () => performance.now(),
    });
  } finally {
    endpoint.close();
  }
}

const refusing =
  (status: number, body: string, headers = {}): Answering =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

/** Ends in neither a response nor an error at the client. */
const switching: Answering = (_, { socket }) =>
  void socket?.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n");

describe("a request", () => {
  test("is answered by a stream with usage", async () => {
    const server = await serving(engine({ firstTokenMs: 5, gapMs: 5 }));
    expect(await ask(server.url)).toMatchObject({
      ok: true,
      answer: { outputTokens: 3, promptTokens: 4, countedBy: "usage" },
    });
    expect(server.received[0]).toMatchObject({ path: "/v1/completions", headers: { accept: "text/event-stream" } });
  });

  test("carries the key as a bearer token, and none where there is none", async () => {
    const server = await serving(engine({ firstTokenMs: 1, gapMs: 1 }));
    await ask(server.url, { apiKey: "sk-1" });
    await ask(server.url);
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual(["Bearer sk-1", undefined]);
  });

  test("keeps the path of the endpoint", async () => {
    const server = await serving(engine({ firstTokenMs: 1, gapMs: 1 }));
    await ask(`${server.url}/team/a/`);
    expect(server.received[0]?.path).toBe("/team/a/v1/completions");
  });

  test("whose kept connection the server has closed is sent again on a new one", async () => {
    let requests = 0;
    const server = await serving((received, response) => {
      requests += 1;
      // The second request comes on the kept connection, which breaks without a word.
      if (requests === 2) response.socket?.destroy();
      else return engine({ firstTokenMs: 1, gapMs: 1 })(received, response);
    });
    const endpoint = new Endpoint({ url: new URL(server.url) });
    const options = {
      path: "/v1/completions",
      body: { prompt: "a", max_tokens: 1 },
      timeoutMs: 5000,
      signal: new AbortController().signal,
      now: () => performance.now(),
    };
    expect((await streamRequest(endpoint, options)).ok).toBe(true);
    // A socket goes back to its pool in the turn after its answer has ended.
    await delay(1);
    expect((await streamRequest(endpoint, options)).ok).toBe(true);
    expect(requests).toBe(3);
    endpoint.close();
  });
});

const cut = (response: ServerResponse): void => {
  startStream(response);
  response.write(event(textChunk("a")), () => response.destroy());
};

describe("a failure is named by its cause", () => {
  test.each<[string, Answering, string, string]>([
    ["429 with an OpenAI error", refusing(429, '{"error":{"message":"queue is full"}}'), "HTTP 429", "queue is full"],
    [
      "a proxy's page",
      refusing(503, "<html><h1>no healthy\u001b[31m upstream</h1></html>"),
      "HTTP 503",
      "no healthy [31m upstream",
    ],
    ["a redirect", refusing(301, "", { location: "https://elsewhere/" }), "HTTP 301", "to https://elsewhere/"],
    [
      "a whole JSON answer",
      refusing(200, "{}", { "content-type": "application/json" }),
      "no event stream",
      "the answer is application/json",
    ],
    [
      "a packed stream",
      refusing(200, "", { "content-type": "text/event-stream", "content-encoding": "gzip" }),
      "encoded stream",
      "content-encoding gzip, which was not asked for",
    ],
    ["another protocol", switching, "connection closed", "without an answer"],
    ["a cut stream", (_, response) => cut(response), "stream cut", "after 1 chunks: aborted"],
    ["a hang-up before the first byte", (_, response) => void response.destroy(), "connection reset", "socket hang up"],
  ])("%s", async (_, answering, kind, detail) => {
    const server = await serving(answering);
    expect(await ask(server.url)).toMatchObject({ ok: false, failure: { kind, detail } });
  });

  test("a server that sends no headers in time", async () => {
    const server = await serving(() => undefined);
    expect(await ask(server.url, { timeoutMs: 50 })).toMatchObject({
      ok: false,
      failure: { kind: "timeout", detail: "no whole answer within 0.05 s" },
    });
  });

  test("a stream that stands still", async () => {
    const server = await serving((_, response) => {
      startStream(response);
      response.write(event(textChunk("a")));
    });
    expect(await ask(server.url, { timeoutMs: 100 })).toMatchObject({ ok: false, failure: { kind: "timeout" } });
  });

  test("a port where nobody listens", async () => {
    const server = await serving(() => undefined);
    await server.stop();
    open.splice(0);
    expect(await ask(server.url)).toMatchObject({ ok: false, failure: { kind: "connection refused" } });
  });

  test("a line that does not end is read no further", async () => {
    const piece = "x".repeat(2 ** 20);
    const server = await serving((_, response) => {
      startStream(response);
      response.write("data: ");
      const more = (): void => {
        while (!response.destroyed && response.write(piece));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect(await ask(server.url)).toMatchObject({
      ok: false,
      failure: { kind: "endless event", detail: "more than 16777216 characters" },
    });
  });

  test.each([
    ["whole", (key: string) => `no such key: ${key}!`, "no such key: [the API key]!"],
    [
      "cut off by the length of what is shown",
      (key: string) => "x".repeat(290) + key,
      `${"x".repeat(290)}[the API key]`,
    ],
  ])("a key that the server repeats is not told, %s", async (_, page, detail) => {
    const key = "sk-0123456789abcdef";
    const server = await serving(refusing(401, page(key)));
    expect(await ask(server.url, { apiKey: key })).toMatchObject({ ok: false, failure: { kind: "HTTP 401", detail } });
    expect(
      await fetchText(new Endpoint({ url: new URL(server.url), apiKey: key }), "/v1/models", { timeoutMs: 5000 }),
    ).toEqual({
      ok: false,
      failure: { kind: "HTTP 401", detail },
    });
  });

  test("a key that is a mere word stays in what the server says", async () => {
    const server = await serving(refusing(401, "no token: the token is EMPTY"));
    expect(await ask(server.url, { apiKey: "token" })).toMatchObject({
      failure: { detail: "no token: the token is EMPTY" },
    });
  });

  test("a run that is ended", async () => {
    const controller = new AbortController();
    const server = await serving((_, response) => {
      startStream(response);
      response.write(event(textChunk("a")), () => controller.abort());
    });
    expect(await ask(server.url, { signal: controller.signal })).toMatchObject({
      ok: false,
      failure: { kind: "interrupted" },
    });
    expect(await ask(server.url, { signal: controller.signal })).toMatchObject({
      ok: false,
      failure: { kind: "interrupted" },
    });
  });
});

describe("a page", () => {
  test("of an error that does not end is given up", async () => {
    const server = await serving((_, response) => {
      response.writeHead(500);
      response.write("<h1>oops</h1>");
    });
    const endpoint = new Endpoint({ url: new URL(server.url) });
    expect(await fetchText(endpoint, "/metrics", { timeoutMs: 100 })).toEqual({
      ok: false,
      failure: { kind: "HTTP 500", detail: "oops" },
    });
  });

  test("that is another protocol is no page", async () => {
    const server = await serving(switching);
    const endpoint = new Endpoint({ url: new URL(server.url) });
    expect(await fetchText(endpoint, "/metrics", { timeoutMs: 5000 })).toEqual({
      ok: false,
      failure: { kind: "connection closed", detail: "without an answer" },
    });
  });
});

test("names of models are those that can be shown", () => {
  const names = ["qwen3-32b", "\u001b]0;title\u0007", "two\nlines", ""];
  expect(modelNames(JSON.stringify({ data: names.map((id) => ({ id })) }))).toEqual(["qwen3-32b"]);
});
