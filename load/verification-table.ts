import { columns, paint, whole, wrap } from "../sizing/report/text";
import type { FeasiblePlan } from "../sizing/serving-plan";
import type { VerifiedFigure } from "./verification";

const NAMES: Readonly<Record<VerifiedFigure["name"], string>> = {
  engineVersion: "engine version",
  weightsGiB: "weights, GiB per GPU",
  activationGiB: "activation, GiB per GPU",
  nonTorchGiB: "non-torch, GiB per GPU",
  cudaGraphGiB: "CUDA graphs, GiB per GPU",
  kvCacheGiB: "KV cache, GiB per GPU",
  kvCacheTokens: "KV cache, tokens",
  loadTokens: "KV cache for the load, tokens",
  maxModelLen: "max-model-len",
  maxNumSeqs: "max-num-seqs",
  maxNumBatchedTokens: "max-num-batched-tokens",
  gpuMemoryUtilization: "gpu-memory-utilization",
  tensorParallel: "tensor-parallel-size",
  pipelineParallel: "pipeline-parallel-size",
};

const MARKS = { pass: "PASS", fail: "FAIL", "not found": "-" } as const;

/** The figures of a started engine beside the plan's, for a terminal. */
export function verificationTable(
  plan: FeasiblePlan,
  figures: readonly VerifiedFigure[],
  { color }: { readonly color: boolean },
): string {
  const style = paint(color);
  const known = figures.filter(({ verdict }) => verdict !== "not found");
  const missing = figures.filter(({ verdict }) => verdict === "not found");
  const rows = known.map(({ name, planned, found, verdict, rule }) => [
    MARKS[verdict],
    NAMES[name],
    shown(name, planned),
    shown(name, found),
    difference(name, planned, found),
    rule,
  ]);
  const lines = columns([["", "", "planned", "found", "difference", "wanted"], ...rows], [2, 3, 4]);
  return [
    style.bold(`${plan.model.key} as ${plan.quantization} on ${plan.hardware.tensorParallel} x ${plan.hardware.gpu}`),
    ...lines.map((line, index) => {
      const verdict = known[index - 1]?.verdict;
      return `  ${verdict === "fail" ? style.red(line) : verdict === "pass" ? style.green(line) : style.dim(line)}`;
    }),
    ...(missing.length === 0
      ? []
      : wrap(`not found: ${missing.map(({ name }) => NAMES[name]).join("; ")}`, "  ", "    ").map(style.yellow)),
    "",
  ].join("\n");
}

function shown(name: VerifiedFigure["name"], value: number | string | undefined): string {
  if (typeof value !== "number") return value ?? "";
  if (name === "gpuMemoryUtilization") return String(value);
  return name.endsWith("GiB") ? value.toFixed(2) : whole(value);
}

function difference(
  name: VerifiedFigure["name"],
  planned: number | string,
  found: number | string | undefined,
): string {
  if (typeof planned !== "number" || typeof found !== "number" || planned === 0) return "";
  const percent = ((found - planned) / planned) * 100;
  const sign = found >= planned ? "+" : "-";
  const digits = name.endsWith("GiB") ? Math.abs(found - planned).toFixed(2) : shown(name, Math.abs(found - planned));
  return found === planned ? "0" : `${sign}${digits} (${sign}${Math.abs(percent).toFixed(1)} %)`;
}
