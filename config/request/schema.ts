import * as z from "zod";
import { CLOUDS, PURCHASES } from "../../sizing/catalog";
import { KV_CACHE_CHOICES, QUANTIZATIONS } from "../../sizing/model/precision";
import { CONFIDENCES, OBJECTIVES, TARGETS } from "../../sizing/serving-request";
import { MAX_TOKENS, NAME, SCENARIOS_SCHEMA, SLO_SCHEMA, WORKLOAD_SCHEMA, WORKLOAD_WANTED } from "./workload-schema";

const MAX_SPARE_NODES = 100;
/** A tenth of a cent: below it a price is a slip, and shares of it would be endless. */
const LEAST_USD_PER_HOUR = 0.001;
const MAX_USD_PER_HOUR = 100_000;

/** Every default of a request, once; `{}` as `slo` takes the limits away. */
export const DEFAULTS = {
  quantization: "auto",
  kvCacheDtype: "auto",
  workload: { concurrency: 50, promptTokens: 1024, outputTokens: 512 },
  slo: { ttftSeconds: 1.5, tokensPerSecondPerUser: 20 },
  target: "local",
  tensorParallel: "auto",
  pipelineParallel: "auto",
  replicas: "auto",
  maxModelLen: "auto",
  gpuMemoryUtilization: "auto",
  engine: { name: "vllm", version: "0.33.0" },
  market: { clouds: ["aws"], purchase: "on-demand" },
  optimize: "cost",
  /** Of a market that is AWS alone; other markets are searched in every region. */
  awsRegions: ["us-east-1"],
} as const;

/** What is planned where nobody asks for anything else. */
export const FIRST_USE = {
  model: "qwen3-32b",
  quantization: "int4-w4a16",
  workload: { concurrency: 50, promptTokens: 1024, outputTokens: 512 },
  slo: { ttftSeconds: 1.5, tokensPerSecondPerUser: 20 },
  target: "local",
  tensorParallel: 2,
  market: { clouds: ["aws"], regions: ["us-east-1"], purchase: "on-demand" },
} as const;

const quoted = (names: readonly string[]): string => names.join(", ");
const orAuto = <Schema extends z.ZodType>(schema: Schema): z.ZodUnion<[Schema, z.ZodLiteral<"auto">]> =>
  z.union([schema, z.literal("auto")]);
const wholeUpTo = (most: number): z.ZodNumber => z.number().int().min(1).max(most);

const NEGOTIATED = z.strictObject({
  instanceType: z.string().min(1).max(100).describe("Machine, such as p5.48xlarge"),
  usdPerHour: z
    .number()
    .min(LEAST_USD_PER_HOUR)
    .max(MAX_USD_PER_HOUR)
    .optional()
    .describe("Price of the whole machine"),
  discountPercent: z.number().gt(0).lt(100).optional().describe("Taken off the list price"),
  region: z.string().min(1).max(100).optional().describe("Where it holds; left out: every region"),
});

/** Shape of `fitserve:serving`; what the fields mean together is checked in `request.ts`. */
export const SERVING_SCHEMA = z.strictObject({
  model: z
    .string()
    .min(1)
    .max(200)
    .regex(NAME)
    .describe("Model of the catalog (e.g. qwen3-32b) or a Hugging Face repository name"),
  modelConfig: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("A Hugging Face config.json, for a model that the catalog does not have"),
  checkpoint: z
    .strictObject({
      repository: z.string().min(1).max(200).regex(NAME).describe("Hugging Face repository of the weights"),
      revision: z
        .string()
        .min(1)
        .max(100)
        .regex(NAME)
        .optional()
        .describe("Commit, so that the same bytes are always loaded"),
    })
    .optional()
    .describe("Weights to deploy; overrides the catalog's"),
  quantization: z
    .enum([...QUANTIZATIONS, "auto"])
    .optional()
    .describe("Precision of the weights; auto: the cheapest that the model is published in"),
  kvCacheDtype: z
    .enum(KV_CACHE_CHOICES)
    .optional()
    .describe(
      "Precision of the KV cache; auto: the engine's own, 16 bit; any: FP8 where that is cheaper and the card can do it",
    ),
  workload: WORKLOAD_SCHEMA.optional(),
  slo: SLO_SCHEMA.optional(),
  scenarios: SCENARIOS_SCHEMA.optional(),
  confidence: z
    .enum(CONFIDENCES)
    .optional()
    .describe("What meets the limits: the prediction (expected), or the unfavourable end of its range (range)"),
  target: z.enum(TARGETS).optional().describe("Where it is deployed: simulated here, an existing cluster, or AWS"),
  tensorParallel: orAuto(wholeUpTo(64)).optional().describe("GPUs that share one copy of the model"),
  pipelineParallel: orAuto(wholeUpTo(64))
    .optional()
    .describe(
      "Stages that share the layers of one copy; auto: more than one only where tensorParallel is auto and cannot use the machine alone",
    ),
  replicas: orAuto(wholeUpTo(1000))
    .optional()
    .describe("Copies of the engine that serve the load; those of spare nodes come on top"),
  maxModelLen: orAuto(wholeUpTo(MAX_TOKENS))
    .optional()
    .describe("Longest prompt plus answer of one request, in tokens"),
  gpu: z.string().min(1).max(100).optional().describe("Card that must be used; left out: any card"),
  gpuMemoryUtilization: orAuto(z.number().min(0.1).max(0.98))
    .optional()
    .describe("Share of the card's memory that the engine may take"),
  engine: z
    .strictObject({
      name: z.enum(["vllm"]).optional().describe("Inference engine"),
      version: z
        .string()
        .regex(/^\d{1,3}\.\d{1,4}\.\d{1,4}$/)
        .optional()
        .describe("Version of the engine"),
    })
    .optional()
    .describe("Inference engine"),
  market: z
    .strictObject({
      clouds: z.array(z.enum(CLOUDS)).min(1).optional().describe("Clouds whose price lists are searched"),
      regions: z.array(z.string().min(1).max(100)).optional().describe("Regions; an empty list means every region"),
      purchase: z.enum(PURCHASES).optional().describe("How machines are paid for"),
    })
    .optional()
    .describe("What may be bought"),
  optimize: z
    .enum(OBJECTIVES)
    .optional()
    .describe(
      "What decides among all that meets the limits: cost; latency (p95 time to the first token, then per token); headroom (requests that fit beyond those needed, per dollar)",
    ),
  asOf: z.iso
    .date()
    .optional()
    .describe("Day by which the age of prices is judged, YYYY-MM-DD; the command takes today"),
  availability: z
    .strictObject({
      spareNodes: z
        .number()
        .int()
        .min(0)
        .max(MAX_SPARE_NODES)
        .optional()
        .describe("Nodes whose loss must leave enough replicas; their replicas come on top of the others"),
    })
    .optional()
    .describe("What the plan survives"),
  pricing: z
    .strictObject({
      negotiated: z.array(NEGOTIATED).max(1000).optional().describe("Prices in place of the on-demand list prices"),
    })
    .optional()
    .describe("What machines cost, where that is not the list price"),
});

