import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A program of the name that knows these answers by its first two words; gives the folder it is in, for the PATH.
 * A shell's own words alone: dozens of calls a test, and nothing else on the PATH.
 */
export function answeringProgram(folder: string, name: string, answers: object): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const cases = Object.entries(answers)
    .filter(([, answer]) => answer !== undefined)
    .map(([words, answer]) => `${quoted(words)}) printf '%s\\n' ${quoted(JSON.stringify(answer))};;`);
  const script = [
    "#!/bin/sh",
    'case "$1 $2" in',
    ...cases,
    "*) echo 'An error occurred (AccessDenied)' >&2; exit 254;;",
    "esac",
  ];
  writeFileSync(join(bin, name), `${script.join("\n")}\n`);
  chmodSync(join(bin, name), 0o755);
  return bin;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
