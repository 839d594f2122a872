import { createServer } from "node:net";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { kwokConfig, PORT_OPTIONS, portsOf } from "../../tools/cluster/kwok-config";
import { freePorts, isFree } from "../../tools/cluster/ports";

it("finds different ports for one cluster, none of them in use", async () => {
  const ports = await freePorts(PORT_OPTIONS.length, "/some/clone");
  expect(new Set(ports).size).toBe(PORT_OPTIONS.length);
  expect(await Promise.all(ports.map(isFree))).toEqual(ports.map(() => true));
});

it("passes over a port that somebody listens on", async () => {
  const [taken = 0] = await freePorts(1, "/some/clone");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(taken, "127.0.0.1", resolve));
  try {
    expect(await isFree(taken)).toBe(false);
    expect(await freePorts(2, "/some/clone")).not.toContain(taken);
  } finally {
    server.close();
  }
});

it("writes a configuration from which the ports can be read back, bound to this machine alone", () => {
  const ports = [20_001, 20_002, 20_003, 20_004, 20_005, 20_006];
  const text = kwokConfig({ kubernetesBin: "/cache/kubernetes", kwokBin: "/cache/kwok" }, ports);
  const file = join(mkdtempSync(join(tmpdir(), "fitserve-kwok-")), "kwok.yaml");
  writeFileSync(file, text);
  expect(portsOf(file)).toEqual(ports);
  expect(text).toContain("bindAddress: 127.0.0.1");
});
