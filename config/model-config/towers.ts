import { asFields, FieldReader, type Fields } from "./fields";

/**
 * Towers as published, for wrappers whose config.json leaves the sizes to the class or is cut to the language part:
 * SigLIP-so400m with Gemma 3's projector, Pixtral's encoder with Mistral Small's, Llama 4's encoder, MoonViT, CLIP ViT-L
 * of LLaVA and Phi-3-vision, the dynamic-resolution encoders of Qwen, Phi-4's vision and audio parts. Parameters.
 */
const PUBLISHED_TOWERS: Readonly<Record<string, number>> = {
  Gemma3ForConditionalGeneration: 420_000_000,
  Mistral3ForConditionalGeneration: 439_000_000,
  Llama4ForConditionalGeneration: 862_000_000,
  KimiVLForConditionalGeneration: 440_000_000,
  LlavaForConditionalGeneration: 324_000_000,
  LlavaNextForConditionalGeneration: 324_000_000,
  PaliGemmaForConditionalGeneration: 415_000_000,
  Phi3VForCausalLM: 326_000_000,
  Phi4MMForCausalLM: 1_730_000_000,
  Qwen2VLForConditionalGeneration: 675_000_000,
  Qwen2_5_VLForConditionalGeneration: 676_000_000,
  Qwen3VLForConditionalGeneration: 576_000_000,
  Qwen3VLMoeForConditionalGeneration: 576_000_000,
};

/** Language parts that are only published with a tower, so that one is loaded even where the config shows the text alone. */
const ALWAYS_WITH_TOWER: Readonly<Record<string, string>> = { llama4_text: "Llama4ForConditionalGeneration" };

/** Parameters of the vision or audio encoder beside the language model, projector included; 0 for a text model. */
export function towerParameters(config: Fields, modelType: string, textHiddenSize: number, faults: string[]): number {
  const vision = asFields(config["vision_config"]);
  const published = publishedTower(config, modelType);
  const parameters =
    vision === undefined ? undefined : encoderParameters(vision, config["model_type"], textHiddenSize, faults);
  return parameters ?? published ?? 0;
}

function publishedTower(config: Fields, modelType: string): number | undefined {
  const architectures = config["architectures"];
  const name: unknown = ALWAYS_WITH_TOWER[modelType] ?? (Array.isArray(architectures) ? architectures[0] : undefined);
  return typeof name === "string" ? PUBLISHED_TOWERS[name] : undefined;
}

/** A ViT: four projections and an MLP a layer, patch embedding, and a projector of about two text-wide matrices. */
function encoderParameters(
  vision: Fields,
  wrapperType: unknown,
  textHiddenSize: number,
  faults: string[],
): number | undefined {
  const reader = new FieldReader(vision);
  const width = firstCount(reader, ["embed_dim", "hidden_size", "width", "vt_hidden_size"]);
  const layers = firstCount(reader, ["depth", "num_hidden_layers", "layers", "vt_num_hidden_layers"]);
  if (width === undefined || layers === undefined) {
    faults.push(...reader.faults.map((fault) => `vision_config: ${fault}`));
    return undefined;
  }
  // Qwen2-VL writes the width of its output as hidden_size and that of its layers as embed_dim.
  const ratio = reader.raw("mlp_ratio");
  const mlpWidth =
    firstCount(reader, ["intermediate_size", "vt_intermediate_size"]) ??
    width * (typeof ratio === "number" ? ratio : 4);
  const modelType = reader.text("model_type") ?? wrapperType;
  const matrices = modelType === "pixtral" || modelType === "qwen2_5_vl" ? 3 : 2;
  const layer = 4 * width * width + matrices * width * mlpWidth;
  const patch = patchSide(reader.raw("patch_size") ?? reader.raw("spatial_patch_size"));
  const merge = reader.optionalCount("spatial_merge_size") ?? 1;
  const merged = width * merge * merge;
  const projector =
    merged * merged * (merge > 1 ? 1 : 0) + merged * textHiddenSize + (merge > 1 ? 0 : textHiddenSize * textHiddenSize);
  faults.push(...reader.faults.map((fault) => `vision_config: ${fault}`));
  return Math.round(layers * layer + 3 * patch * patch * width + projector);
}

/** One side, or both as a list; the embedding of patches is too small to refuse a config for it. */
function patchSide(value: unknown): number {
  const side: unknown = Array.isArray(value) ? value[0] : value;
  return typeof side === "number" && side > 0 && side < 1024 ? side : 14;
}

function firstCount(reader: FieldReader, names: readonly string[]): number | undefined {
  const name = names.find((candidate) => reader.has(candidate));
  return name === undefined ? undefined : reader.optionalCount(name);
}
