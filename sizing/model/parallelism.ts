import type { ServingRequest } from "../serving-request";
import type { ModelArchitecture } from "./architecture";
import type { Quantization } from "./precision";
import { tensorParallelFault } from "./tensor-parallel";

/** How one copy of the model is cut: `tensorParallel` GPUs share each layer, `pipelineParallel` such groups share the layers. */
export interface Parallelism {
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
}

const TENSOR_PARALLEL_SIZES = [1, 2, 4, 8, 16];
/** More stages inside of one machine than that only add bubbles and hops. */
const STAGE_COUNTS = [2, 3, 4];

/** GPUs of one copy of the model. */
export function gpusOf({ tensorParallel, pipelineParallel }: Parallelism): number {
  return tensorParallel * pipelineParallel;
}

/** `TP=2`, or `TP=2 PP=2`. */
export function parallelismText({ tensorParallel, pipelineParallel }: Parallelism): string {
  return `TP=${tensorParallel}${pipelineParallel > 1 ? ` PP=${pipelineParallel}` : ""}`;
}

/**
 * The splits to look at on a machine of `gpuCount` cards. Tensor parallelism comes first: it shortens every step, while
 * stages only add memory. A pipeline is searched by itself only where tensor parallelism alone cannot use the machine:
 * heads, KV heads or quantization groups that do not divide, or a number of cards such as 3 or 6. A pinned
 * `tensorParallel` means exactly these GPUs, unless `pipelineParallel` is pinned as well.
 */
export function splitsOf(
  request: Pick<ServingRequest, "tensorParallel" | "pipelineParallel">,
  architecture: ModelArchitecture,
  quantization: Quantization,
  gpuCount: number,
): readonly Parallelism[] {
  const { tensorParallel, pipelineParallel } = request;
  const sizes = tensorParallel === "auto" ? TENSOR_PARALLEL_SIZES : [tensorParallel];
  const stages = pipelineParallel === "auto" ? 1 : pipelineParallel;
  const asked = sizes.map((size) => ({ tensorParallel: size, pipelineParallel: stages }));
  if (tensorParallel !== "auto" || pipelineParallel !== "auto") return asked;
  return [...asked, ...pipelinedSplits(architecture, quantization, gpuCount)];
}

/** Splits with stages that put more cards to use than tensor parallelism does for as many copies in the machine. */
function pipelinedSplits(architecture: ModelArchitecture, quantization: Quantization, gpuCount: number): Parallelism[] {
  const isPossible = (tensorParallel: number, pipelineParallel: number): boolean =>
    tensorParallelFault(architecture, quantization, tensorParallel, pipelineParallel) === undefined;
  const sizes = TENSOR_PARALLEL_SIZES.filter((size) => size <= gpuCount && isPossible(size, 1));
  const splits = new Map<number, Parallelism>();
  for (const tensorParallel of sizes.toReversed()) {
    for (const pipelineParallel of STAGE_COUNTS) {
      const gpus = tensorParallel * pipelineParallel;
      if (gpus > gpuCount || splits.has(gpus) || !isPossible(tensorParallel, pipelineParallel)) continue;
      const copies = Math.floor(gpuCount / gpus);
      const alone = sizes.some((size) => size >= gpus && Math.floor(gpuCount / size) === copies);
      if (!alone) splits.set(gpus, { tensorParallel, pipelineParallel });
    }
  }
  return [...splits.values()];
}
