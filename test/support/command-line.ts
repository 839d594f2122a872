import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The `fitserve` command as a program of its own, run in an empty folder with an environment of its own. */
export class CommandLine {
  readonly folder = mkdtempSync(join(tmpdir(), "fitserve-cli-"));
  readonly program = join(this.folder, "fitserve.js");

  async build(): Promise<void> {
    await build({
      entryPoints: [join(__dirname, "../../cli/fitserve.ts")],
      outfile: this.program,
      bundle: true,
      platform: "node",
      external: ["@pulumi/*"],
      logLevel: "silent",
    });
  }

  run(args: readonly string[], input = "", env: NodeJS.ProcessEnv = {}): Run {
    const run = spawnSync(process.execPath, [this.program, ...args], {
      input,
      cwd: this.folder,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...env },
    });
    return { code: run.status, out: run.stdout, err: run.stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
