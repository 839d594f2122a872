import { isFeasible, type FeasiblePlan, type Reason, type RejectedCandidate, type ServingPlan } from "../serving-plan";
import {
  alternativeRows,
  costRows,
  costTotals,
  hardwareLine,
  kvCacheLine,
  memoryBar,
  memoryRows,
  performanceRows,
  requestLine,
} from "./sections";
import {
  bindingLine,
  prefixCacheLine,
  SCENARIO_HEAD,
  scenarioRows,
  TRAFFIC_HEAD,
  trafficLines,
  trafficRows,
} from "./scenario-sections";
import { columns, gib, paint, REPORT_WIDTH, wrap, type Paint } from "./text";

/** The plan for a person at a terminal: the verdict first, then what it rests on. */
export function planTable(plan: ServingPlan, { color }: { readonly color: boolean }): string {
  const style = paint(color);
  const blocks = [verdictBlock(plan, style)];
  if (isFeasible(plan)) blocks.push(...fittedBlocks(plan, style));
  blocks.push(...rejectedBlock(plan.rejected, style), ...assumptionsBlock(plan, style));
  return `${blocks.map((block) => block.join("\n")).join("\n\n")}\n`;
}

function verdictBlock(plan: ServingPlan, style: Paint): string[] {
  const { status, reasons } = plan.verdict;
  const tint = status === "accepted" ? style.green : style.red;
  const title = `${tint(style.bold(status.toUpperCase()))}  ${style.bold(plan.model.key)}`;
  return [
    title,
    ...wrap(requestLine(plan), "  ", "  "),
    ...(isFeasible(plan) ? [hardwareLine(plan), ...bindingLine(plan)].flatMap((line) => wrap(line, "  ", "  ")) : []),
    ...reasons.flatMap((reason) => reasonLines(reason, style)),
  ];
}

function reasonLines({ message, fix }: Reason, style: Paint): string[] {
  const lines = wrap(message, "  - ", "    ");
  return fix === undefined ? lines : [...lines, ...wrap(fix, "    -> ", "       ").map(style.yellow)];
}

function fittedBlocks(plan: FeasiblePlan, style: Paint): string[][] {
  const { cardEstimate } = plan;
  return [
    [
      style.bold(`Memory of each GPU (${gib(plan.memoryPerGpu.totalGiB)})`),
      `  ${memoryBar(plan)}`,
      ...indented(columns(memoryRows(plan), [2])),
      ...wrap(kvCacheLine(plan), "  KV cache: ", "    "),
      ...prefixCacheLine(plan).flatMap((line) => wrap(line, "  ", "    ")),
    ],
    [style.bold("Performance (range: about nine in ten)"), ...indented(columns(performanceRows(plan), [1]))],
    ...scenariosBlock(plan, style),
    ...trafficBlock(plan, style),
    [
      style.bold("Cost"),
      ...costRows(plan).flatMap(([name = "", quantity = "", total = "", source = ""]) => [
        ...costLine(name, quantity, total),
        ...wrap(source, "    ", "    ").map(style.dim),
      ]),
      ...indented(columns(costTotals(plan), [1, 2])),
      ...wrap(`not included: ${plan.cost.notIncluded.join("; ")}`, "  ", "  "),
    ],
    ...alternativesBlock(plan, style),
    ...(cardEstimate === undefined
      ? []
      : [
          [
            style.bold("The rule of thumb beside it (quoted, not derived)"),
            `  weights ${cardEstimate.weightsGB} GB (exactly ${cardEstimate.exactWeightsGB.toFixed(1)}), ` +
              `KV cache ${cardEstimate.kvCacheGB} GB (exactly ${cardEstimate.exactKvCacheGB.toFixed(1)}), ` +
              `total ${cardEstimate.totalGB} GB`,
            ...cardEstimate.differences.flatMap((text) => wrap(text, "  - ", "    ")),
          ],
        ]),
    [style.bold(`Engine (${plan.engine.image})`), ...wrap(`vllm serve ${plan.engine.args.join(" ")}`, "  ", "    ")],
  ];
}

/** What follows a row that has no place beside it. */
function scenariosBlock(plan: FeasiblePlan, style: Paint): string[][] {
  const rows = scenarioRows(plan);
  if (rows.length === 0) return [];
  const facts = columns([SCENARIO_HEAD.slice(1, -1), ...rows.map((row) => row.slice(1, -1))], [0, 2, 3]);
  return [
    [
      style.bold("Scenarios (each simulated on these machines, at p95)"),
      ...indented([facts[0] ?? ""]).map(style.dim),
      ...rows.flatMap((row, i) => [
        ...wrap(row[0] ?? "", "  ", "    "),
        ...indented([facts[i + 1] ?? ""]),
        ...wrap(row.at(-1) ?? "", "    ", "    ").map(style.dim),
      ]),
    ],
  ];
}

function trafficBlock(plan: FeasiblePlan, style: Paint): string[][] {
  const rows = trafficRows(plan);
  if (rows.length === 0) return [];
  return [
    [
      style.bold("Traffic of a day"),
      ...indented(columns([TRAFFIC_HEAD, ...rows], [1, 2, 3])),
      ...trafficLines(plan).flatMap((line) => wrap(line, "  - ", "    ")),
    ],
  ];
}

const COST_NAME_WIDTH = REPORT_WIDTH - 36;

/** A name that would push the figures out of the page has a line of its own. */
function costLine(name: string, quantity: string, total: string): string[] {
  const figures = `${quantity.padStart(14)}${total.padStart(14)}`;
  if (name.length <= COST_NAME_WIDTH) return [`  ${name.padEnd(COST_NAME_WIDTH)}${figures}`];
  return [...wrap(name, "  ", "  "), `  ${"".padEnd(COST_NAME_WIDTH)}${figures}`];
}

function alternativesBlock(plan: ServingPlan, style: Paint): string[][] {
  if (plan.alternatives.length === 0) return [];
  const rows = alternativeRows(plan);
  const facts = columns(
    rows.map((row) => row.slice(0, -1)),
    [4, 5, 6],
  );
  return [
    [
      style.bold("Alternatives (machines alone; speed and first token at p95)"),
      ...facts.flatMap((line, i) => [...indented([line]), style.dim(`    ${rows[i]?.at(-1) ?? ""}`)]),
    ],
  ];
}

function rejectedBlock(rejected: readonly RejectedCandidate[], style: Paint): string[][] {
  if (rejected.length === 0) return [];
  return [
    [
      style.bold("Why not"),
      ...rejected.flatMap(({ candidate, explanation, needed, available }) => [
        ...wrap(`${candidate}: ${explanation}`, "  - ", "    "),
        ...wrap(`needed: ${needed}; available: ${available}`, "    ", "    ").map(style.dim),
      ]),
    ],
  ];
}

function assumptionsBlock({ assumptions }: ServingPlan, style: Paint): string[][] {
  if (assumptions.length === 0) return [];
  return [
    [
      style.bold("Assumptions"),
      ...assumptions.flatMap(({ text, source, date, basis }) => [
        ...wrap(text, "  - ", "    "),
        ...wrap(`${basis}; ${source}, ${date}`, "    ", "    ").map(style.dim),
      ]),
    ],
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.flatMap((line) => (line.length + 2 > REPORT_WIDTH ? wrap(line, "  ", "      ") : [`  ${line}`]));
}
