import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { clusterProcesses, deleteCluster } from "../../tools/cluster/cluster";
import { placesOf } from "../../tools/cluster/places";

// Only Linux tells what a process was started as without a program of its own.
it.runIf(existsSync("/proc"))(
  "a process of a cluster whose folder was deleted under it is still found and ended",
  async () => {
    const places = placesOf(realpathSync(mkdtempSync(join(tmpdir(), "fitserve-orphan-"))));
    const bin = join(places.kwok, "clusters", places.clusterName, "bin");
    mkdirSync(bin, { recursive: true });
    copyFileSync("/bin/sleep", join(bin, "kube-apiserver"));
    const orphan = spawn(join(bin, "kube-apiserver"), ["600"]);
    await once(orphan, "spawn");
    const ended = once(orphan, "exit");
    rmSync(places.clone, { recursive: true });
    expect(clusterProcesses(places)).toEqual([orphan.pid]);
    await deleteCluster(places, undefined);
    await ended;
    expect(clusterProcesses(places)).toEqual([]);
  },
);
