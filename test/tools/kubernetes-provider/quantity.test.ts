import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalQuantity } from "../../../tools/kubernetes-provider/quantity";

describe("a quantity in the server's form", () => {
  // Each pair was given to and read back from a Kubernetes 1.34 API server.
  it.each([
    ["0.5", "500m"],
    ["500m", "500m"],
    ["1000m", "1"],
    ["1500m", "1500m"],
    ["1024Mi", "1Gi"],
    ["1536Mi", "1536Mi"],
    ["0.5Gi", "512Mi"],
    ["1Ti", "1Ti"],
    ["1000000", "1M"],
    ["1000", "1k"],
    ["2", "2"],
    ["1e3", "1e3"],
    ["1024", "1024"],
    ["512Ki", "512Ki"],
    ["1000Ki", "1000Ki"],
    ["0", "0"],
    ["1.5Gi", "1536Mi"],
    ["0.1m", "1m"],
    ["100u", "1m"],
    ["12e6", "12e6"],
  ])("writes %s as %s", (given, written) => {
    expect(canonicalQuantity(given)).toBe(written);
  });

  it("leaves text alone that is no quantity", () => {
    expect(canonicalQuantity("two")).toBe("two");
  });

  it("does not change once it is canonical", () => {
    const unit = fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "Ti");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999 }), unit, (amount, suffix) => {
        const once = canonicalQuantity(`${amount}${suffix}`);
        expect(canonicalQuantity(once)).toBe(once);
      }),
    );
  });
});
