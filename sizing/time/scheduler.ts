import { KV_BLOCK_TOKENS } from "../memory/kv-cache";
import type { EngineRequest } from "./engine-request";
import { FinishHeap } from "./finish-heap";
import type { StepBatch, StepTimer } from "./step-time";

/** Limits of the engine's scheduler. */
export interface SchedulerLimits {
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  /** Prompt tokens that a step takes at most, whatever the budget leaves; absent: no such limit. */
  readonly promptTokensPerStep?: number;
  /** Tokens that the KV pool holds. */
  readonly kvCacheTokens: number;
  /** Front-end work per streamed token: a step cannot be delivered faster. */
  readonly detokenizeMsPerToken: number;
}

/** Steps in a row that do the same work: each of the `sequences` that decode saw `steps` gaps, from first to last. */
export interface StepSpan {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly steps: number;
  readonly sequences: number;
}

/** Where requests come from. */
export interface RequestSource {
  /** Arrival of the next request, or Infinity. */
  peekMs(): number;
  take(): EngineRequest;
  /** A request has ended; a closed loop sends its next one. */
  finished(request: EngineRequest): void;
}

/** Tokens of its blocks that a sequence leaves empty on average. */
const KV_ROUNDING_TOKENS = (KV_BLOCK_TOKENS - 1) / 2;

/** vLLM V1's scheduler: decodes first, then prompt chunks within the token budget, first come first served. */
export class Scheduler {
  nowMs = 0;
  readonly spans: StepSpan[] = [];
  readonly done: EngineRequest[] = [];
  evictions = 0;
  /** Some request had to wait for the KV pool or for a place among the running ones. */
  waitedForRoom = false;
  maxStepTokens = 0;
  private decodeStep = 0;
  private decodingCount = 0;
  private decodingContext = 0;
  private heldTokens = 0;
  /** Requests that hold KV. */
  private readonly running = new Set<EngineRequest>();
  /** The same in order of admission; entries of those that have left are skipped when met. */
  private readonly admitted: EngineRequest[] = [];
  private readonly prefilling = new Set<EngineRequest>();
  private waiting: EngineRequest[] = [];
  private waitingHead = 0;
  private readonly evicted: EngineRequest[] = [];
  private readonly finishHeap = new FinishHeap();

  constructor(
    private readonly limits: SchedulerLimits,
    private readonly timer: StepTimer,
    private readonly source: RequestSource,
  ) {}

  /** Runs until the source is dry and everything has finished. */
  run(): void {
    for (;;) {
      this.receive();
      if (this.running.size === 0 && this.waitingCount() === 0) {
        const next = this.source.peekMs();
        if (next === Infinity) return;
        this.nowMs = Math.max(this.nowMs, next);
        continue;
      }
      this.makeRoomForDecodes();
      const chunks = this.scheduleChunks();
      if (chunks.length === 0) this.decodeSpan();
      else this.mixedStep(chunks);
    }
  }

  private waitingCount(): number {
    return this.waiting.length - this.waitingHead + this.evicted.length;
  }

  private receive(): void {
    while (this.source.peekMs() <= this.nowMs) this.waiting.push(this.source.take());
  }

  private nextWaiting(): EngineRequest | undefined {
    return this.evicted.at(-1) ?? this.waiting[this.waitingHead];
  }

  private dropWaiting(): void {
    if (this.evicted.length > 0) this.evicted.pop();
    else {
      this.waitingHead += 1;
      if (this.waitingHead > 1024) {
        this.waiting = this.waiting.slice(this.waitingHead);
        this.waitingHead = 0;
      }
    }
  }

  private freeTokens(): number {
    return this.limits.kvCacheTokens - this.heldTokens - this.running.size * KV_ROUNDING_TOKENS;
  }

  /** Evicts the youngest requests until every decoding one can store its next token. */
  private makeRoomForDecodes(): void {
    while (this.freeTokens() < this.decodingCount && this.running.size > 1) {
      const youngest = this.admitted.pop();
      if (youngest === undefined) return;
      if (this.running.has(youngest)) this.evict(youngest);
    }
  }

  private evict(request: EngineRequest): void {
    this.evictions += 1;
    if (request.decoding) this.stopDecoding(request);
    this.running.delete(request);
    this.prefilling.delete(request);
    this.heldTokens -= this.reservedTokens(request);
    request.contextTokens = request.cachedTokens;
    request.pendingTokens = request.promptTokens - request.cachedTokens + request.producedTokens;
    this.evicted.push(request);
  }

