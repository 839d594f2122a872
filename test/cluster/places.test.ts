import { mkdirSync, mkdtempSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { placesOf } from "../../tools/cluster/places";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "fitserve-places-")));
for (const name of ["one", "two"]) mkdirSync(join(folder, name));
symlinkSync(join(folder, "one"), join(folder, "link"));

it("gives two clones clusters of different names", () => {
  expect(placesOf(join(folder, "one")).clusterName).not.toBe(placesOf(join(folder, "two")).clusterName);
});

it("gives a clone the same cluster by whatever way it is entered", () => {
  expect(placesOf(join(folder, "link"))).toEqual(placesOf(join(folder, "one")));
});

it("keeps everything that it makes in one folder of the clone", () => {
  const { work, kwok, kubeconfig, pulumiHome, state, passphrase, stackConfig } = placesOf(join(folder, "one"));
  expect(work).toBe(join(folder, "one", ".fitserve"));
  for (const made of [kwok, kubeconfig, pulumiHome, state, passphrase, stackConfig]) {
    expect(made.startsWith(`${work}/`)).toBe(true);
  }
});
