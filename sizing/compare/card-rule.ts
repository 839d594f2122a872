import type { Catalog } from "../catalog";
import type { Quantization } from "../model/precision";
import { CARD, CARD_KV_BYTES_PER_TOKEN, CARD_PARAMETERS, CARD_REQUESTS, CARD_TOKENS } from "../plan/card-estimate";
import { compareOffers } from "../search/configurations";
import { modelFacts, type ModelFacts } from "../search/planned-model";
import { replicaOf, type Replica } from "../search/replica";
import type { ServingRequest } from "../serving-request";
import type { CardRuleComparison, CardRuleRow } from "./comparison";
import { CALIBRATED_GPU } from "./setups";

/** The rule was made for two cards of 80 GB. */
const CARDS = 2;
const QUOTED_KV_GB = "200";
const ROWS = [
  { title: "FP16", quantization: "bf16", bits: 16 },
  { title: "INT8", quantization: "int8-w8a8", bits: 8 },
  { title: "INT4", quantization: "int4-w4a16", bits: 4 },
] as const satisfies readonly { title: CardRuleRow["title"]; quantization: Quantization; bits: number }[];

/** The rule of thumb of the first design row by row: quoted as it stands, beside the exact figures for its own load. */
export function compareCardRule(request: ServingRequest, catalog: Catalog): CardRuleComparison {
  const model = modelFacts({ ...request, quantization: "auto" }, catalog);
  const { from, to } = CARD_PARAMETERS;
  if (model.parameters < from || model.parameters > to) {
    const notApplicable =
      `the rule is for models of ${from / 1e9} to ${to / 1e9} billion parameters; ` +
      `${model.key} has ${billions(model.parameters)} billion`;
    return { notApplicable, rows: [] };
  }
  const gpu = catalog.gpus.find(({ name }) => name === CALIBRATED_GPU);
  const [offer] = catalog.offers
    .filter((one) => one.gpu === CALIBRATED_GPU && one.gpuCount >= CARDS)
    .toSorted(compareOffers);
  if (gpu === undefined || offer === undefined)
    return { notApplicable: `the catalog has no ${CALIBRATED_GPU} to set beside the rule`, rows: [] };
  const workload = { concurrency: CARD_REQUESTS, promptTokens: CARD_TOKENS / 2, outputTokens: CARD_TOKENS / 2 };
  const ruled: ServingRequest = { ...request, workload, maxModelLen: "auto", gpuMemoryUtilization: "auto" };
  const rows = ROWS.map((row) => {
    const configuration = {
      offer,
      gpu,
      quantization: row.quantization,
      kvCacheDtype: "auto" as const,
      tensorParallel: CARDS,
      pipelineParallel: 1,
      replicasPerNode: 1,
    };
    return cardRuleRow(model, row, replicaOf(ruled, model, configuration, CARD_REQUESTS));
  });
  return {
    setup: `${CARDS}x ${gpu.name}, ${CARD_REQUESTS} requests of ${CARD_TOKENS.toLocaleString("en-US")} tokens`,
    rows,
  };
}

function cardRuleRow(
  model: ModelFacts,
  { title, quantization, bits }: (typeof ROWS)[number],
  { memory, deployment }: Replica,
): CardRuleRow {
  const quoted = { ...(CARD[quantization] ?? { weightsGB: "", totalGB: "" }), kvCacheGB: QUOTED_KV_GB };
  const decimalGB = (gib: number): number => (gib * CARDS * 2 ** 30) / 1e9;
  const tokens = CARD_REQUESTS * CARD_TOKENS;
  const weightsGB = decimalGB(memory.weightsGiB);
  const kvCacheGB = (memory.kvBytesPerTokenPerGpu * CARDS * tokens) / 1e9;
  const runtimeGB = decimalGB(memory.activationGiB + memory.nonTorchGiB + memory.cudaGraphGiB);
  const exact = { weightsGB, kvCacheGB, runtimeGB, totalGB: weightsGB + kvCacheGB + runtimeGB };
  const fitsTwoCards = memory.kvCacheTokens >= Math.max(tokens, deployment.maxModelLen);
  const kvBytesPerToken = memory.kvBytesPerTokenPerGpu * CARDS;
  return {
    title,
    quantization,
    quoted,
    exact,
    fitsTwoCards,
    reasons: [
      weightsReason(model, bits, weightsGB),
      kvReason(model, kvBytesPerToken),
      totalReason(quoted, exact),
      ...(title === "FP16" && fitsTwoCards ? [fp16Reason(memory.kvCacheTokens, tokens)] : []),
    ],
  };
}

function weightsReason({ parameters }: ModelFacts, bits: number, weightsGB: number): string {
  const plain = (parameters * bits) / 8e9;
  const why =
    bits === 16
      ? `the rule rounds to 32 billion parameters; there are ${(parameters / 1e9).toFixed(2)} billion`
      : `embeddings and output head stay in 16 bit, and quantized weights carry scales`;
  return `weights: ${(parameters / 1e9).toFixed(1)} billion x ${bits} bit are ${plain.toFixed(1)} GB, exactly ${weightsGB.toFixed(1)} GB: ${why}`;
}

function kvReason({ key }: ModelFacts, kvBytesPerToken: number): string {
  return (
    `KV cache: 60 layers x 64 heads as if each had its own are ${kib(CARD_KV_BYTES_PER_TOKEN)} a token; ` +
    `${key} shares key-value heads: ${kib(kvBytesPerToken)}, ${(CARD_KV_BYTES_PER_TOKEN / kvBytesPerToken).toFixed(1)} times less`
  );
}

function totalReason(quoted: CardRuleRow["quoted"], exact: CardRuleRow["exact"]): string {
  const [low = 0, high = 0] = quoted.totalGB.split("-").map(Number);
  const [least = 0, most = least] = quoted.weightsGB.split("-").map((text) => Number(text) + Number(QUOTED_KV_GB));
  const own = least === most ? `${least}` : `${least}-${most}`;
  const where =
    exact.totalGB < low
      ? `${(low - exact.totalGB).toFixed(1)} GB below the quoted range`
      : exact.totalGB > high
        ? `${(exact.totalGB - high).toFixed(1)} GB above the quoted range`
        : "inside of the quoted range";
  return (
    `total: quoted, not derived: the rule's own weights and KV cache sum up to ${own} GB, not to ${quoted.totalGB}; ` +
    `the exact sum is ${where}`
  );
}

function fp16Reason(poolTokens: number, tokens: number): string {
  return (
    `so FP16 does fit two cards of 80 GB at this load (${poolTokens.toLocaleString("en-US")} tokens of KV cache, ${tokens.toLocaleString("en-US")} needed): ` +
    `it is refused as a policy (little room to grow, slower), not as arithmetic`
  );
}

function billions(count: number): string {
  return (count / 1e9).toFixed(1);
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toLocaleString("en-US", { maximumFractionDigits: 0 })} KiB`;
}
