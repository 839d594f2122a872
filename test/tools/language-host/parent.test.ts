import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { describe, expect, it } from "vitest";

const PLUGIN = join(__dirname, "..", "..", "..", "tools", "plugin", "parent.ts");

/** A process that watches its parent and prints how that ends, for as long as it lives. */
function watcherScript(): string {
  const outfile = join(mkdtempSync(join(tmpdir(), "fitserve-parent-")), "watcher.js");
  const contents = `
    import { watchParent } from ${JSON.stringify(PLUGIN)};
    watchParent(() => { process.stdout.write("gone"); process.exit(0); });
    process.stdout.write("watching");
    setInterval(() => undefined, 1000);`;
  buildSync({ stdin: { contents, resolveDir: __dirname }, bundle: true, platform: "node", format: "cjs", outfile });
  return outfile;
}

describe("a plugin", () => {
  it("ends when the engine that started it is killed", async () => {
    const starter = `require("child_process").spawn(process.execPath, [${JSON.stringify(watcherScript())}], { stdio: "inherit" }); setInterval(() => {}, 1000)`;
    const engine = spawn(process.execPath, ["-e", starter], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    const ended = once(engine.stdout, "end");
    engine.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed === "watching") engine.kill("SIGKILL");
    });
    // The stream ends only when the last process that holds it is gone: the plugin.
    await ended;
    expect(printed).toBe("watchinggone");
  });
});
