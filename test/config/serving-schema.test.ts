import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { WANTED } from "../../config/request/schema";
import { generatedSchema } from "../../scripts/generate-schema";

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

function fieldsOf(parent: Schema, prefix = ""): [string, Schema][] {
  return Object.entries(parent.properties ?? {}).flatMap(([name, field]) => [
    [`${prefix}${name}`, field],
    ...fieldsOf(field, `${prefix}${name}.`),
  ]);
}

async function schema(): Promise<Schema> {
  const { text } = await generatedSchema();
  const parsed: Schema = JSON.parse(text);
  return parsed;
}

test("the schema for editors is that of the code", async () => {
  const { path, text } = await generatedSchema();
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("every field of the schema has a description and words for faults", async () => {
  const fields = fieldsOf(await schema());
  expect(fields.filter(([, field]) => field.description === undefined).map(([path]) => path)).toEqual([]);
  expect(fields.map(([path]) => path).filter((path) => WANTED[path] === undefined)).toEqual([]);
});

test("the schema allows no unknown key", async () => {
  const { additionalProperties, properties } = await schema();
  expect(additionalProperties).toBe(false);
  expect(properties?.["workload"]?.additionalProperties).toBe(false);
});
