import type { Comparison } from "../compare/comparison";
import type { ReportTable } from "./compare-plan-rows";
import { comparisonTables } from "./compare-sections";
import { LEGEND } from "./compare-table";
import { sentence, table } from "./markdown";
import { requestLine } from "./sections";

/** The comparison for a pull request or a page. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { says, request } = comparison;
  const blocks = [
    `## ${request.model}: compared`,
    says.map((text) => `- ${text}`).join("\n"),
    sentence(requestLine(comparison)),
    sentence(LEGEND),
    ...comparisonTables(comparison).flatMap(tableBlocks),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** Notes of the rows come below the table, because a row of Markdown has one line. */
function tableBlocks({ title, head, rows, notes }: ReportTable): string[] {
  const below = [
    ...rows.flatMap((row) => row.notes.map((note) => `**${(row.cells[0] ?? "").trim()}** ${note}`)),
    ...notes,
  ];
  const padded = rows.map(({ cells }) => head.map((_, i) => cells[i] ?? ""));
  return [
    `### ${title}`,
    ...(head.length === 0 ? [] : [table(head, padded)]),
    ...(below.length === 0 ? [] : [below.map((text) => `- ${text}`).join("\n")]),
  ];
}
