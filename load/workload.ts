import { promptText, seededRandom, spreadLength } from "./prompts";
import type { PromptScale } from "./prompt-sizing";

export const API_PATHS = { completions: "/v1/completions", chat: "/v1/chat/completions" } as const;
export type Api = keyof typeof API_PATHS;

/** What is sent, before any of it is. */
export interface Workload {
  readonly model: string;
  readonly api: Api;
  readonly prompts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Lengths vary evenly by this share to both sides. */
  readonly spread: number;
  readonly seed: number;
  /** Asks the engine to go on to the full length; a field of vLLM's, not of OpenAI's. */
  readonly ignoreEos: boolean;
}

/** Body of a streamed request, with the fields that `vllm bench serve` sends. */
export function requestBody(
  { model, api, ignoreEos }: Pick<Workload, "model" | "api" | "ignoreEos">,
  prompt: string,
  outputTokens: number,
): object {
  return {
    model,
    ...(api === "chat"
      ? { messages: [{ role: "user", content: prompt }], max_completion_tokens: outputTokens }
      : { prompt, max_tokens: outputTokens }),
    stream: true,
    stream_options: { include_usage: true },
    ...(ignoreEos ? { ignore_eos: true } : {}),
  };
}

/** Request number `index`; warm-up takes numbers that the run does not reach. */
export function workloadRequest(workload: Workload, scale: PromptScale, index: number): object {
  const { seed, inputTokens, outputTokens, spread } = workload;
  const random = seededRandom(seed ^ Math.imul(index + 1, 0x85ebca6b));
  const tokens = spreadLength(inputTokens, spread, random);
  const answer = spreadLength(outputTokens, spread, random);
  return requestBody(workload, promptText(seed, index, scale.wordsFor(tokens)), answer);
}
