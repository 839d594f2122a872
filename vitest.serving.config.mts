import { defineConfig } from "vitest/config";

// Real traffic through the real gateway, one stack of processes after the other. Start it with test/e2e/serving/run.ts:
// the gateway's program takes fixed ports on every address, which are free and unreachable in an enclosure alone.
export default defineConfig({
  test: {
    include: ["test/e2e/serving/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
