/** One request on its way through the engine. */
export interface EngineRequest {
  /** When the client sent it. */
  readonly sentMs: number;
  /** When it reached the scheduler. */
  readonly arrivalMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Start of the prompt that prefix caching finds: not computed. */
  readonly cachedTokens: number;
  /** Of that, what is stored once for all requests. */
  readonly sharedTokens: number;
  /** Tokens in the KV cache, the cached ones included. */
  contextTokens: number;
  /** Prompt (and, after an eviction, answer) tokens still to be computed before the next token. */
  pendingTokens: number;
  producedTokens: number;
  firstTokenMs: number;
  finishedMs: number;
  /** Decode counter at which the last token comes out; also tells stale heap entries apart. */
  finishStep: number;
  decoding: boolean;
}

export function newRequest(
  sentMs: number,
  arrivalMs: number,
  promptTokens: number,
  outputTokens: number,
  cachedTokens: number,
  sharedTokens: number = cachedTokens,
): EngineRequest {
  return {
    sentMs,
    arrivalMs,
    promptTokens,
    outputTokens,
    cachedTokens,
    sharedTokens,
    contextTokens: cachedTokens,
    pendingTokens: promptTokens - cachedTokens,
    producedTokens: 0,
    firstTokenMs: 0,
    finishedMs: 0,
    finishStep: 0,
    decoding: false,
  };
}
