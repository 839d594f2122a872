// Writes config/serving.schema.json and config/aws.schema.json, with which editors complete and check what is configured
// (run: npx tsx scripts/generate-schema.ts).
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { z } from "zod";
import { AWS_SCHEMA } from "../config/aws-schema";
import { SERVING_SCHEMA } from "../config/request/schema";

const FOLDER = join(__dirname, "../config");

export interface GeneratedSchema {
  readonly path: string;
  readonly text: string;
}

/** Path and text of the schema of `fitserve:serving`; a test compares the text with what is committed. */
export function generatedSchema(): Promise<GeneratedSchema> {
  return generated("serving", SERVING_SCHEMA);
}

/** The same of `fitserve:aws`. */
export function generatedAwsSchema(): Promise<GeneratedSchema> {
  return generated("aws", AWS_SCHEMA);
}

async function generated(section: string, fields: z.ZodType): Promise<GeneratedSchema> {
  const schema = { title: `fitserve:${section}`, ...z.toJSONSchema(fields, { io: "input" }) };
  const text = await format(JSON.stringify(schema), { parser: "json", printWidth: 120 });
  return { path: join(FOLDER, `${section}.schema.json`), text };
}

if (require.main === module) {
  void Promise.all([generatedSchema(), generatedAwsSchema()]).then((schemas) => {
    for (const { path, text } of schemas) writeFileSync(path, text);
  });
}
