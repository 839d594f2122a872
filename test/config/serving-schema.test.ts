import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { WANTED } from "../../config/request-schema";
import { generatedSchema } from "../../scripts/generate-schema";

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

function fieldsOf(schema: Schema, prefix = ""): [string, Schema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    [`${prefix}${name}`, field],
    ...fieldsOf(field, `${prefix}${name}.`),
  ]);
}

test("the schema for editors is that of the code", async () => {
  const { path, text } = await generatedSchema();
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("every field of the schema has a description and words for faults", async () => {
  const { text } = await generatedSchema();
  for (const [path, field] of fieldsOf(JSON.parse(text) as Schema)) {
    expect(field.description, path).toBeTypeOf("string");
    expect(WANTED[path], path).toBeTypeOf("string");
  }
});

test("the schema allows no unknown key", async () => {
  const { text } = await generatedSchema();
  const schema = JSON.parse(text) as Schema;
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties?.["workload"]?.additionalProperties).toBe(false);
});
