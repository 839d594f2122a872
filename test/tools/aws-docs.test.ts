import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(__dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Letters by which the table names the files of its tests. */
const FILES: Readonly<Record<string, string>> = {
  R: "test/components/aws/resources.test.ts",
  P: "test/sizing/aws/cluster-plan.test.ts",
  E: "test/e2e/aws.test.ts",
  T: "test/tools/aws-provider.test.ts",
  C: "test/cli/preflight.test.ts",
  G: "test/cli/preflight-network.test.ts",
  H: "test/e2e/aws-capacity-block.test.ts",
  D: "test/sizing/aws/node-cache.test.ts",
  N: "test/components/aws/cache/node-cache.test.ts",
  L: "test/e2e/aws-node-cache.test.ts",
  W: "test/e2e/node-cache-copy.test.ts",
  A: "test/e2e/node-cache-cluster.test.ts",
  F: "test/e2e/model-fill.test.ts",
  M: "test/components/aws/monitoring/monitoring.test.ts",
  B: "test/components/vllm/latency-buckets.test.ts",
  S: "test/sizing/cost/system-pool.test.ts",
  K: "test/components/aws/karpenter/karpenter.test.ts",
  Q: "test/sizing/aws/karpenter.test.ts",
  J: "test/e2e/aws-karpenter.test.ts",
  U: "test/components/aws/eks-access.test.ts",
  V: "test/components/aws/together.test.ts",
  X: "test/components/aws/gateway-services.test.ts",
};

interface Cited {
  readonly file: string;
  readonly title: string;
}

function rows(): readonly (readonly string[])[] {
  const [, after = ""] = read("docs/aws.md").split("## Traps");
  const [table = ""] = after.split("\n## ");
  const lines = table.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** `R "one", "two"; E "three"` */
function citedIn(cell: string): Cited[] {
  return cell.split(";").flatMap((part) => {
    const file = FILES[part.trim()[0] ?? ""];
    if (file === undefined) return [];
    return [...part.matchAll(/"([^"]+)"/g)].map((match) => ({ file, title: match[1] ?? "" }));
  });
}

describe("the table of traps in docs/aws.md", () => {
  test("has a test in each row, or says that there is none", () => {
    const bare = rows().filter(
      (cells) => !cells.join(" ").includes("not handled") && citedIn(cells[2] ?? "").length === 0,
    );
    expect(rows().length).toBeGreaterThan(30);
    expect(bare).toEqual([]);
  });

  test("names tests that there are", () => {
    const cited = rows().flatMap((cells) => citedIn(cells[2] ?? ""));
    const missing = cited.filter(({ file, title }) => !read(file).includes(title));
    expect(missing).toEqual([]);
  });
});
