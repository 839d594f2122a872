import * as fc from "fast-check";
import { inputs, isValid } from "./requests";

const details = fc.record(
  {
    reasoningTokens: fc.integer({ min: 1, max: 1500 }),
    promptRatio: fc.double({ min: 1, max: 3.5, noNaN: true }),
    outputRatio: fc.double({ min: 1, max: 3.5, noNaN: true }),
    turns: fc.integer({ min: 1, max: 6 }),
    sharedRatio: fc.double({ min: 0, max: 0.9, noNaN: true }),
  },
  { requiredKeys: [] },
);

export const scenarios = fc.uniqueArray(
  fc.record(
    {
      name: fc.constantFrom("documents", "night", "burst"),
      concurrency: fc.integer({ min: 1, max: 120 }),
      promptTokens: fc.integer({ min: 1, max: 4000 }),
      outputTokens: fc.integer({ min: 1, max: 600 }),
      slo: fc.constantFrom({}, { ttftSeconds: 4 }, { endToEndSeconds: 90 }),
    },
    { requiredKeys: ["name"] },
  ),
  { minLength: 0, maxLength: 2, selector: ({ name }) => name },
);

/** Requests with lengths that spread, reasoning, dialogues, shared prefixes, scenarios and spare nodes, where all of it is valid. */
export const richInputs = fc
  .tuple(inputs, details, scenarios, fc.constantFrom("expected", "expected", "range"), fc.constantFrom(0, 0, 1))
  .map(([input, { promptRatio, outputRatio, sharedRatio, ...more }, named, confidence, spareNodes]) => {
    const { promptTokens, outputTokens } = input.workload;
    return {
      ...input,
      workload: {
        ...input.workload,
        ...more,
        ...(promptRatio === undefined ? {} : { promptTokensP95: promptTokens * promptRatio }),
        ...(outputRatio === undefined ? {} : { outputTokensP95: outputTokens * outputRatio }),
        ...(sharedRatio === undefined
          ? {}
          : { sharedPrefixTokens: Math.min(promptTokens - 1, promptTokens * sharedRatio) }),
      },
      scenarios: named,
      confidence,
      availability: { spareNodes },
    };
  })
  .filter(isValid);
