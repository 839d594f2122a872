import type { ServingTools } from "../../../../tools/serve/serving-tools";

export const TOOLS_VARIABLE = "FITSERVE_SERVING_TOOLS";

/** The executables that run.ts has prepared. */
export function servingTools(): ServingTools {
  const given = process.env[TOOLS_VARIABLE];
  if (given === undefined) throw new Error("start these tests with: npx tsx test/e2e/serving/run.ts");
  const tools: ServingTools = JSON.parse(given);
  return tools;
}
