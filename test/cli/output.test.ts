import { PassThrough, Writable } from "node:stream";
import { expect, test } from "vitest";
import { wantsColor, write } from "../../cli/output";
import { withSetting } from "../../cli/request-input";

test("colours are for terminals, unless NO_COLOR or a dumb terminal says no", () => {
  expect(wantsColor({ isTTY: true }, {})).toBe(true);
  expect(wantsColor({ isTTY: true }, { NO_COLOR: "" })).toBe(true);
  expect(wantsColor({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
  expect(wantsColor({ isTTY: true }, { TERM: "dumb" })).toBe(false);
  expect(wantsColor({}, {})).toBe(false);
});

test("a reader that went away is no fault", async () => {
  const closed = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
  });
  closed.on("error", () => undefined);
  await expect(write(closed, "text")).resolves.toBeUndefined();
});

test("a full disk is a fault", async () => {
  const full = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error("no space left"), { code: "ENOSPC" })),
  });
  full.on("error", () => undefined);
  await expect(write(full, "text")).rejects.toThrow("no space left");
});

test("what is written arrives whole", async () => {
  const stream = new PassThrough();
  await write(stream, "one\n");
  expect(String(stream.read())).toBe("one\n");
});

test("a setting is laid over its path alone, and its value is YAML", () => {
  const base = { model: "a", workload: { concurrency: 1, promptTokens: 2 } };
  expect(withSetting(base, "workload.concurrency=7")).toEqual({
    model: "a",
    workload: { concurrency: 7, promptTokens: 2 },
  });
  expect(withSetting(base, "market={clouds: [aws, gcp]}")).toEqual({ ...base, market: { clouds: ["aws", "gcp"] } });
  expect(base.workload.concurrency).toBe(1);
});
