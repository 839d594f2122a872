import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Endpoint } from "./endpoint";
import { failure, type RequestFailure } from "./outcome";
import { INTERRUPTED, networkFailure, refusal, textOf } from "./stream-request";

/** A small answer of the server: its text, or why there is none. */
export type Fetched =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly failure: RequestFailure };

const MOST_CHARACTERS = 20_000_000;

interface FetchOptions {
  /** Of all of it. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** GET of a path of the endpoint, whole. Never throws for what a server or a network does. */
export async function fetchText(endpoint: Endpoint, path: string, options: FetchOptions): Promise<Fetched> {
  const fetched = await getText(endpoint, path, options);
  return fetched.ok ? fetched : { ok: false, failure: endpoint.withoutKey(fetched.failure) };
}

async function getText(endpoint: Endpoint, path: string, { timeoutMs, signal }: FetchOptions): Promise<Fetched> {
  const request = endpoint.request("GET", path);
  const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  const onAbort = (): void => void request.destroy(new Error("the run was ended"));
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    // Closed without a response, as after 101 Switching Protocols: `close` is all that comes.
    const closed = once(request, "close").then((): IncomingMessage[] => []);
    const answered = Promise.race([once(request, "response"), closed]);
    // What breaks off later is told by the response.
    request.on("error", () => undefined);
    request.end();
    const [response]: IncomingMessage[] = await answered;
    if (response === undefined) return { ok: false, failure: failure("connection closed", "without an answer") };
    if (response.statusCode !== 200) return { ok: false, failure: refusal(response, await textOf(response)) };
    return { ok: true, text: await wholeText(response) };
  } catch (error) {
    if (signal?.aborted === true) return { ok: false, failure: failure(INTERRUPTED, "the run was ended") };
    return { ok: false, failure: error instanceof Error ? networkFailure(error) : failure("connection failed", "") };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

async function wholeText(response: IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > MOST_CHARACTERS) throw new Error("the answer does not end");
  }
  return text;
}

/**
 * Names under which the endpoint serves models, as `/v1/models` lists them; undefined where that is no list. A name
 * with control characters, which would steer the terminal that it is shown on, is none.
 */
export function modelNames(text: string): readonly string[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  const data: unknown = typeof list === "object" && list !== null && "data" in list ? list.data : undefined;
  if (!Array.isArray(data)) return undefined;
  return data.flatMap((model: unknown) =>
    typeof model === "object" && model !== null && "id" in model && typeof model.id === "string" && isPlain(model.id)
      ? [model.id]
      : [],
  );
}

function isPlain(name: string): boolean {
  return name !== "" && !/\p{C}/u.test(name);
}
