/** Passes the lines of a Pulumi operation that say something new: its log repeats each resource at every step. */
export function newLines(print: (line: string) => void): (line: string) => void {
  const printed = new Set<string>();
  return (line) => {
    const isResource = /^ *[-+~<>=!]* +\S+:\S+ /.test(line);
    if (isResource && (isUnderWay(line) || printed.has(line))) return;
    if (isResource) printed.add(line);
    print(line);
  };
}

// `creating (3s)` without a message of what it waits for.
function isUnderWay(line: string): boolean {
  return /ing \(\d+s\) *$/.test(line);
}
