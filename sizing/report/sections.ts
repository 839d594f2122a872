import { isNegotiated } from "../cost/negotiated-prices";
import { parallelismText } from "../model/parallelism";
import type { Estimate, FeasiblePlan, MemoryAddend, ServingPlan } from "../serving-plan";
import type { Workload } from "../serving-request";
import { plural } from "../wording";
import { duration, gib, rate, usd, whole } from "./text";

const BAR_CELLS = 60;
const BAR_GLYPHS: Readonly<Record<MemoryAddend["name"], string>> = {
  weights: "█",
  activation: "▓",
  "non-torch": "▒",
  "cuda-graphs": "▚",
  "kv-cache": "░",
  reserve: "·",
};

/** The request in one line. */
export function requestLine({ request }: Pick<ServingPlan, "request">): string {
  const { concurrency, promptTokens, outputTokens } = request.workload;
  const { ttftSeconds, firstAnswerTokenSeconds, tokensPerSecondPerUser, endToEndSeconds } = request.slo;
  const limits = [
    ...(ttftSeconds === undefined ? [] : [`first token within ${ttftSeconds} s`]),
    ...(firstAnswerTokenSeconds === undefined ? [] : [`first token of the answer within ${firstAnswerTokenSeconds} s`]),
    ...(tokensPerSecondPerUser === undefined ? [] : [`${tokensPerSecondPerUser} tokens/s per user`]),
    ...(endToEndSeconds === undefined ? [] : [`answer within ${endToEndSeconds} s`]),
  ];
  const load = `${plural(concurrency, "concurrent request")} of ${whole(promptTokens)} + ${whole(outputTokens)} tokens`;
  const details = loadDetails(request.workload).map((text) => `, ${text}`);
  const judged = request.confidence === "range" ? "at p95, by the whole range" : "at p95";
  return `${load}${details.join("")}; ${limits.length > 0 ? `${judged}: ${limits.join(", ")}` : "no limits"}`;
}

/** What a workload says beyond its means; nothing of one that is means alone. */
function loadDetails(workload: Workload): string[] {
  const { promptTokensP95, outputTokensP95, reasoningTokens, turns, sharedPrefixTokens, hourlyConcurrency } = workload;
  const p95 = [
    ...(promptTokensP95 === undefined ? [] : [`prompts to ${whole(promptTokensP95)}`]),
    ...(outputTokensP95 === undefined ? [] : [`answers to ${whole(outputTokensP95)}`]),
  ];
  return [
    ...(reasoningTokens === undefined ? [] : [`${whole(reasoningTokens)} tokens of reasoning before the answer`]),
    ...(p95.length === 0 ? [] : [`${p95.join(" and ")} tokens at p95`]),
    ...(turns === undefined ? [] : [`${turns} turns`]),
    ...(sharedPrefixTokens === undefined ? [] : [`the first ${whole(sharedPrefixTokens)} tokens shared`]),
    ...(hourlyConcurrency === undefined ? [] : ["the peak hour of a day"]),
  ];
}

/** What is bought and how the engine runs on it. */
export function hardwareLine({ hardware, quantization }: FeasiblePlan): string {
  const { nodes, instanceType, gpusPerNode, gpu, cloud, region, purchase, replicas } = hardware;
  const machines = `${nodes}x ${instanceType} (${gpusPerNode}x ${gpu}), ${cloud} ${region}, ${purchase}`;
  return `${machines}: ${replicas} ${replicas === 1 ? "replica" : "replicas"} of ${quantization} weights with ${parallelismText(hardware)}`;
}

/** Every addend as wide as its share of the card; one that exists is at least one cell wide. */
export function memoryBar({ memoryPerGpu }: FeasiblePlan): string {
  const { addends, totalGiB } = memoryPerGpu;
  const cells = addends.map(({ gib: size }) =>
    size <= 0 ? 0 : Math.max(1, Math.round((size / totalGiB) * BAR_CELLS)),
  );
  const over = cells.reduce((sum, cell) => sum + cell, 0) - BAR_CELLS;
  const widest = cells.indexOf(Math.max(...cells));
  return addends
    .map(({ name }, i) => BAR_GLYPHS[name].repeat(Math.max(0, (cells[i] ?? 0) - (i === widest ? over : 0))))
    .join("");
}

