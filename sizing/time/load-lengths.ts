import type { TimeValues } from "../coefficients";
import type { ReplicaLoad } from "../deployment";
import { KV_BLOCK_TOKENS } from "../memory/kv-cache";
import { ANSWER_STEP, lengthStream, type LengthStream } from "./length-distribution";
import { spreadOfLengths } from "./length-spread";
import type { RequestLengths } from "./request-source";

/** A mean that is no whole number can only come from answers of different length; benchmarks set whole ones. */
function spreadOf(tokens: number, v: TimeValues): number {
  return Number.isInteger(tokens) ? 0 : v.varyingLengthSpread;
}

/** Lengths of a load; none is longer than the context leaves room for. */
export function lengthsOf(load: ReplicaLoad, maxModelLen: number, v: TimeValues): RequestLengths {
  const { inputTokens, outputTokens, inputTokensP95, outputTokensP95, sharedPrefixTokens } = load;
  const spread =
    outputTokensP95 === undefined ? spreadOf(outputTokens, v) : spreadOfLengths(outputTokens, outputTokensP95);
  const prompt = lengthStream(inputTokens, spreadOfLengths(inputTokens, inputTokensP95), 0.25);
  const output = lengthStream(outputTokens, spread, 0.5, inputTokensP95 === undefined ? undefined : ANSWER_STEP);
  return {
    prompt: atMost(prompt, maxModelLen - outputTokens),
    output: atMost(output, maxModelLen - inputTokens),
    ...(sharedPrefixTokens === undefined
      ? { sharedPrefix: load.arrivals.kind === "open-loop" ? v.openLoopSharedPrefix : 0 }
      : { cached: wholeBlocks(sharedPrefixTokens) }),
  };
}

function atMost(lengths: LengthStream, most: number): LengthStream {
  return (index) => Math.max(1, Math.min(lengths(index), Math.floor(most)));
}

/** The cache finds whole blocks, and at least the last token of a prompt is computed. */
function wholeBlocks(sharedPrefixTokens: number): NonNullable<RequestLengths["cached"]> {
  const blocks = Math.floor(sharedPrefixTokens / KV_BLOCK_TOKENS) * KV_BLOCK_TOKENS;
  return (_, promptTokens) => {
    const kept = Math.max(0, Math.min(blocks, promptTokens - 1));
    return { kept, shared: kept };
  };
}
