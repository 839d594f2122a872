import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { runClosedLoop, steadyWindow, type ClosedLoop } from "../../load/closed-loop";
import { sentMsOf, type Outcome } from "../../load/outcome";
import { poissonStarts } from "../../sizing/time/length-distribution";

const at = (sentMs: number): Outcome => ({ ok: false, sentMs, failure: { kind: "HTTP 429", detail: "" } });

const loop = (parts: Partial<ClosedLoop> & Pick<ClosedLoop, "send">): ClosedLoop => ({
  requests: 10,
  clients: 3,
  startsMs: [],
  signal: new AbortController().signal,
  onOutcome: () => undefined,
  ...parts,
});

describe("a closed loop", () => {
  test("keeps as many requests in flight as it has clients, and sends each number once", async () => {
    const sent: number[] = [];
    let inFlight = 0;
    let most = 0;
    const outcomes = await runClosedLoop(
      loop({
        send: async (index) => {
          sent.push(index);
          inFlight += 1;
          most = Math.max(most, inFlight);
          await nextTurn();
          inFlight -= 1;
          return at(index);
        },
      }),
    );
    expect(sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most).toBe(3);
    expect(outcomes).toHaveLength(10);
  });

  test("ends when told to, without the requests that were under way", async () => {
    const controller = new AbortController();
    const outcomes = await runClosedLoop(
      loop({
        signal: controller.signal,
        send: async (index) => {
          await nextTurn();
          if (index === 4) controller.abort();
          return controller.signal.aborted
            ? { ok: false, sentMs: index, failure: { kind: "interrupted", detail: "" } }
            : at(index);
        },
      }),
    );
    expect(outcomes.map(sentMsOf)).toEqual([0, 1, 2, 3]);
  });

  test("starts staggered clients within one request's time, the first at once, in order", () => {
    const starts = poissonStarts(50, 1000);
    expect(starts).toHaveLength(50);
    expect(starts[0]).toBe(0);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(starts.at(-1)).toBeGreaterThan(900);
    expect(starts.at(-1)).toBeLessThan(1000);
  });
});

describe("the steady part", () => {
  test("leaves two waves at the beginning and one at the end out, by the time they were sent", () => {
    const outcomes = Array.from({ length: 12 }, (_, index) => at(index * 100)).toReversed();
    const window = steadyWindow(outcomes, 2);
    expect(window?.outcomes.map(sentMsOf)).toEqual([400, 500, 600, 700, 800, 900]);
    // Six requests, one every 100 ms: 10 a second.
    expect(window?.durationMs).toBeCloseTo(600, 9);
  });

  test("is not there where too little was sent", () => {
    expect(steadyWindow([at(0), at(1), at(2), at(3)], 2)).toBeUndefined();
  });
});
