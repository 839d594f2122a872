import { describe, expect, test } from "vitest";
import { AWS_DEFAULTS } from "../../../config/aws-settings";
import { MONITORING_REQUESTS, systemCapacity, systemPoolFault, systemRequests } from "../../../sizing/cost/system-pool";
import { awsFaults } from "../../support/aws-settings";

const { system } = AWS_DEFAULTS;

describe("what runs on the system nodes", () => {
  test("fits the default pool, monitoring included", () => {
    expect(AWS_DEFAULTS.monitoring).toBe(true);
    expect(systemPoolFault(system, true)).toBeUndefined();
  });

  test("asks for more with monitoring: by what its charts get", () => {
    const [without, with_] = [systemRequests(system, false), systemRequests(system, true)];
    const own = Object.values(MONITORING_REQUESTS);
    expect(with_.milliCpus - without.milliCpus).toBe(own.reduce((sum, { milliCpus }) => sum + milliCpus, 0));
    expect(with_.memoryMiB - without.memoryMiB).toBe(own.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0));
  });

  test("fits one node of the default pool, when the other is gone", () => {
    const one = { ...system, nodes: 1 };
    const { memoryMiB = 0 } = systemCapacity(one) ?? {};
    expect(systemRequests(one, true).memoryMiB).toBeLessThan(memoryMiB);
  });

  test("is refused on machines that are too small for it, with both sums and a way out", () => {
    const [fault = ""] = awsFaults({ system: { instanceType: "t3.small", nodes: 2 } });
    expect(fault).toMatch(/2 x t3\.small have 3\.8 vCPUs and 2\.2 GiB for pods, .* asks for .* GiB\. Take larger/);
    expect(awsFaults({ system: { instanceType: "t3.medium", nodes: 2 } })).toEqual([]);
  });

  test("names the setting that makes it fit, where there is one", () => {
    const pool = { instanceType: "t3.small", nodes: 3 };
    expect(systemPoolFault(pool, true)).toContain("set fitserve:aws.monitoring to false");
    expect(systemPoolFault(pool, false)).toBeUndefined();
    expect(systemPoolFault({ ...pool, nodes: 1 }, true)).not.toContain("monitoring to false");
  });
});

function memory(instanceType: string): number | undefined {
  return systemCapacity({ instanceType, nodes: 1 })?.memoryMiB;
}

describe("what a node has for pods", () => {
  test("follows from its family and size", () => {
    expect(memory("m6i.large")).toBe(8 * 1024 - 900);
    expect(memory("c7g.xlarge")).toBe(8 * 1024 - 900);
    expect(memory("r6i.2xlarge")).toBe(64 * 1024 - 900);
    expect(memory("t3.nano")).toBe(0);
    expect(systemCapacity({ instanceType: "m6i.4xlarge", nodes: 2 })?.milliCpus).toBe(2 * (16_000 - 80));
  });

  test("is not guessed for other families", () => {
    expect(systemCapacity({ instanceType: "x2gd.medium", nodes: 2 })).toBeUndefined();
    expect(systemCapacity({ instanceType: "m6i.metal", nodes: 2 })).toBeUndefined();
    expect(systemPoolFault({ instanceType: "x2gd.medium", nodes: 2 }, true)).toBeUndefined();
  });
});
