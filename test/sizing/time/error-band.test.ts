import { expect, test } from "vitest";
import { timeBasis, timeErrorBands } from "../../../sizing/time/error-band";
import { deploymentWith, L40S, QWEN3_30B_A3B } from "../../support/deployments";

test.each([
  ["16 bit on H100", {}, "predicted"],
  ["FP8 on H100", { quantization: "fp8" }, "predicted"],
  ["INT4 on H100", { quantization: "int4-w4a16" }, "extrapolated"],
  ["another card", { gpu: L40S }, "extrapolated"],
  ["a mixture of experts", { architecture: QWEN3_30B_A3B }, "extrapolated"],
] as const)("%s is said to be what it is", (_, change, basis) => {
  expect(timeBasis(deploymentWith(change))).toBe(basis);
});

test("every band holds the prediction itself, and a wider one where it is extrapolated", () => {
  const measured = timeErrorBands(deploymentWith());
  const other = timeErrorBands(deploymentWith({ gpu: L40S }));
  for (const quantity of ["ttft", "tpot", "itl", "endToEnd", "throughput"] as const) {
    expect(measured[quantity].low).toBeLessThan(1);
    expect(measured[quantity].high).toBeGreaterThan(1);
    expect(other[quantity].low).toBeLessThan(measured[quantity].low);
    expect(other[quantity].high).toBeGreaterThan(measured[quantity].high);
  }
});