export function memoryRows({ memoryPerGpu }: FeasiblePlan): string[][] {
  const rows = memoryPerGpu.addends.map(({ name, gib: size, basis, note }) => [
    BAR_GLYPHS[name],
    name,
    gib(size),
    basis,
    note,
  ]);
  return [...rows, ["", "total", gib(memoryPerGpu.totalGiB), "", "what the driver reports to the engine"]];
}

export function kvCacheLine({ kvCache, engine }: FeasiblePlan): string {
  const dtype = kvCache.dtype === "auto" ? "16 bit" : kvCache.dtype;
  return (
    `${whole(kvCache.tokens)} tokens a replica (${dtype}, ${whole(kvCache.bytesPerToken / 1024)} KiB each): ` +
    `${whole(kvCache.requestsAtMeanLength)} requests of mean length, ${whole(kvCache.requestsAtWorstLength)} of ` +
    `${whole(engine.maxModelLen)} tokens; ${whole(kvCache.requestsNeeded)} needed`
  );
}

function time(name: string, figure: Estimate, limit = ""): string[] {
  return [name, duration(figure.value), `${duration(figure.low)} - ${duration(figure.high)}`, limit, figure.basis];
}

function speed(name: string, figure: Estimate, limit = ""): string[] {
  return [name, rate(figure.value), `${rate(figure.low)} - ${rate(figure.high)}`, limit, figure.basis];
}

function most(seconds: number | undefined): string {
  return seconds === undefined ? "" : `<= ${seconds} s`;
}

/** Name, value, range, limit, basis. */
export function performanceRows({ performance, request }: FeasiblePlan): string[][] {
  const { ttftSeconds, firstAnswerTokenSeconds, tokensPerSecondPerUser, endToEndSeconds } = request.slo;
  const { firstAnswerTokenP95Ms: answerP95, firstAnswerTokenMeanMs: answerMean } = performance;
  return [
    time("time to first token, p95", performance.ttftP95Ms, most(ttftSeconds)),
    time("time to first token, mean", performance.ttftMeanMs),
    ...(answerP95 === undefined
      ? []
      : [time("first token of the answer, p95", answerP95, most(firstAnswerTokenSeconds))]),
    ...(answerMean === undefined ? [] : [time("first token of the answer, mean", answerMean)]),
    time("time per output token, p95", performance.tpotP95Ms),
    time("gap between tokens, median", performance.itlP50Ms),
    speed(
      "tokens/s per user, at p95",
      performance.tokensPerSecondPerUser,
      tokensPerSecondPerUser === undefined ? "" : `>= ${tokensPerSecondPerUser}`,
    ),
    time("whole answer, p95", performance.endToEndP95Ms, most(endToEndSeconds)),
    speed("output tokens/s, all replicas", performance.outputTokensPerSecond),
    time("first token if all come at once", performance.burstTtftMs, "for information"),
  ];
}

export function costRows({ cost }: FeasiblePlan): string[][] {
  return cost.lines.map((line) => [
    line.name,
    `${line.quantity} x ${usd(line.usdPerHourEach)}`,
    `${usd(line.usdPerHour)}/h`,
    `${line.source}, ${line.date}`,
  ]);
}

export function costTotals({ cost, traffic }: FeasiblePlan): string[][] {
  const own = cost.lines.some(isNegotiated);
  const load = traffic === undefined ? "at this load" : "over the day";
  const row = (name: string, figure: typeof cost.floor, note: string): string[] => [
    name,
    `${usd(figure.usdPerHour)}/h`,
    `${usd(figure.usdPerMonth)}/month`,
    note,
  ];
  return [
    row("floor", cost.floor, "the cheapest purchase of the same machines"),
    row("expected", cost.expected, `${usd(cost.usdPerMillionOutputTokens)} per million output tokens ${load}`),
    row("worst", cost.worst, `${own ? "negotiated" : "list"} price with one node more`),
  ];
}

export function alternativeRows({ alternatives }: ServingPlan): string[][] {
  return alternatives.map((row) => [
    `${row.nodes}x ${row.instanceType}`,
    row.cloud,
    row.kvCacheDtype === "fp8" ? `${row.quantization}, FP8 KV` : row.quantization,
    `${row.replicas}x ${parallelismText(row)}`,
    `${usd(row.usdPerHour)}/h`,
    `${rate(row.tokensPerSecondPerUser)} tok/s`,
    duration(row.ttftP95Ms),
    row.reason,
  ]);
}
