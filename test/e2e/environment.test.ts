import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clusterProcesses } from "../../tools/cluster/cluster";
import { portsOf } from "../../tools/cluster/kwok-config";
import { isFree } from "../../tools/cluster/ports";
import { Clone } from "./support/clone";

describe("a machine that lacks something", () => {
  let clone: Clone;
  let emptyCache: string;

  beforeAll(() => {
    clone = new Clone("environment");
    emptyCache = mkdtempSync(join(tmpdir(), "fitserve-cache-"));
  });

  afterAll(async () => {
    await clone.dispose();
  });

  it("without Go and without tools gets the plan, and then is told what to install", async () => {
    const up = await clone.run(["up"], { PATH: dirname(process.execPath), XDG_CACHE_HOME: emptyCache });
    expect(up).toMatchObject({ code: 5 });
    expect(up.output).toContain("ACCEPTED  qwen3-32b");
    expect(up.output).toContain("Go is not installed.");
    expect(up.output).toContain("Install Go 1.26.4 or newer (https://go.dev/dl/)");
  });

  it("with an old Go is told both versions", async () => {
    const bin = join(dirname(clone.folder), "old-go");
    mkdirSync(bin);
    writeFileSync(join(bin, "go"), "#!/bin/sh\necho go version go1.22.1 linux/amd64\n");
    chmodSync(join(bin, "go"), 0o755);
    const up = await clone.run(["up"], {
      PATH: `${bin}:${dirname(process.execPath)}:/bin`,
      XDG_CACHE_HOME: emptyCache,
    });
    expect(up).toMatchObject({ code: 5 });
    expect(up.output).toContain("Go 1.22.1 is installed, and 1.26.4 or newer is needed");
  });

  it("whose cache cannot be written is told where it should be", async () => {
    const file = join(emptyCache, "file");
    writeFileSync(file, "");
    const up = await clone.run(["up"], { XDG_CACHE_HOME: file });
    expect(up).toMatchObject({ code: 5 });
    expect(up.output).toContain(`The cache folder ${file}/fitserve cannot be made`);
  });

  it("where a port of the stopped cluster is taken is told which", async () => {
    expect(await clone.run(["preview"])).toMatchObject({ code: 0 });
    for (const pid of clusterProcesses(clone.places)) process.kill(pid, "SIGKILL");
    const { kwok, clusterName } = clone.places;
    const [port = 0] = portsOf(join(kwok, "clusters", clusterName, "kwok.yaml"));
    while (!(await isFree(port))) await delay(50);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    try {
      const up = await clone.run(["up"]);
      expect(up).toMatchObject({ code: 5 });
      expect(up.output).toContain(`Port ${port} of the stopped local cluster is used by another program.`);
    } finally {
      server.close();
    }
  });
});