export type ServingInput = z.infer<typeof SERVING_SCHEMA>;

const WHOLE = (most: number): string => `a whole number from 1 to ${most.toLocaleString("en-US")}`;

/** What each field has to be, in words; keys are paths with `[]` for the entries of a list. */
export const WANTED: Readonly<Record<string, string>> = {
  "": "an object such as {model: qwen3-32b, workload: {concurrency: 50}}",
  model: "the name of a model, such as qwen3-32b",
  modelConfig: "the object of a Hugging Face config.json",
  checkpoint: "an object {repository, revision}",
  "checkpoint.repository": "a Hugging Face repository, such as Qwen/Qwen3-32B-AWQ",
  "checkpoint.revision": "a commit of the repository",
  quantization: `one of ${quoted([...QUANTIZATIONS, "auto"])}`,
  kvCacheDtype: `one of ${quoted(KV_CACHE_CHOICES)}`,
  ...WORKLOAD_WANTED,
  confidence: `one of ${quoted(CONFIDENCES)}`,
  target: `one of ${quoted(TARGETS)}`,
  tensorParallel: `${WHOLE(64)}, or auto`,
  pipelineParallel: `${WHOLE(64)}, or auto`,
  replicas: `${WHOLE(1000)}, or auto`,
  maxModelLen: `${WHOLE(MAX_TOKENS)}, or auto`,
  gpu: "the name of a card, such as H100-SXM5-80GB",
  gpuMemoryUtilization: "a number from 0.1 to 0.98, or auto",
  engine: "an object {name, version}",
  "engine.name": "vllm",
  "engine.version": "a version such as 0.33.0",
  market: "an object {clouds, regions, purchase}",
  "market.clouds": `a list of ${quoted(CLOUDS)}`,
  "market.clouds[]": `one of ${quoted(CLOUDS)}`,
  "market.regions": "a list of regions, such as [us-east-1]",
  "market.regions[]": "the name of a region, such as us-east-1",
  "market.purchase": `one of ${quoted(PURCHASES)}`,
  optimize: `one of ${quoted(OBJECTIVES)}`,
  asOf: "a day such as 2026-11-24",
  availability: "an object {spareNodes}",
  "availability.spareNodes": `a whole number from 0 to ${MAX_SPARE_NODES}`,
  pricing: "an object {negotiated}",
  "pricing.negotiated": "a list of {instanceType, usdPerHour or discountPercent, region}",
  "pricing.negotiated[]": "an object {instanceType, usdPerHour or discountPercent, region}",
  "pricing.negotiated[].instanceType": "the name of a machine, such as p5.48xlarge",
  "pricing.negotiated[].usdPerHour": `a number of dollars from ${LEAST_USD_PER_HOUR} to ${MAX_USD_PER_HOUR.toLocaleString("en-US")}`,
  "pricing.negotiated[].discountPercent": "a percentage above 0 and below 100",
  "pricing.negotiated[].region": "the name of a region, such as us-east-1",
};

/** Words that an enumeration knows, by path; what was typed is compared with them. */
export const ENUMERATIONS: Readonly<Record<string, readonly string[]>> = {
  quantization: [...QUANTIZATIONS, "auto"],
  kvCacheDtype: KV_CACHE_CHOICES,
  target: TARGETS,
  "engine.name": ["vllm"],
  "market.clouds[]": CLOUDS,
  "market.purchase": PURCHASES,
  optimize: OBJECTIVES,
  confidence: CONFIDENCES,
};
