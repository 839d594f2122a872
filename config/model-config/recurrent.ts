import type { RecurrentAttention } from "../../sizing/model/architecture";
import type { FieldReader } from "./fields";

/** Convolution states, and recurrent ones unless the config asks for more, have the model's 16 bit. */
const STATE_BYTES = 2;
const FLOAT32_BYTES = 4;

/** Projections and per-sequence state of a layer without a KV cache, by the fields that name them. */
export function recurrentAttention(reader: FieldReader, modelType: string): RecurrentAttention {
  if (modelType.startsWith("qwen3") || reader.has("linear_num_value_heads")) return gatedDeltaNet(reader);
  if (modelType === "mamba" || modelType === "falcon_mamba" || modelType === "jamba") return mambaOne(reader);
  return mambaTwo(reader, modelType);
}

/** Qwen3-Next: q, k, v, z, b and a projections, a short convolution, one key × value matrix a value head. */
function gatedDeltaNet(reader: FieldReader): RecurrentAttention {
  const hidden = reader.count("hidden_size");
  const valueHeads = reader.count("linear_num_value_heads");
  const keyWidth = reader.count("linear_num_key_heads") * reader.count("linear_key_head_dim");
  const valueHeadDim = reader.count("linear_value_head_dim");
  const valueWidth = valueHeads * valueHeadDim;
  const kernel = reader.optionalCount("linear_conv_kernel_dim") ?? 4;
  const convWidth = 2 * keyWidth + valueWidth;
  return {
    kind: "recurrent",
    projectionParameters:
      hidden * (2 * keyWidth + 2 * valueWidth + 2 * valueHeads) +
      convWidth * kernel +
      valueWidth * hidden +
      2 * valueHeads +
      valueHeadDim,
    stateBytesPerSequence:
      convWidth * (kernel - 1) * STATE_BYTES +
      valueHeads * reader.count("linear_key_head_dim") * valueHeadDim * recurrentStateBytes(reader),
  };
}

/** `mamba_ssm_dtype`, which Qwen3.5 sets to float32 and Qwen3-Next does not have. */
function recurrentStateBytes(reader: FieldReader): number {
  return reader.text("mamba_ssm_dtype") === "float32" ? FLOAT32_BYTES : STATE_BYTES;
}

function mambaOne(reader: FieldReader): RecurrentAttention {
  const hidden = reader.count("hidden_size");
  const expand = reader.optionalCount("mamba_expand") ?? reader.optionalCount("expand") ?? 2;
  const inner = modelIntermediate(reader) ?? expand * hidden;
  const state = reader.optionalCount("mamba_d_state") ?? reader.optionalCount("state_size") ?? 16;
  const kernel = reader.optionalCount("mamba_d_conv") ?? reader.optionalCount("conv_kernel") ?? 4;
  const stepRank =
    reader.optionalCount("mamba_dt_rank") ?? numericOrUndefined(reader, "time_step_rank") ?? Math.ceil(hidden / 16);
  return {
    kind: "recurrent",
    projectionParameters:
      hidden * 2 * inner +
      inner * (kernel + 1) +
      inner * (stepRank + 2 * state) +
      stepRank * inner +
      inner +
      inner * state +
      inner +
      inner * hidden,
    stateBytesPerSequence: inner * (kernel - 1) * STATE_BYTES + inner * state * recurrentStateBytes(reader),
  };
}

function mambaTwo(reader: FieldReader, modelType: string): RecurrentAttention {
  const hidden = reader.count("hidden_size");
  const expand = reader.optionalCount("mamba_expand") ?? reader.optionalCount("expand") ?? 2;
  const heads = firstCount(reader, [
    "mamba_n_heads",
    "mamba_num_heads",
    ...(modelType === "mamba2" ? ["num_heads"] : []),
  ]);
  const headDim = numericOrUndefined(reader, "mamba_d_head") ?? firstCount(reader, ["mamba_head_dim", "head_dim"]);
  const inner =
    reader.optionalCount("mamba_d_ssm") ??
    (heads !== undefined && headDim !== undefined ? heads * headDim : expand * hidden);
  const headCount = heads ?? Math.max(1, Math.floor(inner / (headDim ?? 64)));
  const state = firstCount(reader, ["mamba_d_state", "ssm_state_size", "state_size"]) ?? 128;
  const groups = firstCount(reader, ["mamba_n_groups", "n_groups"]) ?? 1;
  const kernel = firstCount(reader, ["mamba_d_conv", "conv_kernel"]) ?? 4;
  const convWidth = inner + 2 * groups * state;
  return {
    kind: "recurrent",
    projectionParameters:
      hidden * (inner + convWidth + headCount) + convWidth * (kernel + 1) + 3 * headCount + inner + inner * hidden,
    stateBytesPerSequence: convWidth * (kernel - 1) * STATE_BYTES + inner * state * recurrentStateBytes(reader),
  };
}

function firstCount(reader: FieldReader, names: readonly string[]): number | undefined {
  const name = names.find((candidate) => reader.has(candidate));
  return name === undefined ? undefined : reader.optionalCount(name);
}

/** Some counts may be spelled "auto", which means the rule beside them. */
function numericOrUndefined(reader: FieldReader, name: string): number | undefined {
  return reader.raw(name) === "auto" ? undefined : reader.optionalCount(name);
}

function modelIntermediate(reader: FieldReader): number | undefined {
  return reader.text("model_type") === "jamba" ? undefined : reader.optionalCount("intermediate_size");
}
