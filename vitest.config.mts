import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // By itself it leaves a core idle, which is half of a machine with two.
    maxWorkers: "100%",
    exclude: ["test/e2e/**", "**/node_modules/**"],
  },
});
