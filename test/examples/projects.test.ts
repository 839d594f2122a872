import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

const EXAMPLES = "examples";

/** Without an entry point Pulumi takes the one of the nearest package: the library, which makes nothing. */
test.each(readdirSync(EXAMPLES))("the example %s names its own program and how it is compiled", (example) => {
  const project: unknown = parse(readFileSync(`${EXAMPLES}/${example}/Pulumi.yaml`, "utf8"));
  expect(project).toMatchObject({
    main: "index.ts",
    runtime: { name: "nodejs", options: { tsconfig: "../../tsconfig.pulumi.json" } },
  });
});
