import type { Quantization } from "../model/precision";

/**
 * From these two numbers on together, unquantized weights are refused. It is a decision, not arithmetic: they may fit,
 * but leave little room to grow and decode slower than quantized ones. The policy pack judges by the same numbers.
 */
export const UNQUANTIZED_LIMITS = { concurrency: 50, parameters: 20e9 } as const;

export interface UnquantizedLimits {
  readonly concurrency: number;
  readonly parameters: number;
}

/** Whether 16-bit weights of a model this large at this concurrency are refused. */
export function isUnquantizedAtScale(
  plan: { readonly quantization: Quantization; readonly parameters: number; readonly concurrency: number },
  limits: UnquantizedLimits = UNQUANTIZED_LIMITS,
): boolean {
  return plan.quantization === "bf16" && plan.parameters >= limits.parameters && plan.concurrency >= limits.concurrency;
}
