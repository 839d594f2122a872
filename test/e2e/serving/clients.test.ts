import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { gatewayLimits } from "../../../components/gateway/limits";
import { chat, chatBody, raw } from "./support/client";
import { RecordingEngine } from "./support/recording-engine";
import { planFor, ServingStack } from "./support/serving-stack";

const FIRST = "key-of-the-first-client-0123456789";
const SECOND = "key-of-the-second-client-012345678";
const plan = planFor(50);
const MIB = 2 ** 20;

describe("what clients may do at the gateway", () => {
  let engine: RecordingEngine;
  let stack: ServingStack;

  beforeAll(async () => {
    engine = await RecordingEngine.start();
    stack = await ServingStack.start({ plan, enginePorts: [engine.port], clients: { first: FIRST, second: SECOND } });
  });

  afterEach(() => {
    engine.received.length = 0;
  });

  afterAll(async () => {
    await stack.stop();
    engine.stop();
  });

  const once = (request: Parameters<typeof chat>[1]) => chat(stack.port, { key: FIRST, stream: false, ...request });

  it("a key opens the door; the engine learns the client's name and never the key", async () => {
    expect(await once({ key: SECOND })).toMatchObject({ status: 200 });
    expect(engine.received).toHaveLength(1);
    const [received] = engine.received;
    expect(received).toMatchObject({ method: "POST", url: "/v1/chat/completions" });
    expect(received?.headers["x-client-id"]).toBe("second");
    expect(received?.headers).not.toHaveProperty("authorization");
  });

  it.each([
    ["no key", { authorization: "" }],
    ["a wrong key", { authorization: "Bearer key-of-nobody-0123456789012345" }],
    ["the beginning of a key", { authorization: `Bearer ${FIRST.slice(0, -1)}` }],
    ["a client's name in place of its key", { authorization: "Bearer first" }],
    ["a key in another header", { authorization: "", "x-api-key": FIRST }],
    ["a name that the client gives itself", { authorization: "", "x-client-id": "first" }],
  ])("with %s the answer is 401", async (_what, headers) => {
    expect(await once({ headers })).toMatchObject({ status: 401 });
    expect(engine.received).toEqual([]);
  });

  it("a revoked key stops working, and the others go on", async () => {
    expect(await once({ key: SECOND })).toMatchObject({ status: 200 });
    await stack.revoke("second");
    let status = 200;
    for (let tries = 0; status === 200 && tries < 100; tries += 1) {
      status = (await once({ key: SECOND })).status;
      await delay(100);
    }
    expect(status).toBe(401);
    expect(await once({})).toMatchObject({ status: 200 });
  });

  it("a prompt of 1 MB arrives whole", async () => {
    const prompt = "word ".repeat(200_000);
    expect(await once({ prompt })).toMatchObject({ status: 200 });
    expect(engine.received[0]?.bodyBytes).toBe(Buffer.byteLength(chatBody({ prompt, stream: false })));
  });

  it("a body above the limit is refused with 413", async () => {
    const body = `{"model":"qwen3-32b","messages":[{"role":"user","content":"${"x".repeat(gatewayLimits(plan).bodyMiB * MIB)}"}]}`;
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${FIRST}\r\nContent-Type: application/json\r\n`;
    expect(await raw(stack.port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`)).toMatch(/^HTTP\/1\.1 413 /);
    expect(engine.received).toEqual([]);
  });

  it.each([
    ["no JSON", { body: '{"model":"qwen3-32b","messages":' }, 400],
    ["an empty body", { body: "" }, 404],
    ["no model", { body: '{"messages":[]}' }, 404],
    ["an unknown model", { model: "gpt-4" }, 404],
    [
      "an unknown model, and a known one in the header that routes",
      { model: "gpt-4", headers: { "x-ai-eg-model": "qwen3-32b" } },
      404,
    ],
  ])("%s is refused", async (_what, request, status) => {
    expect((await once(request)).status).toBe(status);
    expect(engine.received).toEqual([]);
  });

  it.each([
    ["a line break", "qwen3-32b\n"],
    ["a zero byte", "qwen3\0-32b"],
    ["100,000 characters", "a".repeat(100_000)],
  ])(
    "a model's name with %s, which no header can hold, is answered by the gateway's 500 and goes nowhere",
    async (_what, model) => {
      expect((await once({ model })).status).toBe(500);
      expect(engine.received).toEqual([]);
      expect(await once({})).toMatchObject({ status: 200 });
    },
  );

  it.each(["/anthropic/v1/messages", "/cohere/v2/rerank"])(
    "%s, which AI Gateway offers beside /v1, wants a key as well and reaches nothing else of the engine",
    async (path) => {
      expect(await once({ path, key: "key-of-nobody-0123456789012345" })).toMatchObject({ status: 401 });
      expect(engine.received).toEqual([]);
      await once({ path });
      expect(engine.received.filter(({ url }) => url !== "/v1/chat/completions")).toEqual([]);
    },
  );

  it("what a client writes into the gateway's own headers does not get past it", async () => {
    const headers = {
      "x-ai-eg-model": "gpt-4",
      "x-client-id": "second",
      "x-gateway-destination-endpoint": "127.0.0.1:1",
      "x-envoy-upstream-rq-timeout-ms": "1",
    };
    expect(await once({ headers })).toMatchObject({ status: 200 });
    expect(engine.received[0]?.headers["x-client-id"]).toBe("first");
    expect(engine.received[0]?.headers).not.toHaveProperty("x-gateway-destination-endpoint");
  });

  it.each([
    "/metrics",
    "/v1/../metrics",
    "/v1/%2e%2e/metrics",
    "/v1/%2e%2e%2fmetrics",
    "/v1/..%2fmetrics",
    "/v1/%252e%252e/metrics",
    "//metrics",
    "/v1//../metrics",
    "/v1/chat/completions/../../../metrics",
    "/v1/chat/completions%2f..%2f..%2f..%2fmetrics",
    "/v1/..;/metrics",
    "/V1/../METRICS",
    "/admin/config",
    "/sleep",
    "/health",
    "/",
  ])("%s never reaches the engine, with a key and a model that would be routed", async (path) => {
    for (const method of ["GET", "POST"]) {
      const body = method === "POST" ? chatBody({ stream: false }) : "";
      const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${FIRST}\r\nx-ai-eg-model: qwen3-32b\r\n`;
      const sent = `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
      expect(await raw(stack.port, sent)).toMatch(/^HTTP\/1\.1 (400|404|405) /);
    }
    expect(engine.received).toEqual([]);
  });

  it("the gateway says itself, without a key, that it lives", async () => {
    expect(await raw(stack.port, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 200 /,
    );
    expect(engine.received).toEqual([]);
  });

  const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${FIRST}\r\n`;
  const SMUGGLED = "0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

  it.each([
    [
      "two lengths of the body",
      `${HEAD}Content-Length: ${SMUGGLED.length}\r\nTransfer-Encoding: chunked\r\n\r\n${SMUGGLED}`,
    ],
    ["a length twice", `${HEAD}Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello`],
    ["a length that is no number", `${HEAD}Content-Length: +5\r\n\r\nhello`],
    ["an unknown transfer encoding", `${HEAD}Transfer-Encoding: xchunked\r\n\r\n${SMUGGLED}`],
    ["a blank before the colon", `${HEAD}Transfer-Encoding : chunked\r\n\r\n${SMUGGLED}`],
    ["a folded header", `${HEAD}Transfer-Encoding:\r\n chunked\r\n\r\n${SMUGGLED}`],
    ["an underscore in a header's name", `${HEAD}x_client_id: second\r\nContent-Length: 0\r\n\r\n`],
    ["a zero byte in a header", `${HEAD}x-a: a\0b\r\nContent-Length: 0\r\n\r\n`],
    ["no host", `POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer ${FIRST}\r\nContent-Length: 0\r\n\r\n`],
  ])("a request with %s is refused with 4xx", async (_what, bytes) => {
    const answer = await raw(stack.port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|501) /);
    // One answer: what came after it was not taken for a second request.
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(engine.received).toEqual([]);
  });

  it("headers of 100 KB are refused with 431", async () => {
    const answer = await raw(stack.port, `${HEAD}x-large: ${"a".repeat(100_000)}\r\nContent-Length: 0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(engine.received).toEqual([]);
  });

  it("a client that never finishes its request is given up, while others are served", async () => {
    const slow = raw(stack.port, `${HEAD}Content-Length: 1000\r\n\r\n{"model":`, 75_000);
    expect(await once({})).toMatchObject({ status: 200 });
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
    expect(engine.received).toHaveLength(1);
  });
});
