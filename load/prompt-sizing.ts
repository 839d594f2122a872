import type { Outcome } from "./outcome";
import { promptText } from "./prompts";

/** How many words make a prompt of so many tokens. */
export interface PromptScale {
  readonly wordsFor: (tokens: number) => number;
  /** Whether the server told how many tokens the probes had. */
  readonly isMeasured: boolean;
}

const ONE_TOKEN_A_WORD: PromptScale = { wordsFor: (tokens) => tokens, isMeasured: false };

/** Of the asked length; the shorter one tells what every prompt has beside its words (a chat template). */
const SHORT_PROBE_SHARE = 0.5;
const LEAST_PROBE_WORDS = 4;
/** Numbers of prompts that no run reaches. */
const PROBE_INDEX = -1000;

/**
 * Tokens a word, and tokens of the template around them, from the prompt tokens that the server counts for a short and
 * a long prompt. So no tokenizer is needed, and none of another version can be wrong; `/tokenize` would tell the same,
 * but only where the engine is reached without its gateway.
 */
export async function measureScale(
  tokens: number,
  seed: number,
  probe: (prompt: string) => Promise<Outcome>,
): Promise<{ readonly scale: PromptScale } | { readonly failed: Extract<Outcome, { ok: false }> }> {
  const long = Math.max(LEAST_PROBE_WORDS * 2, tokens);
  const short = Math.max(LEAST_PROBE_WORDS, Math.round(long * SHORT_PROBE_SHARE));
  const points: { readonly words: number; readonly tokens: number }[] = [];
  for (const words of [short, long]) {
    const outcome = await probe(promptText(seed, PROBE_INDEX - words, words));
    if (!outcome.ok) return { failed: outcome };
    if (outcome.answer.promptTokens !== undefined) points.push({ words, tokens: outcome.answer.promptTokens });
  }
  const [low, high] = points;
  if (low === undefined || high === undefined || high.tokens <= low.tokens) return { scale: ONE_TOKEN_A_WORD };
  return { scale: scaleOf(low, high) };
}

type Point = { readonly words: number; readonly tokens: number };

function scaleOf(low: Point, high: Point): PromptScale {
  const tokensPerWord = (high.tokens - low.tokens) / (high.words - low.words);
  const aroundThem = high.tokens - tokensPerWord * high.words;
  return {
    wordsFor: (tokens) => Math.max(1, Math.round((tokens - aroundThem) / tokensPerWord)),
    isMeasured: true,
  };
}
