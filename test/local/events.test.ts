import { describe, expect, it } from "vitest";
import { changesAnything, readEvents, resourceCount } from "../../tools/local/events";

const line = (event: unknown) => `${JSON.stringify(event)}\n`;
const stackOutputs = (before: unknown, after: unknown) =>
  line({
    resOutputsEvent: {
      metadata: { type: "pulumi:pulumi:Stack", old: { outputs: before }, new: { outputs: after } },
    },
  });
const summary = (resourceChanges: unknown) => line({ summaryEvent: { resourceChanges } });

describe("the event log of an operation", () => {
  it("counts resources by what happens to them", () => {
    const events = readEvents(summary({ same: 20, update: 2, create: 1 }));
    expect(events.changes).toEqual({ same: 20, update: 2, create: 1 });
    expect(resourceCount(events)).toBe(23);
    expect(changesAnything(events)).toBe(true);
  });

  it("shows no change when everything is the same", () => {
    const log = stackOutputs({ cost: { usd: 1, floor: 2 } }, { cost: { floor: 2, usd: 1 } }) + summary({ same: 23 });
    expect(changesAnything(readEvents(log))).toBe(false);
  });

  it("counts a change of the outputs alone as a change", () => {
    const log = stackOutputs({ cost: 1 }, { cost: 2 }) + summary({ same: 23 });
    expect(changesAnything(readEvents(log))).toBe(true);
  });

  it("names the policies that were violated, and which of them are mandatory", () => {
    const log =
      line({ policyEvent: { policyName: "no-fp16", message: " too large\n", enforcementLevel: "mandatory" } }) +
      line({ policyEvent: { policyName: "advice", message: "consider", enforcementLevel: "advisory" } });
    expect(readEvents(log).violations).toEqual([
      { policy: "no-fp16", message: "too large", mandatory: true },
      { policy: "advice", message: "consider", mandatory: false },
    ]);
  });

  it("reads what is there of a log that a kill has cut off", () => {
    expect(readEvents(`${summary({ same: 3 })}{"summaryEv`).changes).toEqual({ same: 3 });
    expect(readEvents("")).toEqual({ changes: {}, outputsChanged: false, violations: [] });
  });
});
