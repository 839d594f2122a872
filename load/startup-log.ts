/** What vLLM says of itself when it starts; an absent figure was not found. Memory is GiB of the fullest rank. */
export interface StartupFigures {
  readonly engineVersion?: string;
  readonly weightsGiB?: number;
  /** Of the profiling run; from 0.29 on with the estimate of the CUDA graphs, as the engine counts it. */
  readonly activationGiB?: number;
  readonly nonTorchGiB?: number;
  readonly cudaGraphGiB?: number;
  readonly kvCacheGiB?: number;
  readonly kvCacheTokens?: number;
  readonly maxModelLen?: number;
  readonly maxNumSeqs?: number;
  readonly maxNumBatchedTokens?: number;
  readonly gpuMemoryUtilization?: number;
  readonly tensorParallel?: number;
  readonly pipelineParallel?: number;
}

/** Colours, and the cursor movements of progress bars. */
// oxlint-disable-next-line no-control-regex -- they begin with a control character
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Of bounded length: a garbled log may hold a million digits in a row, from each of which a number could begin. */
const NUMBER = String.raw`(?<![\w,.])(-?\d[\d,]{0,15}(?:\.\d{1,20})?)(?!\d|e[+-]?\d)`;
/** Older releases say GB and mean 2^30 bytes all the same. */
const GIB = String.raw`${NUMBER}\s*Gi?B`;

/** An engine setting in the dump of arguments (`'max_num_seqs': 64`) or of the configuration (`max_num_seqs=64`). */
function setting(name: string): RegExp {
  return new RegExp(String.raw`\b${name}['"]?\s*[:=]\s*${NUMBER}`, "g");
}

/** Wordings from 0.6 to 0.33; spaces may be line breaks, since terminals and log collectors fold lines. */
const WORDINGS = {
  weights: [/Model loading took % (?:memory\s+)?and/, /Loading model weights took %/, /model weights take %/],
  activation: [/PyTorch activation peak memory takes %/, /% for peak activation/],
  nonTorch: [/non_torch_memory takes %/, /% for non-torch memory/],
  consumed: [/% for consumed memory/],
  cudaGraph: [/Graph capturing finished in \d+ secs?, took %/, /% for CUDAGraph memory/],
  kvCache: [/Available KV cache memory: %/, /the rest of the memory reserved for KV Cache is %/],
} as const;

const PATTERNS = {
  kvCacheTokens: [new RegExp(String.raw`KV cache size:\s+${NUMBER}\s+tokens`, "g")],
  kvCacheBlocks: [new RegExp(String.raw`# (?:GPU|CUDA|cuda) blocks:\s+${NUMBER}`, "g")],
  blockSize: [setting("block_size")],
  maxModelLen: [
    new RegExp(String.raw`Maximum concurrency for\s+${NUMBER}\s+tokens`, "g"),
    setting("max_seq_len"),
    setting("max_model_len"),
  ],
  maxNumSeqs: [setting("max_num_seqs")],
  maxNumBatchedTokens: [setting("max_num_batched_tokens")],
  gpuMemoryUtilization: [
    setting("gpu_memory_utilization"),
    new RegExp(String.raw`gpu_memory_utilization \(${NUMBER}\)`, "g"),
    new RegExp(String.raw`Desired GPU memory utilization is\s+\(${NUMBER},`, "g"),
    new RegExp(String.raw`current --gpu-memory-utilization=${NUMBER}`, "g"),
  ],
  tensorParallel: [setting("tensor_parallel_size")],
  pipelineParallel: [setting("pipeline_parallel_size")],
} as const;

