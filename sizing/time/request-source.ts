import type { TimeValues } from "../coefficients";
import { newRequest, type EngineRequest } from "./engine-request";
import { poissonGaps, type LengthStream } from "./length-distribution";
import type { RequestSource } from "./scheduler";

/** Of a prompt: what the KV cache kept and is not computed again, and of that what is stored once for all. */
export interface CachedTokens {
  readonly kept: number;
  readonly shared: number;
}

export interface RequestLengths {
  readonly prompt: LengthStream;
  readonly output: LengthStream;
  /** Share of each prompt that prefix caching finds; absent: nothing. */
  readonly sharedPrefix?: number;
  /** In place of `sharedPrefix`: what prefix caching finds of the prompt of one request. */
  readonly cached?: (index: number, promptTokens: number) => CachedTokens;
}

/** Requests on their way from a client through the API server, which parses and tokenizes one after the other. */
class RequestQueue {
  sent = 0;
  private readonly queue: EngineRequest[] = [];
  private head = 0;
  private frontEndFreeMs = 0;

  constructor(
    private readonly lengths: RequestLengths,
    private readonly v: TimeValues,
  ) {}

  send(sentMs: number): void {
    const prompt = this.lengths.prompt(this.sent);
    const output = this.lengths.output(this.sent);
    const cached = this.cachedTokens(this.sent, prompt);
    this.sent += 1;
    const workMs = this.v.parseMs + (prompt / 1000) * this.v.tokenizeMsPerThousand;
    this.frontEndFreeMs = Math.max(sentMs + this.v.requestMs, this.frontEndFreeMs) + workMs;
    this.queue.push(newRequest(sentMs, this.frontEndFreeMs, prompt, output, cached.kept, cached.shared));
  }

  /** The last token of a prompt is always computed: its logits give the first answer token. */
  private cachedTokens(index: number, prompt: number): CachedTokens {
    const { cached, sharedPrefix = 0 } = this.lengths;
    if (cached !== undefined) return cached(index, prompt);
    const shared = Math.min(Math.floor(prompt * sharedPrefix), prompt - 1);
    return { kept: shared, shared };
  }

  peekMs(): number {
    return this.queue[this.head]?.arrivalMs ?? Infinity;
  }

  take(): EngineRequest {
    const request = this.queue[this.head];
    if (request === undefined) throw new Error("take() from an empty queue");
    this.head += 1;
    return request;
  }
}

/** Clients that each send the next request when the last has ended. */
export class ClosedLoopSource implements RequestSource {
  private readonly queue: RequestQueue;

  /** `startMs(i)`: when client i sends its first request, rising with i; a benchmark starts all of them at once. */
  constructor(
    clients: number,
    private readonly total: number,
    lengths: RequestLengths,
    startMs: (client: number) => number,
    private readonly v: TimeValues,
  ) {
    this.queue = new RequestQueue(lengths, v);
    for (let client = 0; client < Math.min(clients, total); client += 1) this.queue.send(startMs(client));
  }

  peekMs(): number {
    return this.queue.peekMs();
  }

  take(): EngineRequest {
    return this.queue.take();
  }

  finished(request: EngineRequest): void {
    if (this.queue.sent < this.total) this.queue.send(request.finishedMs + this.v.responseMs);
  }
}

/** Poisson arrivals, whatever the engine does. */
export class OpenLoopSource implements RequestSource {
  private readonly queue: RequestQueue;

  constructor(requestsPerSecond: number, total: number, lengths: RequestLengths, v: TimeValues) {
    this.queue = new RequestQueue(lengths, v);
    let sentMs = 0;
    for (const gap of poissonGaps(total)) {
      sentMs += (gap * 1000) / requestsPerSecond;
      this.queue.send(sentMs);
    }
  }

  peekMs(): number {
    return this.queue.peekMs();
  }

  take(): EngineRequest {
    return this.queue.take();
  }

  finished(): void {
    // Arrivals do not depend on the engine.
  }
}
