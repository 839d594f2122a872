import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { generatedShapes } from "../../scripts/generate-aws-shapes";

it("the shapes of the recording are those of the installed SDK", async () => {
  const { path, text } = await generatedShapes();
  expect(readFileSync(path, "utf8")).toBe(text);
});
