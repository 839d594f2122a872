import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // By itself it leaves a core idle, which is half of a machine with two.
    maxWorkers: "100%",
    // Loading Pulumi's SDKs anew for each file takes a third of the whole run; no file leaves anything behind.
    isolate: false,
    exclude: ["test/e2e/**", "**/node_modules/**"],
  },
});
