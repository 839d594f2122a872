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

  /** One turn of every dialogue; the statuses of the answers. */
  async function turn(): Promise<readonly number[]> {
    const asked = Array.from({ length: DIALOGUES }, (_, dialogue) =>
      chat(stack.port, { key: KEY, stream: false, headers: { [HEADER]: `dialogue-${dialogue}` } }),
    );
    return (await Promise.all(asked)).map(({ status }) => status);
  }

  it("all go to one replica, and the dialogues to every replica", async () => {
    for (let count = 0; count < TURNS; count += 1) expect(await turn()).toEqual(Array(DIALOGUES).fill(200));
    const requests = engines.map((engine) => engine.received.length);
    expect(requests).toEqual(engines.map((engine) => dialoguesOf(engine).size * TURNS));
    expect(engines.flatMap((engine) => [...dialoguesOf(engine)])).toHaveLength(DIALOGUES);
    expect(Math.min(...requests)).toBeGreaterThan(0);
  });

  it("go on elsewhere when their replica is taken away, and most others stay where they are", async () => {
    const [gone, ...others] = engines;
    const before = others.map((engine) => dialoguesOf(engine));
    await stack.announce(others);
    let last = -1;
    while (gone?.received.length !== last) {
      last = gone?.received.length ?? 0;
      await turn();
    }
    for (const engine of others) engine.received.splice(0);
    expect(await turn()).toEqual(Array(DIALOGUES).fill(200));
    const stayed = others.flatMap((engine, index) =>
      [...dialoguesOf(engine)].filter((dialogue) => before[index]?.has(dialogue) === true),
    );
    const there = before.reduce((sum, { size }) => sum + size, 0);
    expect(stayed.length).toBeGreaterThan(there * 0.75);
  });
});

function dialoguesOf({ received }: RecordingEngine): Set<unknown> {
  return new Set(received.map(({ headers }) => headers[HEADER]));
}
