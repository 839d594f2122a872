import type { QualityNote } from "../../sizing/compare/comparison";

const AIMULTIPLE = { source: "https://aimultiple.com/llm-quantization", date: "2026-03-17" } as const;
const KURTIC = { source: "https://arxiv.org/abs/2411.02355", date: "2024-11-04" } as const;
/** The page has no day of its own; this is the day on which it was read. */
const QWEN2 = {
  source: "https://qwen.readthedocs.io/en/latest/getting_started/quantization_benchmark.html",
  date: "2026-11-22",
} as const;

/** What others measured of answers; notes without a model are shown where nothing is known of the model itself. */
export const QUALITY_NOTES = [
  {
    quantization: "fp8",
    model: "qwen3-32b",
    text: "MMLU-Pro 69.64 %, where FP16 has 70.24 %",
    ...AIMULTIPLE,
  },
  {
    quantization: "fp8",
    text: "no loss at any size of Llama 3.1; nothing found on this model",
    ...KURTIC,
  },
  {
    quantization: "int8-w8a8",
    text: "1 to 3 % less accurate on Llama 3.1 when well tuned; nothing found on this model",
    ...KURTIC,
  },
  {
    quantization: "int4-w4a16",
    model: "qwen3-32b",
    text: "GPTQ: less than 2 points lost on MMLU-Pro, but 8 points on HumanEval (code)",
    ...AIMULTIPLE,
  },
  {
    quantization: "int4-w4a16",
    model: "qwen3-32b",
    text: "AWQ on Qwen2-72B, not on this model: mean of MMLU, C-Eval and IFEval 80.4, where FP16 has 81.3",
    ...QWEN2,
  },
  {
    quantization: "int4-w4a16",
    model: "qwen3-8b",
    text: "AWQ: GSM8K 88.8 %, where FP16 has 91.8 %; MMLU STEM 66.8 %, where FP16 has 71.8 %",
    source: "https://huggingface.co/Rodder5/Qwen3-8B-W4A16-AWQ",
    date: "2026-11-22",
  },
  {
    quantization: "int4-w4a16",
    text: "competitive with INT8 on Llama 3.1; nothing found on this model",
    ...KURTIC,
  },
] as const satisfies readonly QualityNote[];
