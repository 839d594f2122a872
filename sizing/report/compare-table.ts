import type { Comparison } from "../compare/comparison";
import type { ReportTable } from "./compare-plan-rows";
import { comparisonTables } from "./compare-sections";
import { requestLine } from "./sections";
import { columns, paint, REPORT_WIDTH, wrap, type Paint } from "./text";

/** The comparison for a person at a terminal: what it says first, then the tables. */
export function comparisonTable(comparison: Comparison, { color }: { readonly color: boolean }): string {
  const style = paint(color);
  const { says, request, pins } = comparison;
  const pinned = pins.length === 0 ? [] : wrap(`asked for: ${pins.join(", ")}; unpinned: cheaper without`, "  ", "  ");
  const blocks = [
    [
      `${style.green(style.bold("COMPARED"))}  ${style.bold(request.model)}`,
      ...says.flatMap((sentence) => wrap(sentence, "  - ", "    ")),
    ],
    [...wrap(requestLine(comparison), "  ", "  "), ...pinned, ...wrap(LEGEND, "  ", "  ")].map(style.dim),
    ...comparisonTables(comparison).map((table) => tableBlock(table, style)),
  ];
  return `${blocks.map((block) => block.join("\n")).join("\n\n")}\n`;
}

/** What the columns of every plan mean. */
export const LEGEND =
  "per hour: the machines alone, at published prices; per month: 730 hours with the cluster around them; speed: tokens/s " +
  "a user, and TTFT (time to first token), both at p95; figures: where the speed comes from (memory is predicted in the same way)";

function tableBlock(table: ReportTable, style: Paint): string[] {
  const { title, head, rows, right, notes } = narrowed(table);
  const [headLine = "", ...lines] = columns([head, ...rows.map(({ cells }) => cells)], right);
  return [
    ...wrap(title, "", "  ").map(style.bold),
    ...(head.length === 0 ? [] : [style.dim(`  ${headLine}`)]),
    ...lines.flatMap((line, i) => [
      ...(line.length + 2 > REPORT_WIDTH ? wrap(line, "  ", "      ") : [`  ${line}`]),
      ...(rows[i]?.notes ?? []).flatMap((note) => wrap(note, "      ", "        ")).map(style.dim),
    ]),
    ...notes.flatMap((note) => wrap(note, "  - ", "    ")),
  ];
}

/** A table that is too wide says its last column below each row. */
function narrowed(table: ReportTable): ReportTable {
  const { head, rows, right } = table;
  const widest = Math.max(0, ...columns([head, ...rows.map(({ cells }) => cells)], right).map((line) => line.length));
  if (widest + 2 <= REPORT_WIDTH) return table;
  const last = head.length - 1;
  return {
    ...table,
    head: head.slice(0, last),
    rows: rows.map(({ cells, notes }) => {
      const moved = cells[last];
      return {
        cells: cells.slice(0, last),
        notes: moved === undefined ? notes : [`${head[last] ?? ""}: ${moved}`, ...notes],
      };
    }),
  };
}
