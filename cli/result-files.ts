import { existsSync } from "node:fs";
import { access, appendFile, constants, open, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { EnvironmentError } from "./errors";

/** Asked before a long run, so that its result is not lost at the end of it; a run that fails leaves no empty file. */
export async function assertWritable(file: string): Promise<void> {
  await orSayWhy(file, async () => {
    if (existsSync(file)) await (await open(file, "a")).close();
    else await access(dirname(file), constants.W_OK);
  });
}

/** Writes the whole file anew. Throws EnvironmentError where that cannot be done. */
export async function writeText(file: string, text: string): Promise<void> {
  await orSayWhy(file, () => writeFile(file, text));
}

/** One line of a file of JSON lines. */
export async function appendLine(file: string, value: object): Promise<void> {
  await orSayWhy(file, () => appendFile(file, `${JSON.stringify(value)}\n`));
}

async function orSayWhy(file: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unwritable";
    const why =
      code === "ENOENT"
        ? "its folder is not there"
        : code === "EISDIR"
          ? "it is a folder"
          : `it cannot be written (${code})`;
    throw new EnvironmentError(`${file}: ${why}`);
  }
}
