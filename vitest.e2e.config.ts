import { defineConfig } from "vitest/config";

// With the real engine, one after the other: each test goes on from where the one before it left the cluster.
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    fileParallelism: false,
    bail: 1,
    // The first run on a machine builds the tools.
    testTimeout: 3_600_000,
    hookTimeout: 300_000,
  },
});
