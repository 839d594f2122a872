import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A program of the name that knows these answers by its first two words; gives the folder it is in, for the PATH. */
export function answeringProgram(folder: string, name: string, answers: object): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  const script = `const answer = ${JSON.stringify(answers)}[process.argv.slice(2, 4).join(" ")];
if (answer === undefined) { console.error("An error occurred (AccessDenied)"); process.exit(254); }
console.log(JSON.stringify(answer));`;
  writeFileSync(join(bin, `${name}.js`), script);
  writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${join(bin, `${name}.js`)}' "$@"\n`);
  chmodSync(join(bin, name), 0o755);
  return bin;
}
