import { createParser, type EventSourceParser } from "eventsource-parser";
import { failure, type Outcome, type RequestFailure } from "./outcome";

type Fields = Readonly<Record<string, unknown>>;

/** Of one event; a chunk of tokens has a thousandth of it. Without a bound an endless line would fill the memory. */
const LONGEST_EVENT_CHARACTERS = 2 ** 24;

/**
 * Reads the event stream of one answer as `vllm bench serve` does (vllm/benchmarks/lib/endpoint_request_func.py, 0.33.0):
 * the first chunk of tokens ends the time to the first token, each later one ends a gap, the last one ends the request.
 * Tokens are those of `usage`.
 */
export class AnswerStream {
  private readonly parser: EventSourceParser;
  private readonly chunkTimesMs: number[] = [];
  private outputTokens: number | undefined;
  private promptTokens: number | undefined;
  private isFinished = false;
  private isTooLong = false;
  private fault: RequestFailure | undefined;
  private atMs = 0;

  constructor(private readonly sentMs: number) {
    this.parser = createParser({
      onEvent: ({ data }) => this.readEvent(data),
      onError: ({ type }) => {
        if (type === "max-buffer-size-exceeded") this.isTooLong = true;
      },
      maxBufferSize: LONGEST_EVENT_CHARACTERS,
    });
  }

  /**
   * A piece of the body as it came from the network at `atMs`; all its events count as come at that time. Answers
   * whether the rest is worth reading.
   */
  feed(text: string, atMs: number): boolean {
    if (this.isTooLong) return false;
    this.atMs = atMs;
    this.parser.feed(text);
    if (this.isTooLong) this.fault ??= failure("endless event", `more than ${LONGEST_EVENT_CHARACTERS} characters`);
    return !this.isTooLong;
  }

  /** The body has ended as HTTP wants it to. */
  end(): Outcome {
    if (this.fault !== undefined) return this.failed(this.fault);
    const [firstTokenMs] = this.chunkTimesMs;
    const lastTokenMs = this.chunkTimesMs.at(-1);
    if (firstTokenMs === undefined || lastTokenMs === undefined)
      return this.failed(failure("no tokens", "the answer ended without a token"));
    if (!this.isFinished)
      return this.failed(failure("stream cut", "the answer ended without a finish reason and without [DONE]"));
    return {
      ok: true,
      answer: {
        sentMs: this.sentMs,
        firstTokenMs,
        lastTokenMs,
        gapsMs: this.chunkTimesMs.slice(1).map((atMs, index) => atMs - (this.chunkTimesMs[index] ?? atMs)),
        outputTokens: this.outputTokens ?? this.chunkTimesMs.length,
        countedBy: this.outputTokens === undefined ? "chunks" : "usage",
        ...(this.promptTokens === undefined ? {} : { promptTokens: this.promptTokens }),
      },
    };
  }

  /** The body broke off. */
  broken(detail: string): Outcome {
    return this.failed(this.fault ?? failure("stream cut", `after ${this.chunkTimesMs.length} chunks: ${detail}`));
  }

  private failed(cause: RequestFailure): Outcome {
    return { ok: false, sentMs: this.sentMs, failure: cause };
  }

  private readEvent(data: string): void {
    if (data === "[DONE]") {
      this.isFinished = true;
      return;
    }
    const event = parsedFields(data);
    if (event === undefined) {
      this.fault ??= failure("malformed event", data.slice(0, 100));
      return;
    }
    const error = event["error"];
    if (error !== undefined && error !== null) this.fault ??= failure("error in the stream", errorText(error));
    const choices = event["choices"];
    if (Array.isArray(choices) && choices.length > 0) this.readChoices(choices);
    this.readUsage(fieldsOf(event["usage"]));
  }

  private readChoices(choices: readonly unknown[]): void {
    const choice = fieldsOf(choices[0]);
    if (hasTokens(choice)) this.chunkTimesMs.push(this.atMs);
    const reason = choice?.["finish_reason"];
    if (reason !== undefined && reason !== null) this.isFinished = true;
  }

  private readUsage(usage: Fields | undefined): void {
    this.outputTokens = tokenCount(usage?.["completion_tokens"]) ?? this.outputTokens;
    this.promptTokens = tokenCount(usage?.["prompt_tokens"]) ?? this.promptTokens;
  }
}

/** Where a chat's delta carries what was generated; the last is what older engines and others call the reasoning. */
const GENERATED = ["content", "reasoning", "tool_calls", "function_call", "reasoning_content"] as const;

/**
 * Every chunk of a completion is one of tokens, whatever its text. A chat also has chunks of its own: the first, which
 * says the role, and one that only ends it. A token that decodes to nothing has empty content and no role.
 */
function hasTokens(choice: Fields | undefined): boolean {
  if (choice === undefined || !("delta" in choice)) return true;
  const delta = fieldsOf(choice["delta"]);
  if (delta === undefined) return false;
  return GENERATED.some((field) => Boolean(delta[field])) || (delta["content"] === "" && !("role" in delta));
}

function parsedFields(data: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(data));
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** A server that reports no tokens at all where there was an answer is not believed. */
function tokenCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** The message of an error as OpenAI's API puts it, else all of it. */
export function errorText(error: unknown): string {
  if (typeof error === "string") return error;
  const fields = fieldsOf(error);
  const inner = fields?.["error"] ?? fields?.["message"] ?? fields?.["detail"];
  if (typeof inner === "string") return inner;
  return inner === undefined ? JSON.stringify(error) : errorText(inner);
}
