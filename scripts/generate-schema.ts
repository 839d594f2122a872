// Writes config/serving.schema.json, with which editors complete and check requests (run: npx tsx scripts/generate-schema.ts).
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { z } from "zod";
import { SERVING_SCHEMA } from "../config/request-schema";

const PATH = join(__dirname, "../config/serving.schema.json");

/** Path and text of the schema; the test compares the text with what is committed. */
export async function generatedSchema(): Promise<{ path: string; text: string }> {
  const schema = { title: "fitserve:serving", ...z.toJSONSchema(SERVING_SCHEMA, { io: "input" }) };
  return { path: PATH, text: await format(JSON.stringify(schema), { parser: "json", printWidth: 120 }) };
}

if (require.main === module) {
  void generatedSchema().then(({ path, text }) => writeFileSync(path, text));
}
