/**
 * Common English words, each of them one token with its leading space in the vocabularies of today (GPT, Llama, Qwen,
 * Gemma, Mistral); how many tokens a prompt really has is asked from the server (prompt-sizing.ts).
 */
const WORDS = (
  "time year people way day man thing woman life child world school state family student group country problem hand " +
  "part place case week company system program question work government number night point home water room mother " +
  "area money story fact month lot right study book eye job word business issue side kind head house service friend " +
  "father power hour game line end member law car city community name president team minute idea body information " +
  "back parent face level office door health person art war history party result change morning reason research girl " +
  "moment air teacher force education foot boy age policy music market sense nation plan college interest death " +
  "experience effect use class control field development role effort rate heart drug show leader light voice wife " +
  "police mind price report decision son view relationship town road form value action model season society tax " +
  "director position player record paper space ground event official matter center couple site project activity star " +
  "table need court oil situation cost industry figure street image phone data picture practice piece land product"
).split(" ");

/** A generator of numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Spreads seeds that follow each other, so that runs with seeds 1 and 2 share no prompt. */
const SEED_STRIDE = 0x9e3779b1;

/** Prompt number `index` of a seed, of so many words: other words from the first on, so that no cache of prefixes helps. */
export function promptText(seed: number, index: number, words: number): string {
  const random = seededRandom(Math.imul(seed, SEED_STRIDE) + index);
  const chosen: string[] = [];
  for (let i = 0; i < words; i += 1) chosen.push(WORDS[Math.floor(random() * WORDS.length)] ?? "time");
  return chosen.join(" ");
}

/** A whole length between `mean` · (1 − spread) and `mean` · (1 + spread), each as likely, at least 1. */
export function spreadLength(mean: number, spread: number, random: () => number): number {
  const least = Math.max(1, Math.round(mean * (1 - spread)));
  const most = Math.max(least, Math.round(mean * (1 + spread)));
  return least + Math.floor(random() * (most - least + 1));
}
