import { compareVersions } from "./version";

/**
 * First version of vLLM that knows a flag; flags that are not listed are older than what is planned with.
 * Sources: release threads for 0.18 to 0.30; for `--logging-config` and
 * `--custom-histogram-buckets` the package of 0.33, the first that was read.
 */
const KNOWN_SINCE: Readonly<Record<string, string>> = {
  "--custom-histogram-buckets": "0.33.0",
  "--logging-config": "0.33.0",
  "--max-num-active-seqs": "0.30.0",
  "--max-num-queued-reqs": "0.29.0",
  "--max-num-queued-tokens": "0.29.0",
  "--shutdown-timeout": "0.18.0",
  "--sse-keep-alive-interval": "0.29.0",
};

/** Version that brought the flag, when the given version does not have it yet; its dotted fields count as the flag. */
export function missingUntil(flag: string, version: string): string | undefined {
  const since = KNOWN_SINCE[flag.replace(/\..*$/, "")];
  return since !== undefined && compareVersions(version, since) < 0 ? since : undefined;
}

/** Only what the version knows, of flags written as `--flag=value`. */
export function knownTo(version: string, words: readonly string[]): string[] {
  return words.filter((word) => missingUntil(word.split("=", 1)[0] ?? word, version) === undefined);
}
