import { layerCount, type LayerGroup, type ModelArchitecture } from "./architecture";

/** What one pipeline stage holds. */
export interface PipelineStage {
  readonly layerGroups: readonly LayerGroup[];
  /** The embedding table. */
  readonly isFirst: boolean;
  /** The output head, the final norm and the sampler. */
  readonly isLast: boolean;
}

/**
 * Stages as vLLM cuts them (`vllm/distributed/utils.py`, get_pp_indices): equal shares, and what is left over goes to
 * the stages from the second-last backwards, so that the last, which has the head, stays light.
 */
export function pipelineStages(architecture: ModelArchitecture, pipelineParallel: number): readonly PipelineStage[] {
  const layers = layerCount(architecture);
  const share = Math.floor(layers / pipelineParallel);
  const left = layers % pipelineParallel;
  let start = 0;
  return Array.from({ length: pipelineParallel }, (_, stage) => {
    const fromEnd = pipelineParallel - stage;
    const count = share + (fromEnd >= 2 && fromEnd < left + 2 ? 1 : 0);
    const layerGroups = slice(architecture.layerGroups, start, start + count);
    start += count;
    return { layerGroups, isFirst: stage === 0, isLast: stage === pipelineParallel - 1 };
  });
}

function slice(groups: readonly LayerGroup[], from: number, to: number): readonly LayerGroup[] {
  let first = 0;
  return groups.flatMap((group) => {
    const count = Math.min(to, first + group.count) - Math.max(from, first);
    first += group.count;
    return count > 0 ? [{ ...group, count }] : [];
  });
}
