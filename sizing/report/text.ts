import { whole } from "../wording";
export { gib, whole } from "../wording";

/** Width that a table keeps to, so that it fits beside a diff and in a terminal of 100 columns. */
export const REPORT_WIDTH = 100;

/** Styles of the table; without colour each gives back its text. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
}

export function paint(color: boolean): Paint {
  const style =
    (open: number, close: number) =>
    (text: string): string =>
      color && text !== "" ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), green: style(32, 39), red: style(31, 39), yellow: style(33, 39) };
}

/** Breaks a text at spaces, and a word that is wider than a line wherever that ends; all but the first line are indented. */
export function wrap(text: string, first: string, rest: string): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(" ")) {
    if (!empty && line.length + 1 + word.length > REPORT_WIDTH) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
    while (line.length > REPORT_WIDTH) {
      lines.push(line.slice(0, REPORT_WIDTH));
      line = rest + line.slice(REPORT_WIDTH);
    }
  }
  return [...lines, line];
}

/** Columns under each other, two spaces apart; numbers (`right`) end at the same place. The last column is not padded. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

export function usd(value: number): string {
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: Math.abs(value) < 1 ? 4 : 2 })}`;
}

/** Milliseconds as somebody reads them: 7.3 ms, 221 ms, 1.52 s, 14.8 s. */
export function duration(ms: number): string {
  if (ms < 100) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

export function rate(perSecond: number): string {
  return perSecond < 100 ? perSecond.toFixed(1) : whole(perSecond);
}
