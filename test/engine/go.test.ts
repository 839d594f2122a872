import { describe, expect, it } from "vitest";
import { isAtLeast } from "../../tools/engine/go";

describe("isAtLeast", () => {
  it.each([
    ["1.26.4", "1.26.4"],
    ["1.27", "1.26.4"],
    ["2.0", "1.26.4"],
    ["v3.250.0", "3.248.0"],
    ["1.26.10", "1.26.4"],
  ])("%s is at least %s", (version, minimum) => {
    expect(isAtLeast(version, minimum)).toBe(true);
  });

  it.each([
    ["1.26.3", "1.26.4"],
    ["1.26", "1.26.4"],
    ["1.9.9", "1.26.4"],
    ["v3.247.9", "3.248.0"],
  ])("%s is older than %s", (version, minimum) => {
    expect(isAtLeast(version, minimum)).toBe(false);
  });
});
