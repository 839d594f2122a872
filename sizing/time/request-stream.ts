import type { Workload } from "../serving-request";
import { ANSWER_STEP, fraction, lengthStream, type LengthStream } from "./length-distribution";
import { spreadOfLengths } from "./length-spread";
import type { CachedTokens, RequestLengths } from "./request-source";
import { generatedTokens, historyTokens, keptTokens, sharedTokens } from "./workload";

/** A kind of request that is sent now and then among the others, and whose times alone are looked at. */
export interface Probe {
  readonly promptTokens: number;
  readonly generatedTokens: number;
  /** Turn of the dialogue, from 1. */
  readonly turn: number;
}

export interface RequestStream {
  readonly lengths: RequestLengths;
  readonly isProbe: (index: number) => boolean;
  /** Requests differ, so that more of them are needed for a 95th percentile. */
  readonly varies: boolean;
}

/** One request in so many is the probe: often enough to be counted, seldom enough not to be the load. */
const PROBE_EVERY = 10;

/** Of the turns of a dialogue, however many they are. */
const TURN_STEP = Math.SQRT2 - 1;
/** Of the decision whether a later turn finds its history: yet another order than that of the lengths. */
const HIT_STEP = 0.754_877_666_246_692_7;

export interface StreamOptions {
  readonly historyHitShare: number;
  readonly maxModelLen: number;
  readonly probe?: Probe;
}

/** Requests of a workload in a fixed order; `historyHitShare` of the later turns find their history in the KV cache. */
export function requestStream(
  workload: Workload,
  { historyHitShare, maxModelLen, probe }: StreamOptions,
): RequestStream {
  const { promptTokens, promptTokensP95, outputTokens, outputTokensP95, turns = 1, sharedPrefixTokens = 0 } = workload;
  const own = promptTokens - sharedPrefixTokens;
  const ownP95 = promptTokensP95 === undefined ? undefined : promptTokensP95 - sharedPrefixTokens;
  const ownPrompt = lengthStream(own, spreadOfLengths(own, ownP95), 0.25);
  const generated = generatedTokens(workload);
  const spread = spreadOfLengths(outputTokens, outputTokensP95);
  const output = spread > 0 ? lengthStream(generated, spread, 0.5, ANSWER_STEP) : lengthStream(generated, 0, 0.5);
  const isProbe = (index: number): boolean => probe !== undefined && index % PROBE_EVERY === 0;
  const turnOf = (index: number): number =>
    probe !== undefined && isProbe(index) ? probe.turn : 1 + Math.floor(fraction((index + 1) * TURN_STEP) * turns);
  const prompt: LengthStream = (index) => {
    const first =
      probe !== undefined && isProbe(index)
        ? Math.round(probe.promptTokens)
        : Math.round(sharedPrefixTokens) + ownPrompt(index);
    const history = Math.round(historyTokens(workload, turnOf(index)));
    return Math.min(first + history, maxModelLen - 1);
  };
  const cached = (index: number, wholePrompt: number): CachedTokens => {
    const shared = Math.min(sharedTokens(workload), wholePrompt - 1);
    const isHit = fraction((index + 1) * HIT_STEP) < historyHitShare;
    const kept = isHit ? Math.min(keptTokens(workload, turnOf(index)), wholePrompt - 1) : shared;
    return { kept, shared };
  };
  return {
    lengths: {
      prompt,
      output: (index) =>
        probe !== undefined && isProbe(index)
          ? Math.max(1, Math.round(probe.generatedTokens))
          : Math.min(output(index), Math.max(1, maxModelLen - prompt(index))),
      cached,
    },
    isProbe,
    varies: probe !== undefined || turns > 1 || promptTokensP95 !== undefined || spread > 0,
  };
}
