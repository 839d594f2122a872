import { KV_BLOCK_TOKENS } from "../memory/kv-cache";
import type { Workload } from "../serving-request";

type Lengths = Omit<Workload, "concurrency" | "hourlyConcurrency">;

/** Mean tokens that the engine generates for a request: what it thinks, then the answer. */
export function generatedTokens({ outputTokens, reasoningTokens = 0 }: Lengths): number {
  return reasoningTokens + outputTokens;
}

/** Start of every prompt that is the same for all: stored and computed once, as far as it fills whole blocks of the cache. */
export function sharedTokens({ sharedPrefixTokens = 0 }: Lengths): number {
  return Math.floor(sharedPrefixTokens / KV_BLOCK_TOKENS) * KV_BLOCK_TOKENS;
}

/**
 * Mean tokens that earlier turns leave in the prompt of a turn (the first is 1): what the user said since the shared
 * prefix, and the answers. Chat templates drop the reasoning of earlier turns.
 */
export function historyTokens({ promptTokens, outputTokens, sharedPrefixTokens = 0 }: Lengths, turn: number): number {
  return (turn - 1) * (promptTokens - sharedPrefixTokens + outputTokens);
}

/** Mean tokens of the whole prompt of a turn. */
export function promptTokensOfTurn(lengths: Lengths, turn: number): number {
  return lengths.promptTokens + historyTokens(lengths, turn);
}

/** Mean tokens of the whole prompt over all turns, of which each is as likely. */
export function meanPromptTokens(lengths: Lengths): number {
  return promptTokensOfTurn(lengths, ((lengths.turns ?? 1) + 1) / 2);
}

/** Mean tokens that a request holds when its answer is whole. */
export function tokensPerRequest(lengths: Lengths): number {
  return meanPromptTokens(lengths) + generatedTokens(lengths);
}

/** Mean tokens of a whole request of the last turn. */
export function longestRequestTokens(lengths: Lengths): number {
  return promptTokensOfTurn(lengths, lengths.turns ?? 1) + generatedTokens(lengths);
}

/**
 * Tokens of a turn's prompt that the KV cache already holds, if it kept the history: without a reasoning part the whole
 * request before; with one, that request's prompt alone, because the answer was computed behind tokens that are gone.
 */
export function keptTokens(lengths: Lengths, turn: number): number {
  if (turn <= 1) return sharedTokens(lengths);
  const before = promptTokensOfTurn(lengths, turn - 1);
  const kept = (lengths.reasoningTokens ?? 0) > 0 ? before : before + lengths.outputTokens;
  return Math.floor(kept / KV_BLOCK_TOKENS) * KV_BLOCK_TOKENS;
}

/** Tokens that requests of mean length hold in the KV cache, what they share counted once. */
export function tokensInFlight(lengths: Lengths, requests: number): number {
  const shared = sharedTokens(lengths);
  return shared + requests * (tokensPerRequest(lengths) - shared);
}

/** Requests of mean length that a KV cache holds. */
export function requestsHeld(lengths: Lengths, kvCacheTokens: number): number {
  const shared = sharedTokens(lengths);
  return Math.max(0, Math.floor((kvCacheTokens - shared) / (tokensPerRequest(lengths) - shared)));
}

/** What prefix caching of the conversations comes to. */
export interface HistoryCaching {
  /** Conversations whose user reads or types while others are answered. */
  readonly waitingConversations: number;
  /** Tokens that their histories take. */
  readonly historyTokens: number;
  /** Share of the histories that the KV cache has room to keep. */
  readonly keptShare: number;
  /** Share of the later turns that find their history: kept, and on the replica to which the turn is sent. */
  readonly hitShare: number;
}

/**
 * vLLM keeps what ended requests computed until the room is needed. Assumed, not measured: users take as long to read
 * and type as their answers take, so that beside each turn that is answered one before a later turn waits. Nothing keeps
 * a dialogue on one replica: each of them is as likely to get the next turn.
 */
export function historyCaching(
  lengths: Lengths,
  requests: number,
  kvCacheTokens: number,
  replicas: number,
): HistoryCaching | undefined {
  const { turns = 1 } = lengths;
  if (turns <= 1) return undefined;
  const waitingConversations = (requests * (turns - 1)) / turns;
  // Grows evenly with the turn, so that the middle of the later turns is their mean.
  const each = keptTokens(lengths, (turns + 2) / 2) - sharedTokens(lengths);
  const wanted = waitingConversations * each;
  const spare = kvCacheTokens - tokensInFlight(lengths, requests);
  const keptShare = wanted <= 0 ? 1 : Math.min(1, Math.max(0, spare / wanted));
  return { waitingConversations, historyTokens: wanted, keptShare, hitShare: keptShare / replicas };
}

/** Fewest tokens of a prompt that have to be computed, whatever prefix caching finds: the basis of bounds. */
export function fewestComputedTokens(lengths: Lengths): number {
  return Math.max(1, lengths.promptTokens - sharedTokens(lengths));
}
