/** Passes the lines of a Pulumi operation that say something new: its log repeats each resource at every step. */
export function newLines(print: (line: string) => void): (line: string) => void {
  const printed = new Set<string>();
  return (line) => {
    if (isResourceLine(line)) {
      const news = line.replace(/\([\d.]+s\)/, "").trim();
      if (isUnderWay(line) || printed.has(news)) return;
      printed.add(news);
    }
    print(line);
  };
}

function isResourceLine(line: string): boolean {
  return /^ *[-+~<>=!]* +\S+:\S+ /.test(line);
}

// `creating (3s)` without a message of what it waits for.
function isUnderWay(line: string): boolean {
  return /ing \(\d+s\) *$/.test(line);
}
