import { compareVersions } from "./version";

/** What the engine reads out of an answer beside its text. */
export interface AnswerParsers {
  /** Calls of tools. */
  readonly tools?: string;
  /** Thinking, apart from the answer. */
  readonly reasoning?: string;
}

/**
 * Parsers that vLLM's recipes and documents name for a family, all of them among those of 0.33; a model that is not
 * listed answers plain text.
 */
const PARSERS: readonly (AnswerParsers & { readonly keys?: RegExp; readonly modelTypes?: RegExp })[] = [
  { modelTypes: /^qwen3(_moe)?$/, tools: "hermes", reasoning: "qwen3" },
  { keys: /^qwen2\.5-.*instruct/, tools: "hermes" },
  { keys: /^llama-3\.[123]-.*instruct/, tools: "llama3_json" },
  { keys: /^llama-4-.*instruct/, tools: "llama4_pythonic" },
  { modelTypes: /^gpt_oss$/, tools: "openai", reasoning: "openai_gptoss" },
];

/** First version of the package in which all of the names above were looked up. */
const NAMES_READ_IN = "0.33.0";

export function answerParsers(modelKey: string, modelType: string, engineVersion: string): AnswerParsers {
  const found = PARSERS.find(({ keys, modelTypes }) => keys?.test(modelKey) === true || modelTypes?.test(modelType));
  if (found === undefined) return {};
  const { tools, reasoning } = found;
  // Names of Qwen3's parsers are older than what is planned with; of the others nothing is known before.
  if (reasoning !== "qwen3" && compareVersions(engineVersion, NAMES_READ_IN) < 0) return {};
  return { ...(tools === undefined ? {} : { tools }), ...(reasoning === undefined ? {} : { reasoning }) };
}

/** As flags of `vllm serve`. */
export function parserFlags({ tools, reasoning }: AnswerParsers): string[] {
  return [
    ...(reasoning === undefined ? [] : [`--reasoning-parser=${reasoning}`]),
    ...(tools === undefined ? [] : ["--enable-auto-tool-choice", `--tool-call-parser=${tools}`]),
  ];
}
