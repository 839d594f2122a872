import { z } from "zod";

/** Largest value that any published model comes near; beyond it a config is a mistake, not a model. */
const LIMITS: Readonly<Record<string, number>> = {
  hidden_size: 262_144,
  num_hidden_layers: 1_024,
  num_attention_heads: 4_096,
  num_key_value_heads: 4_096,
  head_dim: 16_384,
  intermediate_size: 4_194_304,
  vocab_size: 8_388_608,
  max_position_embeddings: 100_000_000,
  num_experts: 16_384,
  num_experts_per_tok: 1_024,
  moe_intermediate_size: 4_194_304,
  shared_expert_intermediate_size: 4_194_304,
  kv_lora_rank: 65_536,
  q_lora_rank: 65_536,
  qk_nope_head_dim: 16_384,
  qk_rope_head_dim: 16_384,
  v_head_dim: 16_384,
};
/** Smallest values of fields that cannot be 1; test models of a few kilobytes have 8. */
const LEAST: Readonly<Record<string, number>> = { hidden_size: 8 };
const LARGEST_COUNT = 1_073_741_824;

/** Other spellings of a field, by the name that we report. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  hidden_size: ["n_embd", "d_model", "dim"],
  num_hidden_layers: ["n_layer", "n_layers", "num_layers"],
  num_attention_heads: ["n_head", "n_heads", "num_heads"],
  num_key_value_heads: ["num_kv_heads", "n_kv_heads", "multi_query_group_num"],
  intermediate_size: ["n_inner", "ffn_dim", "ffn_hidden_size", "hidden_dim"],
  max_position_embeddings: ["n_positions", "max_seq_len", "max_sequence_length", "seq_length", "n_ctx"],
  num_experts: ["num_local_experts", "n_routed_experts", "moe_num_experts"],
  num_experts_per_tok: ["num_experts_per_token", "moe_topk", "moe_k", "num_selected_experts", "moe_top_k"],
  moe_intermediate_size: ["expert_intermediate_size", "moe_ffn_hidden_size"],
  shared_expert_intermediate_size: ["shared_intermediate_size", "moe_shared_expert_intermediate_size"],
  n_shared_experts: ["num_shared_experts", "moe_num_shared_experts", "num_shared_expert"],
};

const wholeNumber = z.number().int().nonnegative();

export type Fields = Readonly<Record<string, unknown>>;

/** Reads the fields of one config object and gathers what is wrong with them instead of stopping at the first. */
export class FieldReader {
  readonly faults: string[] = [];

  constructor(
    private readonly fields: Fields,
    /** What transformers would use for a field that the file leaves out. */
    private readonly defaults: Fields = {},
  ) {}

  /** The value as written, null and absent alike being undefined. */
  raw(name: string): unknown {
    for (const spelling of [name, ...(ALIASES[name] ?? [])]) {
      const value = this.fields[spelling];
      if (value !== undefined && value !== null) return value;
    }
    return this.defaults[name] ?? undefined;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** A whole number of at least `minimum`, or undefined when the field is absent; anything else is a fault. */
  optionalCount(name: string, minimum = LEAST[name] ?? 1): number | undefined {
    const value = sameInEveryLayer(this.raw(name));
    if (value === undefined) return undefined;
    const maximum = LIMITS[name] ?? LARGEST_COUNT;
    const parsed = wholeNumber.min(minimum).max(maximum).safeParse(value);
    if (parsed.success) return parsed.data;
    this.fault(name, value, `a whole number from ${minimum} to ${maximum.toLocaleString("en-US")} is wanted`);
    return undefined;
  }

  /** As `optionalCount`, and its absence is a fault too; 1 stands in so that reading can go on. */
  count(name: string): number {
    const value = this.optionalCount(name);
    if (value === undefined && !this.has(name)) this.faults.push(`${name} is missing: a whole number is wanted`);
    return value ?? 1;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.raw(name);
    if (value === undefined) return otherwise;
    if (typeof value === "boolean") return value;
    this.fault(name, value, "true or false is wanted");
    return otherwise;
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === "string") return value;
    this.fault(name, value, "a name is wanted");
    return undefined;
  }

  /** An object inside of the config, e.g. `rope_scaling`. */
  section(name: string): Fields | undefined {
    const value = this.raw(name);
    const section = asFields(value);
    if (value !== undefined && section === undefined) this.fault(name, value, "an object is wanted");
    return section;
  }

  /** A list of strings, e.g. `layer_types`. */
  names(name: string): readonly string[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const parsed = z.array(z.string()).safeParse(value);
    if (parsed.success) return parsed.data;
    this.fault(name, value, "a list of names is wanted");
    return undefined;
  }

  /** A list of whole numbers, e.g. `mlp_only_layers`; empty when absent. */
  indices(name: string): readonly number[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    const parsed = z.array(wholeNumber).safeParse(value);
    if (parsed.success) return parsed.data;
    this.fault(name, value, "a list of layer numbers is wanted");
    return [];
  }

  fault(name: string, value: unknown, wanted: string): void {
    this.faults.push(`${name} is ${shown(value)}: ${wanted}`);
  }
}

/** Hunyuan writes one number a layer; equal ones are the number. */
function sameInEveryLayer(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0) return value;
  const distinct: ReadonlySet<unknown> = new Set(value);
  const [only] = distinct;
  return distinct.size === 1 ? only : value;
}

/** A value as a short text for a message. */
export function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function asFields(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
