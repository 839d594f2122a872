import type { Deployment } from "../deployment";
import type { ServiceLevel } from "../serving-request";
import { decodeStepMs } from "../time/simulation";
import { loneTtftMs, meanContextTokens, type SteadyLoad } from "../time/steady-state";
import { generatedTokens } from "../time/workload";
import type { JudgedTimes } from "./limits";

/**
 * Of the time that a prompt alone takes, the share that it costs the others at least when it rides along with their
 * decode steps: weights are read once for both, and several prompts share a step. Of a pipeline only one stage at a time
 * works on a prompt, while the others go on.
 */
const RIDING_PROMPT_SHARE = 0.7;

/** Below it an answer has so few gaps between tokens that bounds on their mean say nothing. */
const SHORT_ANSWER_TOKENS = 8;

/**
 * No request has its first token sooner. A prompt that is alone passes the stages of a pipeline one after the other; among
 * others it is simulated as if it were spread over the micro-batches that fill them.
 */
export function fastestTtftMs(deployment: Deployment, load: SteadyLoad): number {
  return loneTtftMs(deployment, load) / deployment.pipelineParallel;
}

/**
 * Times that no schedule can beat. While a request lives, its own tokens take as many decode steps, and the prompts of
 * all the others pass once: what does not fit into the limit on TTFT stretches the time per token.
 */
export function fastestTimes(deployment: Deployment, load: SteadyLoad, slo: ServiceLevel): JudgedTimes {
  const { concurrency } = load;
  const contextTokens = meanContextTokens(load);
  const tokens = generatedTokens(load);
  const step = (batch: number): number => decodeStepMs(deployment, { batch: Math.max(1, batch), contextTokens });
  const ttftMs = fastestTtftMs(deployment, load);
  const alone = step(1);
  const firstAnswerMs = ttftMs + (load.reasoningTokens ?? 0) * alone;
  const { ttftSeconds } = slo;
  if (concurrency === 1 || ttftSeconds === undefined || tokens < SHORT_ANSWER_TOKENS)
    return { ttftMs, firstAnswerMs, stepMs: alone, endToEndMs: ttftMs + (tokens - 1) * alone };
  const limitMs = ttftSeconds * 1000;
  const decoding = Math.floor((concurrency * tokens * alone) / (tokens * alone + limitMs));
  const prompts =
    (concurrency - 1) *
    (RIDING_PROMPT_SHARE / deployment.pipelineParallel) *
    Math.max(0, loneTtftMs(deployment, load) - alone);
  const lifeMs = tokens * step(decoding) + prompts;
  const stepMs = Math.max(step(decoding), (lifeMs - limitMs) / (tokens - 1));
  return { ttftMs, firstAnswerMs, stepMs, endToEndMs: Math.max(lifeMs, ttftMs + (tokens - 1) * stepMs) };
}
