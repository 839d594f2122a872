import { parseVllmArguments, type VllmArguments } from "../../components/vllm/vllm-arguments";
import { UNKNOWN, at, childOf, listOf, textOf, type KnownValue } from "./known-values";
import { shellCommands } from "./shell-words";

/** How a container starts vLLM. */
export interface VllmCommand extends VllmArguments {
  /** A word is not known until the update: what it says is not in `values`. */
  readonly hasUnknownWords: boolean;
}

/** Written for a word that cannot be read; no flag and no repository looks like it. */
const UNREADABLE = "\u0000unknown";

/** The server's command line of a container, or undefined when the container does not run vLLM's server. */
export function vllmCommandOf(container: KnownValue): VllmCommand | undefined {
  const command = listOf(childOf(container, "command"));
  const args = childOf(container, "args");
  const given: readonly KnownValue[] = args === UNKNOWN ? [UNKNOWN] : listOf(args);
  const variables = variablesOf(container);
  const read = (value: KnownValue): string => expandedByKubernetes(textOf(value) ?? UNREADABLE, variables);
  const words =
    command.length > 0
      ? startedBy([...command, ...given].map(read), variables)
      : imageServes(textOf(childOf(container, "image")) ?? "")
        ? (startedBy(given.map(read), variables) ?? given.map(read))
        : startedBy(given.map(read), variables);
  if (words === undefined) return undefined;
  const parsed = parseVllmArguments(words.filter((word) => !word.includes(UNREADABLE)));
  return { ...parsed, hasUnknownWords: words.some((word) => word.includes(UNREADABLE)) };
}

/** Images whose own entrypoint is `vllm serve`: their name ends in vllm, perhaps with a variant. */
function imageServes(image: string): boolean {
  const name = image.split("@")[0]?.split("/").at(-1)?.split(":")[0] ?? "";
  return /^vllm(?:-(?:openai|cpu|rocm|tpu|xpu|gaudi|neuron|arm64|nightly|release|repo|env|nonroot))*$/.test(name);
}

/** Words after `vllm serve` or after the server's module; undefined when neither is started. */
function startedBy(words: readonly string[], variables: ReadonlyMap<string, string>): readonly string[] | undefined {
  const script = shellScriptOf(words);
  if (script !== undefined) {
    const commands = shellCommands(script.text, (name) => variables.get(name), script.positional);
    return commands.map((command) => startedBy(command, variables)).find((found) => found !== undefined);
  }
  const serve = words.findIndex((word, index) => word === "serve" && isVllm(words[index - 1]));
  if (serve !== -1) return words.slice(serve + 1);
  const module = words.findIndex((word) => /^vllm\.entrypoints\.(?:openai\.)?api_server$/.test(word));
  const file = words.findIndex((word) => /vllm\/entrypoints\/(?:openai\/)?api_server\.py$/.test(word));
  const server = Math.max(module, file);
  return server === -1 ? undefined : words.slice(server + 1);
}

/** `vllm`, a path to it, or its module: `python -m vllm.entrypoints.cli.main serve`. */
function isVllm(word: string | undefined): boolean {
  return word !== undefined && (/(?:^|\/)vllm$/.test(word) || word === "vllm.entrypoints.cli.main");
}

/** `sh -c SCRIPT [NAME ARGUMENT…]`, also behind `env`, `tini --` and the like. */
function shellScriptOf(words: readonly string[]): { text: string; positional: readonly string[] } | undefined {
  const shell = words.findIndex((word) => /(?:^|\/)(?:ba|da|z|a)?sh$/.test(word));
  if (shell === -1) return undefined;
  const flag = words.findIndex((word, index) => index > shell && /^-[a-z]*c[a-z]*$/.test(word));
  const text = flag === -1 ? undefined : words[flag + 1];
  return text === undefined ? undefined : { text, positional: words.slice(flag + 3) };
}

function variablesOf(container: KnownValue): ReadonlyMap<string, string> {
  return new Map(
    listOf(at(container, "env")).flatMap((entry) => {
      const name = textOf(childOf(entry, "name"));
      return name === undefined ? [] : [[name, textOf(childOf(entry, "value")) ?? UNREADABLE] as const];
    }),
  );
}

/** Kubernetes' own expansion of `$(NAME)` in commands and arguments; `$$(NAME)` is the way to write it literally. */
function expandedByKubernetes(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (written, name?: string) =>
    name === undefined ? "$" : (variables.get(name) ?? written),
  );
}