  private reservedTokens(request: EngineRequest): number {
    return this.contextOf(request) - request.sharedTokens + (request.decoding ? 0 : request.pendingTokens);
  }

  /** Context of a decoding request is kept as the step at which it ends, so that a span need not touch it. */
  private contextOf(request: EngineRequest): number {
    if (!request.decoding) return request.contextTokens;
    return request.promptTokens + request.outputTokens - 1 - (request.finishStep - this.decodeStep);
  }

  private stopDecoding(request: EngineRequest): void {
    const context = this.contextOf(request);
    this.decodingContext -= context;
    this.decodingCount -= 1;
    request.producedTokens = request.outputTokens - (request.finishStep - this.decodeStep);
    request.decoding = false;
    request.contextTokens = context;
    request.pendingTokens = 0;
    request.finishStep = -1;
  }

  private scheduleChunks(): { request: EngineRequest; tokens: number }[] {
    const chunks: { request: EngineRequest; tokens: number }[] = [];
    let budget = Math.min(
      this.limits.maxNumBatchedTokens - this.decodingCount,
      this.limits.promptTokensPerStep ?? Infinity,
    );
    for (const request of this.prefilling) {
      if (budget <= 0) break;
      const tokens = Math.min(budget, request.pendingTokens);
      chunks.push({ request, tokens });
      budget -= tokens;
    }
    for (let next = this.nextWaiting(); next !== undefined && budget > 0; next = this.nextWaiting()) {
      if (this.running.size >= this.limits.maxNumSeqs) {
        this.waitedForRoom = true;
        break;
      }
      // The whole prompt must fit (scheduler-reserve-full-isl), next to what the decoding ones need now.
      const fits = this.reservedTokens(next) + KV_ROUNDING_TOKENS <= this.freeTokens() - this.decodingCount;
      if (!fits && this.running.size > 0) {
        this.waitedForRoom = true;
        break;
      }
      this.dropWaiting();
      this.running.add(next);
      this.admitted.push(next);
      this.prefilling.add(next);
      this.heldTokens += this.reservedTokens(next);
      const tokens = Math.min(budget, next.pendingTokens);
      chunks.push({ request: next, tokens });
      budget -= tokens;
    }
    return chunks;
  }

  private durationMs(batch: StepBatch): number {
    const rows = batch.decodeSequences + batch.prefillSamples;
    return Math.max(this.timer.stepMs(batch), rows * this.limits.detokenizeMsPerToken);
  }

  private decodeBatch(extraContext: number): StepBatch {
    return {
      prefillTokens: 0,
      prefillTokenPairs: 0,
      prefillRequests: 0,
      prefillSamples: 0,
      decodeSequences: this.decodingCount,
      decodeContextTokens: this.decodingContext + extraContext,
    };
  }

  /** Steps without prompts, all at once: up to the next end of a request, arrival or lack of room. */
  private decodeSpan(): void {
    const count = this.decodingCount;
    const untilFinish = this.finishHeap.nextStep() - this.decodeStep;
    const untilFull = Math.max(1, Math.floor(this.freeTokens() / count));
    let steps = Math.max(1, Math.min(untilFinish, this.running.size > 1 ? untilFull : untilFinish));
    const firstMs = this.durationMs(this.decodeBatch(0));
    let lastMs = steps > 1 ? this.durationMs(this.decodeBatch(count * (steps - 1))) : firstMs;
    const untilArrivalMs = this.source.peekMs() - this.nowMs;
    if (untilArrivalMs < ((firstMs + lastMs) / 2) * steps) {
      const growth = steps > 1 ? (lastMs - firstMs) / (steps - 1) : 0;
      const needed = stepsToPass(untilArrivalMs, firstMs, growth);
      if (needed < steps) {
        lastMs = firstMs + growth * (needed - 1);
        steps = needed;
      }
    }
    this.maxStepTokens = Math.max(this.maxStepTokens, count);
    this.advance(steps, ((firstMs + lastMs) / 2) * steps, { firstMs, lastMs, steps, sequences: count });
  }