const VERSION = /(?:LLM engine \(v|API server version:?\s+v?)(\d+\.\d+\.\d+)/;
const DEFAULT_BLOCK_SIZE = 16;

/** Reads a start-up log, whole or cut, with whatever stands between the lines of the engine. */
export function readStartupLog(log: string): StartupFigures {
  const text = log.replaceAll(ANSI, "");
  const memory = (name: keyof typeof WORDINGS): number[] =>
    numbers(
      text,
      WORDINGS[name].map(({ source }) => new RegExp(source.replace("%", GIB).replaceAll(" ", String.raw`\s+`), "g")),
    );
  const first = (name: keyof typeof PATTERNS): number | undefined => numbers(text, PATTERNS[name])[0];
  const weightsGiB = most(memory("weights"));
  return withoutMissing({
    engineVersion: VERSION.exec(text)?.[1],
    weightsGiB,
    activationGiB: most(memory("activation")),
    nonTorchGiB: most(memory("nonTorch")) ?? difference(most(memory("consumed")), weightsGiB),
    cudaGraphGiB: most(memory("cudaGraph")),
    kvCacheGiB: least(memory("kvCache")),
    kvCacheTokens: least(numbers(text, PATTERNS.kvCacheTokens)) ?? blockTokens(text),
    maxModelLen: first("maxModelLen"),
    maxNumSeqs: first("maxNumSeqs"),
    maxNumBatchedTokens: first("maxNumBatchedTokens"),
    gpuMemoryUtilization: first("gpuMemoryUtilization"),
    tensorParallel: first("tensorParallel"),
    pipelineParallel: first("pipelineParallel"),
  });
}

/** All numbers of the first wording that occurs: wordings of one release never mix. */
function numbers(text: string, patterns: readonly RegExp[]): number[] {
  for (const pattern of patterns) {
    const found = [...text.matchAll(pattern)].map((match) => Number((match[1] ?? "").replaceAll(",", "")));
    if (found.length > 0) return found;
  }
  return [];
}

/** Releases before 1.0 of the engine core counted blocks. */
function blockTokens(text: string): number | undefined {
  const blocks = least(numbers(text, PATTERNS.kvCacheBlocks));
  if (blocks === undefined) return undefined;
  return blocks * (numbers(text, PATTERNS.blockSize)[0] ?? DEFAULT_BLOCK_SIZE);
}

function difference(consumed: number | undefined, weights: number | undefined): number | undefined {
  return consumed === undefined || weights === undefined ? undefined : Math.max(0, consumed - weights);
}

// One by one: a log of months has more lines than a call takes arguments.
function most(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((one, other) => Math.max(one, other));
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((one, other) => Math.min(one, other));
}

type Found = { readonly [Key in keyof StartupFigures]-?: StartupFigures[Key] | undefined };

function withoutMissing(found: Found): StartupFigures {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/**
 * Reads the engine's own page of metrics: `vllm:cache_config_info` carries the pool and its share of the card as labels.
 * Of several engines behind one page the smallest pool counts.
 */
export function readMetricsPage(page: string): StartupFigures {
  const infos = [...page.matchAll(/^vllm:cache_config_info\{(.*)\}\s/gm)].map((match) => labels(match[1] ?? ""));
  const tokens = infos.flatMap((info) => {
    const whole = numeric(info.get("kv_cache_size_tokens"));
    const blocks = numeric(info.get("num_gpu_blocks"));
    const size = numeric(info.get("block_size"));
    if (whole !== undefined) return [whole];
    return blocks === undefined || size === undefined ? [] : [blocks * size];
  });
  const utilization = infos.flatMap((info) => numeric(info.get("gpu_memory_utilization")) ?? [])[0];
  const kvCacheTokens = least(tokens);
  return {
    ...(kvCacheTokens === undefined ? {} : { kvCacheTokens }),
    ...(utilization === undefined ? {} : { gpuMemoryUtilization: utilization }),
  };
}

function labels(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/([A-Za-z_]\w{0,99})="((?:[^"\\]|\\.)*)"/g)].map((match) => [match[1] ?? "", match[2] ?? ""]),
  );
}

/** A label's value as a number; Python prints `None` where there is none. */
function numeric(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}(\.\d{1,20})?$/.test(value) ? Number(value) : undefined;
}
