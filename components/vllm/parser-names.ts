import { nearestName } from "../../config/names";

/** Names that the parsers of vLLM 0.33.0 are registered under. Source: tool_parsers and reasoning of its package. */
const KNOWN = {
  tools: [
    "apertus, beam, cohere_command3, cohere_command4, deepseek_v3, deepseek_v31, deepseek_v32, deepseek_v4, deepseek_v41",
    "dots, ernie45, functiongemma, gemma4, gigachat3, glm45, glm47, granite, granite-20b-fc, granite4, hermes, hf",
    "hunyuan_a13b, hy_v3, hy_v4, inkling, internlm, jamba, k2_horizon, kimi_k2, kimi_k3, lfm2, ling3, llama3_json",
    "llama4_json, llama4_pythonic, longcat, mimo, minicpm5, minimax_m2, minimax_m3, mistral, muse, muse_glimmer",
    "musespark1x, olmo3, openai, phi4_mini_json, plamo3, poolside_v1, pythonic, qwen3_coder, qwen3_json, qwen3_xml",
    "seed_oss, step3, step3p5, step5, xlam",
  ],
  reasoning: [
    "beam, cohere_command3, cohere_command4, deepseek_r1, deepseek_v3, deepseek_v4, deepseek_v41, ernie45, gemma4, glm45",
    "glm47, granite, granite_thinking_parser, hf, holo2, hunyuan_a13b, hy_v3, hy_v4, inkling, k2_horizon, kimi_k2, kimi_k3",
    "ling3, mimo, minicpmv, minimax_m2, minimax_m2_append_think, minimax_m3, mistral, muse, muse_glimmer, musespark1x",
    "nemotron_v3, olmo3, openai_gptoss, plamo3, poolside_v1, qwen3, seed_oss, step3, step3p5, step5",
  ],
} as const;

/** Parsers of tool calls, or of thinking, that the engine knows by name. */
function parserNames(kind: keyof typeof KNOWN): readonly string[] {
  return KNOWN[kind].flatMap((line) => line.split(", "));
}

/** What is wanted in place of a name that the engine does not know; undefined when it does. `none` is no parser. */
export function parserNameFault(kind: keyof typeof KNOWN, name: string): string | undefined {
  const names = parserNames(kind);
  if (name === "none" || names.includes(name)) return undefined;
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `such as ${kind === "tools" ? "hermes" : "qwen3"}` : `did you mean ${nearest}?`;
  return `a parser that vLLM 0.33 has, or none (${hint})`;
}
