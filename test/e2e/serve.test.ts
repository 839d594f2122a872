import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { servingProcesses } from "../../tools/serve/serving";
import { Clone, type Ended } from "./support/clone";

/** The gateway's tools are built too. */
const FIRST_BUILD_TIMEOUT_MS = 3_600_000;

describe("up --serve", () => {
  let clone: Clone;
  let up: Ended;

  beforeAll(async () => {
    clone = new Clone("serve");
    up = await clone.run(["up", "--serve"]);
  }, FIRST_BUILD_TIMEOUT_MS);

  afterAll(async () => {
    await clone.dispose();
  });

  it("prints a curl line that streams, and says what is simulated", () => {
    expect(up).toMatchObject({ code: 0 });
    expect(up.output).toContain("the engines behind it are simulated");
    const streamed = execFileSync("sh", ["-c", curlLine(up.output)], { encoding: "utf8" });
    expect(streamed.match(/"delta":\{"content"/g)?.length).toBeGreaterThan(1);
    expect(streamed.trimEnd()).toMatch(/data: \[DONE\]$/);
  });

  it("listens on 127.0.0.1 alone, with one port", () => {
    const inodes = new Set(servingProcesses(clone.places).flatMap(socketsOf));
    const listening = readFileSync("/proc/self/net/tcp", "utf8") + readFileSync("/proc/self/net/tcp6", "utf8");
    const own = listening.split("\n").filter((line) => {
      const fields = line.trim().split(/\s+/);
      return fields[3] === "0A" && inodes.has(fields[9] ?? "");
    });
    expect(own).toHaveLength(1);
    expect(own[0]).toContain(" 0100007F:");
  });

  it("keeps the client's key out of the arguments and the logs of all its programs", () => {
    const key = readFileSync(join(clone.places.work, "client-key"), "utf8").trim();
    const folder = join(clone.places.work, "serve");
    for (const pid of servingProcesses(clone.places)) {
      expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain(key);
    }
    const logs = readdirSync(folder).filter((name) => name.endsWith(".log"));
    expect(logs.length).toBeGreaterThan(0);
    for (const log of logs) expect(readFileSync(join(folder, log), "utf8")).not.toContain(key);
  });

  it("again finds all of it running and starts nothing", async () => {
    const before = servingProcesses(clone.places);
    const again = await clone.run(["up", "--serve"]);
    expect(again).toMatchObject({ code: 0 });
    expect(again.output).toContain("Envoy AI Gateway is running already");
    expect(servingProcesses(clone.places)).toEqual(before);
  });

  it("after a kill -9 starts anew, and leaves nothing of what was killed", async () => {
    const before = servingProcesses(clone.places);
    for (const pid of servingProcesses(clone.places, "enclosure")) process.kill(pid, "SIGKILL");
    const again = await clone.run(["up", "--serve"]);
    expect(again).toMatchObject({ code: 0 });
    expect(again.output).toContain("Envoy AI Gateway is started");
    expect(servingProcesses(clone.places).filter((pid) => before.includes(pid))).toEqual([]);
  });

  it("without --serve afterwards stops it", async () => {
    const plain = await clone.run(["up"]);
    expect(plain).toMatchObject({ code: 0 });
    expect(plain.output).toContain("The gateway of an earlier --serve has been stopped.");
    expect(servingProcesses(clone.places)).toEqual([]);
  });

  it("with a port that is taken ends with exit code 5 and names it", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    try {
      const taken = await clone.run(["up", "--serve", "--port", String(port)]);
      expect(taken).toMatchObject({ code: 5 });
      expect(taken.output).toContain(`Port ${port} of 127.0.0.1 is used by another program.`);
    } finally {
      server.close();
    }
  });

  it("down ends all of it", async () => {
    expect(await clone.run(["up", "--serve"])).toMatchObject({ code: 0 });
    expect(servingProcesses(clone.places).length).toBeGreaterThan(3);
    expect(await clone.run(["down"])).toMatchObject({ code: 0 });
    expect(clone.processes()).toEqual([]);
    expect(existsSync(clone.places.work)).toBe(false);
  });
});

/** The command over two lines that `up` prints for trying it out. */
function curlLine(output: string): string {
  const match = /curl -N [^]*?'\n/.exec(output);
  if (match === null) throw new Error(`no curl line in:\n${output}`);
  return match[0].replace("curl -N", "curl -sSN");
}

/** Inodes of the sockets that a process holds. */
function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const links = execFileSync("sh", ["-c", `ls -l ${folder} 2>/dev/null || true`], { encoding: "utf8" });
  return [...links.matchAll(/socket:\[(\d+)\]/g)].map((match) => match[1] ?? "");
}
