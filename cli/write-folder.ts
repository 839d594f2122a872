import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { EnvironmentError, InvalidInputError } from "./errors";
import { MARKS, type ManifestFile } from "./manifest-files";

/**
 * Writes the files of a folder, all or none: they are complete beside it before the first one moves in. What an
 * earlier run wrote and this one does not is removed; anybody else's files stay, and are never written over.
 */
export async function writeFolder(folder: string, files: readonly ManifestFile[]): Promise<void> {
  const target = resolve(folder);
  try {
    const stale = await staleFiles(target, files);
    await mkdir(dirname(target), { recursive: true });
    const staging = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      await Promise.all(files.map(({ name, text }) => writeFile(join(staging, name), text)));
      await mkdir(target, { recursive: true });
      for (const { name } of files) await rename(join(staging, name), join(target, name));
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
    await Promise.all(stale.map((name) => rm(join(target, name))));
  } catch (error) {
    throw readable(error, folder);
  }
}

/** Files of an earlier run that are no longer wanted; refuses a folder that is somebody else's, wholly or in a file. */
async function staleFiles(target: string, files: readonly ManifestFile[]): Promise<readonly string[]> {
  if (!existsSync(target)) return [];
  if (!(await stat(target)).isDirectory())
    throw new InvalidInputError(`--out ${target}: it is a file; wanted a folder`);
  const wanted = new Set(files.map(({ name }) => name));
  const present = await readdir(target, { withFileTypes: true });
  const judged = await Promise.all(
    present.map(async (entry) => ({
      name: entry.name,
      isOurs: entry.isFile() && (await startsWithMark(join(target, entry.name))),
    })),
  );
  const foreign = judged.filter(({ name, isOurs }) => !isOurs && wanted.has(name)).map(({ name }) => name);
  if (foreign.length > 0) {
    throw new InvalidInputError(
      `--out ${target}: ${foreign.join(", ")} ${foreign.length === 1 ? "was" : "were"} not written by fitserve render ` +
        "and would be overwritten; nothing was written. Wanted an empty folder, or one that render wrote",
    );
  }
  const visible = judged.filter(({ name }) => !name.startsWith("."));
  if (visible.length > 0 && !visible.some(({ isOurs }) => isOurs)) {
    throw new InvalidInputError(
      `--out ${target}: the folder holds other files (${visible[0]?.name ?? ""}${visible.length > 1 ? ", …" : ""}) and none ` +
        "that fitserve render wrote; nothing was written. Wanted a new or empty folder, or one that render wrote",
    );
  }
  return judged.filter(({ name, isOurs }) => isOurs && !wanted.has(name)).map(({ name }) => name);
}

async function startsWithMark(file: string): Promise<boolean> {
  const text = await readFile(file, "utf8");
  return MARKS.some((mark) => text.startsWith(mark));
}

function readable(error: unknown, folder: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  // EEXIST: mkdir met a file where it wanted a folder.
  if (code === "ENOTDIR" || code === "EEXIST") {
    return new InvalidInputError(`--out ${folder}: a part of the path is a file; wanted a folder`);
  }
  const why = code === "EACCES" || code === "EROFS" ? "it may not be written" : `it cannot be written (${code})`;
  return new EnvironmentError(`--out ${folder}: ${why}`);
}
