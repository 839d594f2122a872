import { printable } from "../config/printable";

/** What the client saw of one answered request; times are readings of one clock, in milliseconds. */
export interface Answer {
  readonly sentMs: number;
  readonly firstTokenMs: number;
  /** When the last chunk with a token came; the usage that follows it is no token. */
  readonly lastTokenMs: number;
  /** Between chunks with tokens. */
  readonly gapsMs: readonly number[];
  readonly outputTokens: number;
  /** Where the tokens were counted: by the server, or as chunks because the server does not tell. */
  readonly countedBy: "usage" | "chunks";
  /** Absent where the server does not tell. */
  readonly promptTokens?: number;
}

/** Why a request has no answer. `kind` groups failures of one cause, `detail` is what was said of this one. */
export interface RequestFailure {
  readonly kind: string;
  readonly detail: string;
}

export type Outcome =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly sentMs: number; readonly failure: RequestFailure };

export function sentMsOf(outcome: Outcome): number {
  return outcome.ok ? outcome.answer.sentMs : outcome.sentMs;
}

const LONGEST_DETAIL = 300;

/** A failure whose detail is one line of bearable length, whatever the server sent. */
export function failure(kind: string, detail: string): RequestFailure {
  const line = printable(detail).replaceAll(/\s+/g, " ").trim();
  return { kind, detail: line.length > LONGEST_DETAIL ? `${line.slice(0, LONGEST_DETAIL)}…` : line };
}
