import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chat } from "./support/client";
import { RecordingEngine } from "./support/recording-engine";
import { planFor, ServingStack } from "./support/serving-stack";

const KEY = "key-of-the-first-client-0123456789";
const HEADER = "x-session-id";
const REPLICAS = 3;
const DIALOGUES = 24;
const TURNS = 3;

describe("requests of one dialogue", () => {
  const engines: RecordingEngine[] = [];
  let stack: ServingStack;

  beforeAll(async () => {
    for (let count = 0; count < REPLICAS; count += 1) engines.push(await RecordingEngine.start());
    const enginePorts = engines.map(({ port }) => port);
    const options = { sessionHeader: HEADER };
    stack = await ServingStack.start({ plan: planFor(50), clients: { first: KEY }, options, enginePorts });
  });

  afterAll(async () => {
    await stack.stop();
    for (const engine of engines) engine.stop();
  });

  it("all go to one replica, and the dialogues to every replica", async () => {
    for (let turn = 0; turn < TURNS; turn += 1) {
      const asked = Array.from({ length: DIALOGUES }, (_, dialogue) =>
        chat(stack.port, { key: KEY, stream: false, headers: { [HEADER]: `dialogue-${dialogue}` } }),
      );
      expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(DIALOGUES).fill(200));
    }
    const dialoguesOf = engines.map(({ received }) => received.map(({ headers }) => headers[HEADER]));
    expect(dialoguesOf.map((dialogues) => dialogues.length / TURNS)).toEqual(
      dialoguesOf.map((dialogues) => new Set(dialogues).size),
    );
    expect(dialoguesOf.flatMap((dialogues) => [...new Set(dialogues)])).toHaveLength(DIALOGUES);
    for (const dialogues of dialoguesOf) expect(dialogues.length).toBeGreaterThan(0);
  });

  it("go on elsewhere when their replica is gone", async () => {
    engines.shift()?.stop();
    const asked = Array.from({ length: DIALOGUES }, (_, dialogue) =>
      chat(stack.port, { key: KEY, stream: false, headers: { [HEADER]: `dialogue-${dialogue}` } }),
    );
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(DIALOGUES).fill(200));
  });
});
