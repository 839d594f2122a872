import type { ServingTools } from "../../../../tools/serve/serving-tools";

export const TOOLS_VARIABLE = "FITSERVE_SERVING_TOOLS";

export interface TestTools extends ServingTools {
  /** Folder of the rate-limit service and its Redis. */
  readonly rateLimitBin: string;
  /** The user's home in the enclosure. */
  readonly home: string;
}

/** The executables that run.ts has prepared. */
export function servingTools(): TestTools {
  const given = process.env[TOOLS_VARIABLE];
  if (given === undefined) throw new Error("start these tests with: npx tsx test/e2e/serving/run.ts");
  const tools: TestTools = JSON.parse(given);
  return tools;
}
