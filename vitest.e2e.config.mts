import { defineConfig } from "vitest/config";

// With the real engine, one after the other: each test of a file goes on from where the one before it left the cluster.
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.test.ts"],
    // These need an enclosure around them: test/e2e/serving/run.ts.
    exclude: ["test/e2e/serving/**"],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
