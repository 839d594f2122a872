// Writes the tables that the policies carry instead of the catalog: npx tsx policies/known/generate.ts
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { loadCatalog } from "../../config/catalog";
import { instanceGpus, knownModels } from "./tables";

const HEADER = "// Generated from config/data by policies/known/generate.ts; do not edit.\n";

async function write(file: string, text: string): Promise<void> {
  await writeFile(join(__dirname, file), await format(HEADER + text, { parser: "typescript", printWidth: 120 }));
}

async function main(): Promise<void> {
  const catalog = loadCatalog();
  await write(
    "models.generated.ts",
    `import type { KnownModel } from "./lookup";\n\nexport const KNOWN_MODELS: readonly KnownModel[] = ${JSON.stringify(knownModels(catalog))};\n`,
  );
  await write(
    "instance-gpus.generated.ts",
    `/** Instance type → canonical name of its card. */\nexport const INSTANCE_GPUS: Readonly<Record<string, string>> = ${JSON.stringify(instanceGpus(catalog))};\n`,
  );
}

void main();
