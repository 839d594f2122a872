import { FLAG_ALIASES, SWITCH_FLAGS, VALUE_FLAGS } from "./vllm-flags";

/** A read command line of `vllm serve`. */
export interface VllmArguments {
  /** Repository or path: the first word that belongs to no flag, else the value of `--model`. */
  readonly model: string | undefined;
  /** Long flag name → last value given; a switch has the value `true`, its `--no-` form `false`. */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Reads the words after `vllm serve` in every way the engine's parser takes them: `--flag=value`, `--flag value`,
 * underscores for dashes, short forms, unambiguous beginnings of a flag; the last one of a repeated flag wins.
 */
export function parseVllmArguments(words: readonly string[]): VllmArguments {
  const values = new Map<string, string>();
  const positionals: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const flag = splitFlag(word);
    if (flag === undefined) {
      positionals.push(word);
      continue;
    }
    const next = words[index + 1];
    if (flag.value !== undefined) {
      values.set(flag.name, flag.value);
    } else if (isSwitch(flag.name) || next === undefined || isFlag(next)) {
      values.set(flag.name.replace(/^--no-/, "--"), String(!flag.name.startsWith("--no-")));
    } else {
      values.set(flag.name, next);
      index++;
      // These take several words; the first is the one that counts.
      while (flag.name === "--served-model-name" && !isFlag(words[index + 1] ?? "-")) index++;
    }
  }
  return { model: positionals[0] ?? values.get("--model"), values };
}

/** Value of a flag that is a count: plain, or in vLLM's short form (`16k` = 16,000, `16K` = 16,384). */
export function countOf(parsed: VllmArguments, flag: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kmgKMG]?)$/.exec(parsed.values.get(flag) ?? "");
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * (COUNT_UNITS[match[2] ?? ""] ?? 1));
}

const COUNT_UNITS: Readonly<Record<string, number>> = {
  k: 1e3,
  m: 1e6,
  g: 1e9,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
};

/** Name under which the API serves the model; the engine uses the model's own when none is given. */
export function servedModelName(parsed: VllmArguments): string | undefined {
  return parsed.values.get("--served-model-name") ?? parsed.model;
}

function isFlag(word: string): boolean {
  return splitFlag(word) !== undefined;
}

function splitFlag(word: string): { name: string; value?: string } | undefined {
  // A negative number is a value: `--max-model-len -1`.
  if (!word.startsWith("-") || /^-\d/.test(word) || word === "-") return undefined;
  const equals = word.indexOf("=");
  const written = equals === -1 ? word : word.slice(0, equals);
  const attached = /^-q(?=[a-z])/.test(written) && equals === -1 ? { name: "-q", value: written.slice(2) } : undefined;
  if (attached !== undefined) return { name: longName(attached.name), value: attached.value };
  return { name: longName(written), ...(equals === -1 ? {} : { value: word.slice(equals + 1) }) };
}

function longName(written: string): string {
  const alias = FLAG_ALIASES[written];
  if (alias !== undefined) return alias;
  const name = written.replaceAll("_", "-");
  const known = [...VALUE_FLAGS, ...SWITCH_FLAGS];
  if (known.includes(name) || !name.startsWith("--")) return name;
  const completions = known.filter((flag) => flag.startsWith(name));
  return completions.length === 1 ? (completions[0] ?? name) : name;
}

function isSwitch(name: string): boolean {
  return SWITCH_FLAGS.includes(name.replace(/^--no-/, "--"));
}
