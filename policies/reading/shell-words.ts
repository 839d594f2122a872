/** The commands of a shell script as lists of words: enough of the shell to read a container's start line. */
export function shellCommands(
  script: string,
  variable: (name: string) => string | undefined,
  positional: readonly string[],
): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  const tokens = script.replaceAll(/\\\r?\n/g, " ").match(TOKEN) ?? [];
  for (const token of tokens) {
    if (SEPARATOR.test(token)) commands.push([]);
    else commands.at(-1)?.push(...wordsOf(token, variable, positional));
  }
  return commands.filter((command) => command.length > 0);
}

/** Quoted parts may hold separators and blanks; a comment runs to the end of its line. */
const TOKEN = /&&|\|\||[;|&\n()]|(?:^|(?<=\s))#[^\n]*|(?:'[^']*'|"(?:\\.|[^"\\])*"|\$\{[^}]*\}|\\.|[^\s;|&()'"\\])+/g;
const SEPARATOR = /^(?:&&|\|\||[;|&\n()]|#.*)$/;

function wordsOf(
  token: string,
  variable: (name: string) => string | undefined,
  positional: readonly string[],
): readonly string[] {
  if (token === '"$@"' || token === "$@" || token === "$*") return positional;
  const text = token.replaceAll(PART, (part) => {
    if (part.startsWith("'")) return part.slice(1, -1);
    if (part.startsWith('"')) return expanded(part.slice(1, -1), variable, positional).replaceAll(/\\(["\\$`])/g, "$1");
    if (part.startsWith("\\")) return part.slice(1);
    return expanded(part, variable, positional);
  });
  const unquotedVariable = /^\$\{?\w+\}?$/.test(token);
  return unquotedVariable ? text.split(/\s+/).filter((word) => word !== "") : [text];
}

const PART = /'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^'"\\]+/g;

/** `$NAME`, `${NAME}`, `${NAME:-default}`, `$1`; an unset one stays as it is written, so that it is seen to be unread. */
function expanded(text: string, variable: (name: string) => string | undefined, positional: readonly string[]): string {
  return text.replaceAll(/\$(?:(\w+)|\{(\w+)(?::?[-=]([^}]*))?\})/g, (written, bare, braced, fallback) => {
    const name: string = bare ?? braced;
    const value = /^[1-9]$/.test(name) ? positional[Number(name) - 1] : variable(name);
    return value ?? fallback ?? written;
  });
}
