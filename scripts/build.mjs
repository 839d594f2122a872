// Bundles what must start fast or travel alone: the CLI, the tools of the local target, the policy pack and what other
// programs import.
// Runs on `npm ci` (prepare), so that a fresh clone needs no build step of its own.
import { chmod, rm } from "node:fs/promises";
import { build } from "esbuild";

const node = { bundle: true, platform: "node", target: "node20", format: "cjs", logLevel: "warning" };

// Pulumi's packages read files beside themselves and must be one instance a process.
const external = ["@pulumi/*", "@grpc/grpc-js", "google-protobuf"];

const PROGRAMS = {
  "dist/cli/fitserve": "cli/fitserve.ts",
  "dist/tools/local": "tools/local.ts",
  "dist/tools/pulumi-language-nodejs": "tools/language-host/main.ts",
  "dist/tools/serving": "tools/serve/main.ts",
  "dist/tools/pulumi-resource-kubernetes": "tools/kubernetes-provider/main.ts",
};

// Two, so that who builds nothing on AWS does not load its SDK.
const LIBRARIES = { "dist/library": "library.ts", "dist/library-aws": "library-aws.ts" };

await rm("dist", { recursive: true, force: true });
await rm("policies/dist", { recursive: true, force: true });
await build({ ...node, external, entryPoints: PROGRAMS, outdir: ".", banner: { js: "#!/usr/bin/env node" } });
await build({ ...node, external, entryPoints: LIBRARIES, outdir: "." });
await build({ ...node, external, entryPoints: { "policies/dist/index": "policies/index.ts" }, outdir: "." });
await Promise.all(Object.keys(PROGRAMS).map((program) => chmod(`${program}.js`, 0o755)));
