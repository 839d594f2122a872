/** More of a value than somebody needs to find it again. */
const LONGEST_SHOWN = 80;

/** A fault of one option, as every command words it. */
export function optionFault(flag: string, given: string, wanted: string): string {
  return `${flag}: got ${JSON.stringify(given.slice(0, LONGEST_SHOWN))}; wanted ${wanted}`;
}

/** Why a file that the user named could not be read. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
  if (code === "ENOENT") return "there is no such file";
  return code === "EISDIR" ? "it is a folder" : `it cannot be read (${code})`;
}
