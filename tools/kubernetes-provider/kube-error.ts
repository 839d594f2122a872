import { isJsonObject, stringAt, valueAt } from "./kube-object";

/** The API server answered, and refused. The message is the server's own, which names field, value and reason. */
export class ApiError extends Error {
  readonly code: number;
  /** The server's machine-readable reason, such as NotFound, Conflict, Invalid. */
  readonly reason: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: number, reason: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The API server could not be reached, or broke off in the middle of an answer. */
export class ConnectionError extends Error {
  /** The system's code, such as ECONNREFUSED. */
  readonly code: string;

  constructor(server: string, code: string, detail: string) {
    super(`the Kubernetes API server at ${server} does not answer: ${detail}`);
    this.name = "ConnectionError";
    this.code = code;
  }
}

const CONNECTION_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "its host name is unknown",
  EAI_AGAIN: "its host name cannot be resolved now",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its network cannot be reached",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed and the kubeconfig does not trust it",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not signed by the authority that the kubeconfig names",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not signed by the authority that the kubeconfig names",
};

export function connectionError(server: string, cause: unknown): ConnectionError {
  const code = stringAt(cause, "code") ?? "";
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ConnectionError(server, code, CONNECTION_WORDS[code] ?? message);
}

/** Reads a refusal: a Status object normally, plain text from proxies and authentication layers. */
export function apiError(code: number, body: string, retryAfter: string | undefined): ApiError {
  const retryAfterSeconds = retryAfter === undefined ? undefined : Number.parseInt(retryAfter, 10);
  const status = parseJson(body);
  const seconds = Number.isNaN(retryAfterSeconds) ? undefined : retryAfterSeconds;
  if (isJsonObject(status) && status["kind"] === "Status") {
    const message = stringAt(status, "message") ?? "";
    const causes = causesNotIn(message, status);
    const text = [message === "" ? `the server answered ${code}` : message, ...causes].join("; ");
    return new ApiError(code, stringAt(status, "reason") ?? "", oneLine(text), seconds);
  }
  const text = body.trim() === "" ? `the server answered ${code} without a reason` : `${code}: ${body}`;
  return new ApiError(code, "", oneLine(text).slice(0, 2000), seconds);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409 && error.reason === "Conflict";
}

/** The words of any error, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function causesNotIn(message: string, status: object): string[] {
  const causes = valueAt(status, "details", "causes");
  if (!Array.isArray(causes)) return [];
  return causes.flatMap((cause: unknown) => {
    const text = stringAt(cause, "message") ?? "";
    const field = stringAt(cause, "field");
    if (text === "" || message.includes(text)) return [];
    return [field === undefined ? text : `${field}: ${text}`];
  });
}

/** The value of a JSON text, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").trim();
}
