import type { ClientRequest, IncomingMessage } from "node:http";
import { AnswerStream, errorText } from "./answer-stream";
import type { Endpoint } from "./endpoint";
import { failure, type Outcome, type RequestFailure } from "./outcome";

export interface StreamOptions {
  readonly path: string;
  readonly body: object;
  /** From sending to the end of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** One clock for the whole run. */
  readonly now: () => number;
}

/** The request was given up because the run was: it is neither answered nor failed. */
export const INTERRUPTED = "interrupted";

const MOST_ERROR_CHARACTERS = 4000;

/** Sends one request and reads its streamed answer to the end. Never throws for what a server or a network does. */
export async function streamRequest(endpoint: Endpoint, options: StreamOptions): Promise<Outcome> {
  const first = await sendOnce(endpoint, options);
  // A server may close an idle connection at the moment when it is used again: no fault of the server, nor slow.
  return first.isStale ? (await sendOnce(endpoint, options)).outcome : first.outcome;
}

interface Sent {
  readonly outcome: Outcome;
  readonly isStale: boolean;
}

function sendOnce(endpoint: Endpoint, { path, body, timeoutMs, signal, now }: StreamOptions): Promise<Sent> {
  const text = JSON.stringify(body);
  return new Promise((resolve) => {
    const sentMs = now();
    const request = endpoint.request("POST", path, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      accept: "text/event-stream",
    });
    let given: RequestFailure | undefined;
    const giveUp = (cause: RequestFailure): void => {
      given ??= cause;
      request.destroy();
    };
    const onAbort = (): void => giveUp(failure(INTERRUPTED, "the run was ended"));
    const timer = setTimeout(
      () => giveUp(failure("timeout", `no whole answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    const settle = (outcome: Outcome, isStale = false): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      const said = given === undefined ? outcome : { ok: false as const, sentMs, failure: given };
      resolve({ outcome: said.ok ? said : { ...said, failure: endpoint.withoutKey(said.failure) }, isStale });
    };
    signal.addEventListener("abort", onAbort, { once: true });
    let isAnswered = false;
    request.on("response", (response) => {
      isAnswered = true;
      readAnswer(response, sentMs, now, settle);
    });
    // Without a response or an error, as after 101 Switching Protocols: `close` is all that comes.
    request.on("close", () => {
      if (!isAnswered) settle({ ok: false, sentMs, failure: failure("connection closed", "without an answer") });
    });
    request.on("error", (error) => {
      const isStale = given === undefined && isStaleSocket(request, error);
      settle({ ok: false, sentMs, failure: networkFailure(error) }, isStale);
    });
    if (signal.aborted) onAbort();
    request.end(text);
  });
}

function readAnswer(
  response: IncomingMessage,
  sentMs: number,
  now: () => number,
  settle: (outcome: Outcome) => void,
): void {
  response.setEncoding("utf8");
  const type = response.headers["content-type"] ?? "no content type";
  if (response.statusCode !== 200 || !type.includes("text/event-stream")) {
    void textOf(response).then((text) => settle({ ok: false, sentMs, failure: refusal(response, text) }));
    return;
  }
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") {
    settle({
      ok: false,
      sentMs,
      failure: failure("encoded stream", `content-encoding ${encoding}, which was not asked for`),
    });
    response.destroy();
    return;
  }
  const stream = new AnswerStream(sentMs);
  response.on("data", (text: string) => {
    if (stream.feed(text, now())) return;
    settle(stream.end());
    response.destroy();
  });
  response.on("end", () => settle(stream.end()));
  response.on("error", (error) => settle(stream.broken(error.message)));
}

/** What the server says in place of an answer. */
export function refusal({ statusCode = 0, headers }: IncomingMessage, text: string): RequestFailure {
  if (statusCode === 200)
    return failure("no event stream", `the answer is ${headers["content-type"] ?? "of no content type"}`);
  const where = headers.location === undefined ? "" : `to ${headers.location} `;
  return failure(`HTTP ${statusCode}`, `${where}${messageOf(text)}`);
}

/** The message of an error answer, which is JSON from an engine and text or a page from a proxy. */
function messageOf(text: string): string {
  try {
    return errorText(JSON.parse(text));
  } catch {
    return text.replaceAll(/<[^>]*>/g, " ");
  }
}

/** The beginning of a body; what breaks off is what there is. */
export async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  try {
    for await (const chunk of response) {
      if (text.length < MOST_ERROR_CHARACTERS) text += String(chunk);
    }
  } catch {
    return text;
  }
  return text;
}

function isStaleSocket(request: ClientRequest, error: Error): boolean {
  return request.reusedSocket && codeOf(error) === "ECONNRESET";
}

const KINDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  ENOTFOUND: "unknown host",
  EAI_AGAIN: "unknown host",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "unreachable",
  EPROTO: "no TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "no TLS",
};

/** A failure of the network or of TLS, named by what it means. */
export function networkFailure(error: Error): RequestFailure {
  const code = codeOf(error);
  const isCertificate = code.includes("CERT") || code.startsWith("ERR_TLS") || code.startsWith("UNABLE_TO");
  const kind = KINDS[code] ?? (isCertificate ? "certificate" : "connection failed");
  return failure(kind, error.message === "" ? code : error.message);
}

/** Of several addresses that were tried, the first one's code stands for all. */
function codeOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && "code" in first ? String(first.code) : "";
}
