import { layerCount, type Attention, type LayerGroup, type ModelArchitecture } from "./architecture";
import type { Quantization } from "./precision";

const DEFAULT_GROUP = 128;

/** Why the engine would refuse this split of the model, or undefined when it can be. */
export function tensorParallelFault(
  architecture: ModelArchitecture,
  quantization: Quantization,
  tensorParallel: number,
  pipelineParallel: number,
): string | undefined {
  const layers = layerCount(architecture);
  if (pipelineParallel > layers)
    return `pipelineParallel ${pipelineParallel} is more than the model's ${layers} layers`;
  if (tensorParallel === 1) return undefined;
  for (const group of architecture.layerGroups) {
    const fault =
      attentionFault(group.attention, tensorParallel) ?? groupFault(group, architecture, quantization, tensorParallel);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function attentionFault(attention: Attention, tensorParallel: number): string | undefined {
  if (attention.kind === "recurrent") return undefined;
  if (attention.queryHeads % tensorParallel !== 0) {
    return `tensorParallel ${tensorParallel} does not divide the ${attention.queryHeads} attention heads`;
  }
  if (attention.kind === "latent") return undefined;
  const { kvHeads } = attention;
  if (kvHeads % tensorParallel !== 0 && tensorParallel % kvHeads !== 0) {
    return `tensorParallel ${tensorParallel} neither divides nor is a multiple of the ${kvHeads} KV heads`;
  }
  return undefined;
}

/** Each rank must hold whole quantization groups (`marlin.py`: partition % group_size) or whole FP8 blocks. */
function groupFault(
  group: LayerGroup,
  architecture: ModelArchitecture,
  quantization: Quantization,
  tensorParallel: number,
): string | undefined {
  const size = groupSize(architecture, quantization);
  const { mlp } = group;
  const width = mlp.kind === "dense" ? mlp.intermediateSize : mlp.expertIntermediateSize;
  if (width % tensorParallel !== 0) return `tensorParallel ${tensorParallel} does not divide the MLP width ${width}`;
  if (size === undefined || (width / tensorParallel) % size === 0) return undefined;
  return `tensorParallel ${tensorParallel} leaves ${width / tensorParallel} of the MLP width ${width} on a rank, no whole number of quantization groups of ${size}`;
}

function groupSize(architecture: ModelArchitecture, quantization: Quantization): number | undefined {
  const checkpoint = architecture.checkpointQuantization;
  if (quantization === "fp8") return checkpoint?.blockShape?.[1];
  if (quantization !== "int4-w4a16") return undefined;
  const size = checkpoint?.groupSize ?? DEFAULT_GROUP;
  return size > 0 ? size : undefined;
}