  /** A step with prompt chunks, or all steps in a row that a long prompt takes alone. */
  private mixedStep(chunks: readonly { request: EngineRequest; tokens: number }[]): void {
    const steps = this.equalSteps(chunks);
    const firstMs = this.durationMs(this.mixedBatch(chunks, 0));
    const lastMs = steps > 1 ? this.durationMs(this.mixedBatch(chunks, steps - 1)) : firstMs;
    const tokens = chunks.reduce((sum, chunk) => sum + chunk.tokens, 0);
    this.maxStepTokens = Math.max(this.maxStepTokens, tokens + this.decodingCount);
    const sequences = this.decodingCount;
    this.advance(steps, ((firstMs + lastMs) / 2) * steps, { firstMs, lastMs, steps, sequences });
    for (const chunk of chunks) this.finishChunk(chunk.request, chunk.tokens * steps);
  }

  /** While one prompt takes the whole budget of a step nobody else can join, until it ends or a decoding one does. */
  private equalSteps(chunks: readonly { request: EngineRequest; tokens: number }[]): number {
    const chunk = chunks[0];
    if (chunk === undefined || chunks.length > 1 || chunk.request.pendingTokens <= chunk.tokens) return 1;
    const wholeChunks = Math.ceil(chunk.request.pendingTokens / chunk.tokens) - 1;
    if (this.decodingCount === 0) return wholeChunks;
    const untilFinish = this.finishHeap.nextStep() - this.decodeStep;
    const untilFull = Math.floor(this.freeTokens() / this.decodingCount);
    return Math.max(1, Math.min(wholeChunks, untilFinish, untilFull));
  }

  /** The batch after `done` equal steps. */
  private mixedBatch(chunks: readonly { request: EngineRequest; tokens: number }[], done: number): StepBatch {
    let prefillTokens = 0;
    let prefillTokenPairs = 0;
    let prefillSamples = 0;
    for (const { request, tokens } of chunks) {
      prefillTokens += tokens;
      prefillTokenPairs += tokens * (request.contextTokens + tokens * (done + 0.5));
      if (tokens >= request.pendingTokens) prefillSamples += 1;
    }
    return {
      ...this.decodeBatch(this.decodingCount * done),
      prefillTokens,
      prefillTokenPairs,
      prefillRequests: chunks.length,
      prefillSamples,
    };
  }

  private advance(steps: number, ms: number, span: StepSpan): void {
    this.nowMs += ms;
    if (span.sequences > 0) this.spans.push(span);
    this.decodeStep += steps;
    this.decodingContext += this.decodingCount * steps;
    this.heldTokens += this.decodingCount * steps;
    for (let ended = this.finishHeap.popUntil(this.decodeStep); ended !== undefined;) {
      this.finish(ended);
      ended = this.finishHeap.popUntil(this.decodeStep);
    }
  }

  private finishChunk(request: EngineRequest, tokens: number): void {
    request.contextTokens += tokens;
    request.pendingTokens -= tokens;
    if (request.pendingTokens > 0) return;
    this.prefilling.delete(request);
    if (request.producedTokens === 0) request.firstTokenMs = this.nowMs;
    request.producedTokens += 1;
    if (request.producedTokens >= request.outputTokens) {
      this.heldTokens -= this.reservedTokens(request);
      this.running.delete(request);
      this.end(request);
      return;
    }
    request.decoding = true;
    request.finishStep = this.decodeStep + request.outputTokens - request.producedTokens;
    this.decodingCount += 1;
    this.decodingContext += request.contextTokens;
    this.finishHeap.push(request);
  }

  private finish(request: EngineRequest): void {
    this.heldTokens -= this.reservedTokens(request);
    this.stopDecoding(request);
    request.producedTokens = request.outputTokens;
    this.running.delete(request);
    this.end(request);
  }

  private end(request: EngineRequest): void {
    request.finishedMs = this.nowMs;
    this.done.push(request);
    this.source.finished(request);
  }
}

/** Smallest n with n·first + growth·n(n−1)/2 ≥ ms. */
function stepsToPass(ms: number, firstMs: number, growthMs: number): number {
  if (ms <= firstMs) return 1;
  if (growthMs <= 1e-12) return Math.ceil(ms / firstMs);
  const b = firstMs - growthMs / 2;
  return Math.max(1, Math.ceil((-b + Math.sqrt(b * b + 2 * growthMs * ms)) / growthMs));
}
