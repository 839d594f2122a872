import { servingOptions, type ServingOptions } from "../../components/serving-options";
import { deployedArguments } from "../../components/vllm/deployed-arguments";
import { loadCatalog } from "../../config/catalog";
import { MODELS, type ModelRow } from "../../config/data/models";
import { parseServingRequest } from "../../config/request";
import { FIRST_USE } from "../../config/request/schema";
import type { Quantization } from "../../sizing/model/precision";
import { planServing } from "../../sizing/plan";
import { isFeasible, type FeasiblePlan } from "../../sizing/serving-plan";

/** One list of arguments for vLLM to judge. */
export interface ArgumentCase {
  readonly id: string;
  /** As given to `vllm serve`; the first is replaced by a folder with the config. */
  readonly args: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly gpus: number;
}

/** What a checkpoint of each precision says of itself in its config.json. */
const CHECKPOINT_CONFIG: Readonly<Record<Quantization, (row: ModelRow) => Readonly<Record<string, unknown>>>> = {
  bf16: () => ({}),
  fp8: () => ({
    quantization_config: { quant_method: "fp8", activation_scheme: "dynamic", weight_block_size: [128, 128] },
  }),
  "int8-w8a8": () => ({ quantization_config: compressedInt8() }),
  "int4-w4a16": () => ({
    quantization_config: { quant_method: "awq", bits: 4, group_size: 128, zero_point: true, version: "gemm" },
  }),
  mxfp4: () => ({ quantization_config: { quant_method: "mxfp4" } }),
};

function compressedInt8(): object {
  const channel = { num_bits: 8, type: "int", symmetric: true, strategy: "channel", dynamic: false };
  const token = { num_bits: 8, type: "int", symmetric: true, strategy: "token", dynamic: true };
  return {
    quant_method: "compressed-tensors",
    format: "int-quantized",
    ignore: ["lm_head"],
    config_groups: { group_0: { targets: ["Linear"], weights: channel, input_activations: token } },
  };
}

/** Requests of the golden plans, and shapes that bring other flags into a list. */
const SPREAD: readonly {
  readonly name: string;
  readonly request: object;
  readonly options?: Partial<ServingOptions>;
}[] = [
  { name: "first use", request: FIRST_USE },
  { name: "fp16 refused", request: { ...FIRST_USE, quantization: "bf16" } },
  { name: "one client", request: { ...FIRST_USE, workload: { concurrency: 1, promptTokens: 128, outputTokens: 1 } } },
  {
    name: "500 clients",
    request: { ...FIRST_USE, workload: { concurrency: 500, promptTokens: 2048, outputTokens: 256 } },
  },
  { name: "fp8 KV cache", request: { ...FIRST_USE, kvCacheDtype: "fp8" } },
  { name: "whole context", request: { ...FIRST_USE, maxModelLen: 40_960 } },
  {
    name: "pipeline",
    request: {
      ...FIRST_USE,
      tensorParallel: 1,
      pipelineParallel: 2,
      slo: {},
      market: { clouds: ["aws"], regions: [] },
    },
  },
  {
    name: "adapters",
    request: FIRST_USE,
    options: { loraAdapters: [{ name: "legal", repository: "acme/qwen3-32b-legal" }], maxLoraRank: 64 },
  },
  {
    name: "other parsers",
    request: FIRST_USE,
    options: { toolCallParser: "qwen3_coder", reasoningParser: "none" },
  },
  {
    name: "bounds of histograms on AWS",
    request: {
      ...FIRST_USE,
      target: "aws",
      market: { clouds: ["aws"], regions: ["us-east-1"] },
    },
  },
  { name: "no parsers", request: FIRST_USE, options: { toolCallParser: "none", reasoningParser: "none" } },
];

/** Every case whose plan is feasible: the spread, and each model of the catalog in each precision that is published. */
export function argumentCases(engineVersion: string): readonly ArgumentCase[] {
  const engine = { name: "vllm", version: engineVersion };
  const spread = SPREAD.flatMap(({ name, request, options }) => caseOf(name, { ...request, engine }, options));
  const catalog = MODELS.flatMap((row) =>
    Object.keys(row.checkpoints).flatMap((quantization) =>
      caseOf(`${row.key} ${quantization}`, {
        model: row.key,
        quantization,
        engine,
        workload: { concurrency: 8, promptTokens: 512, outputTokens: 128 },
        slo: {},
        market: { clouds: ["aws", "gcp", "azure"], regions: [] },
      }),
    ),
  );
  return [...spread, ...catalog];
}

function caseOf(id: string, input: object, options: Partial<ServingOptions> = {}): readonly ArgumentCase[] {
  const plan = planOf(id, input);
  const row = MODELS.find(({ key }) => key === plan?.model.key);
  if (plan === undefined || row === undefined) {
    console.log(`${id}: no plan, so no arguments`);
    return [];
  }
  const { tensorParallel, pipelineParallel } = plan.hardware;
  return [
    {
      id,
      args: deployedArguments(plan, servingOptions(plan, options)),
      config: { ...row.config, ...CHECKPOINT_CONFIG[plan.quantization](row) },
      gpus: tensorParallel * pipelineParallel,
    },
  ];
}

function planOf(id: string, input: object): FeasiblePlan | undefined {
  const catalog = loadCatalog();
  const parsed = parseServingRequest(input, catalog);
  if (!parsed.ok) throw new Error(`${id}: ${parsed.faults.map(({ message }) => message).join("; ")}`);
  const plan = planServing(parsed.request, catalog);
  return isFeasible(plan) ? plan : undefined;
}

/** Lists that vLLM has to refuse: a check that lets these pass checks nothing. */
export function refusedCases(known: ArgumentCase): readonly ArgumentCase[] {
  const wrong = [
    "--swap-space=4",
    "--tensor-parallel-size=3",
    "--tool-call-parser=nobody",
    "--max-num-batched-tokens=8",
  ];
  return wrong.map((flag) => ({ ...known, id: `must be refused: ${flag}`, args: [...known.args, flag] }));
}
