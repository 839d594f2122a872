import type { TimeValues } from "./coefficients";
import { newRequest, type EngineRequest } from "./engine-request";
import { poissonGaps, type LengthStream } from "./length-distribution";
import type { RequestSource } from "./scheduler";

export interface RequestLengths {
  readonly prompt: LengthStream;
  readonly output: LengthStream;
}

/** The API server: parses and tokenizes one request after the other before the engine sees it. */
class FrontEnd {
  private freeMs = 0;

  constructor(private readonly v: TimeValues) {}

  arrivalMs(sentMs: number, promptTokens: number): number {
    const workMs = (promptTokens / 1000) * this.v.tokenizeMsPerThousand + this.v.parseMs;
    this.freeMs = Math.max(sentMs + this.v.requestMs, this.freeMs) + workMs;
    return this.freeMs;
  }
}

/** Clients that each send the next request when the last has ended. */
export class ClosedLoopSource implements RequestSource {
  private readonly queue: EngineRequest[] = [];
  private head = 0;
  private sent = 0;
  private readonly frontEnd: FrontEnd;

  /** `startMs(i)`: when client i sends its first request; a benchmark starts all of them at once. */
  constructor(
    clients: number,
    private readonly total: number,
    private readonly lengths: RequestLengths,
    startMs: (client: number) => number,
    private readonly v: TimeValues,
  ) {
    this.frontEnd = new FrontEnd(v);
    for (let client = 0; client < Math.min(clients, total); client += 1) this.send(startMs(client));
  }

  peekMs(): number {
    return this.queue[this.head]?.arrivalMs ?? Infinity;
  }

  take(): EngineRequest {
    const request = this.queue[this.head];
    if (request === undefined) throw new Error("take() on an empty source");
    this.head += 1;
    return request;
  }

  finished(request: EngineRequest): void {
    if (this.sent < this.total) this.send(request.finishedMs + this.v.responseMs);
  }

  private send(sentMs: number): void {
    const prompt = this.lengths.prompt(this.sent);
    const output = this.lengths.output(this.sent);
    this.sent += 1;
    this.queue.push(newRequest(sentMs, this.frontEnd.arrivalMs(sentMs, prompt), prompt, output));
  }
}

/** Poisson arrivals, whatever the engine does. */
export class OpenLoopSource implements RequestSource {
  private readonly queue: EngineRequest[] = [];
  private head = 0;

  constructor(requestsPerSecond: number, total: number, lengths: RequestLengths, v: TimeValues) {
    const frontEnd = new FrontEnd(v);
    const gaps = poissonGaps(total);
    let sentMs = 0;
    for (let i = 0; i < total; i += 1) {
      sentMs += ((gaps[i] ?? 1) * 1000) / requestsPerSecond;
      const prompt = lengths.prompt(i);
      this.queue.push(newRequest(sentMs, frontEnd.arrivalMs(sentMs, prompt), prompt, lengths.output(i)));
    }
  }

  peekMs(): number {
    return this.queue[this.head]?.arrivalMs ?? Infinity;
  }

  take(): EngineRequest {
    const request = this.queue[this.head];
    if (request === undefined) throw new Error("take() on an empty source");
    this.head += 1;
    return request;
  }

  finished(): void {
    // Arrivals do not depend on the engine.
  }
}
