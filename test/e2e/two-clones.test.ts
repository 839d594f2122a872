import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answers, clusterProcesses } from "../../tools/cluster/cluster";
import { Clone } from "./support/clone";
import { podsOf } from "./support/cluster-view";

describe("two clones on one machine", () => {
  let one: Clone;
  let two: Clone;

  beforeAll(() => {
    one = new Clone("one");
    two = new Clone("two");
  });

  afterAll(async () => {
    await one.dispose();
    await two.dispose();
  });

  it("come up at the same time, each in a cluster of its own", async () => {
    const [first, second] = await Promise.all([one.run(["up"]), two.run(["up", "--set", "quantization=fp8"])]);
    expect(first).toMatchObject({ code: 0 });
    expect(second).toMatchObject({ code: 0 });
    expect(one.places.clusterName).not.toBe(two.places.clusterName);
    for (const clone of [one, two]) {
      expect((await podsOf(clone.places)).map((pod) => pod.phase)).toContain("Running");
    }
    const both = [...clusterProcesses(one.places), ...clusterProcesses(two.places)];
    expect(new Set(both).size).toBe(10);
  });

  it("do not take each other down", async () => {
    expect(await one.run(["down"])).toMatchObject({ code: 0 });
    expect(existsSync(one.places.work)).toBe(false);
    expect(one.processes()).toEqual([]);
    expect(await answers(two.places)).toBe(true);
    const up = await two.run(["up", "--set", "quantization=fp8"]);
    expect(up.output).toContain("No changes");
  });
});
