import { isFeasible, type FeasiblePlan, type ServingPlan } from "../serving-plan";
import {
  alternativeRows,
  costRows,
  costTotals,
  hardwareLine,
  kvCacheLine,
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

const SIGNS = { accepted: "✅", refused: "⛔", infeasible: "❌" } as const;

/** The plan for a pull request or a page. */
export function planMarkdown(plan: ServingPlan): string {
  const { status, reasons } = plan.verdict;
  const blocks = [
    `## ${SIGNS[status]} ${plan.model.key}: ${status}`,
    sentence(requestLine(plan)),
    ...(isFeasible(plan) ? [hardwareLine(plan), ...bindingLine(plan)].map(sentence) : []),
    ...(reasons.length > 0
      ? [reasons.map(({ message, fix }) => `- ${message}${fix === undefined ? "" : `. **${fix}**`}`).join("\n")]
      : []),
    ...(isFeasible(plan) ? fitted(plan) : []),
    ...details(
      "Why not",
      table(
        ["candidate", "reason", "needed", "available"],
        plan.rejected.map((row) => [row.candidate, row.explanation, row.needed, row.available]),
      ),
      plan.rejected.length,
    ),
    ...details(
      "Assumptions",
      table(
        ["assumption", "basis", "source", "date"],
        plan.assumptions.map((row) => [row.text, row.basis, row.source, row.date]),
      ),
      plan.assumptions.length,
    ),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function fitted(plan: FeasiblePlan): string[] {
  return [
    "### Memory of each GPU",
    table(
      ["", "GiB", "basis", "note"],
      memoryRows(plan).map((row) => row.slice(1)),
    ),
    sentence(kvCacheLine(plan)),
    ...prefixCacheLine(plan).map(sentence),
    "### Performance",
    table(["", "value", "range", "limit", "basis"], performanceRows(plan)),
    ...section("### Scenarios", SCENARIO_HEAD, scenarioRows(plan)),
    ...section("### Traffic of a day", TRAFFIC_HEAD, trafficRows(plan)),
    ...trafficLines(plan).map(sentence),
    "### Cost",
    table(["", "", "per hour", "source"], costRows(plan)),
    table(["", "per hour", "per month", ""], costTotals(plan)),
    ...(plan.alternatives.length === 0
      ? []
      : [
          "### Alternatives",
          table(
            ["machines", "cloud", "weights", "engine", "per hour", "speed", "first token", "why not"],
            alternativeRows(plan),
          ),
        ]),
    "### Engine",
    ["```sh", `vllm serve ${plan.engine.args.join(" ")}`, "```"].join("\n"),
  ];
}

export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [title, table(head, rows)];
}

function details(title: string, body: string, count: number): string[] {
  return count === 0 ? [] : [`<details><summary>${title} (${count})</summary>\n\n${body}\n\n</details>`];
}
