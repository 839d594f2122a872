import * as z from "zod";
import { MOST_P95_OVER_MEAN } from "../../sizing/time/length-spread";

/** Largest number of requests in flight that is believed; above it a typing error is likelier than a wish. */
const MAX_CONCURRENCY = 100_000;
/** Longest context of any known model (Llama 4 Scout). */
export const MAX_TOKENS = 10_485_760;
const MAX_SECONDS = 86_400;
const MAX_TURNS = 1000;
const MAX_SCENARIOS = 20;
const MAX_NAME = 60;
const HOURS_PER_DAY = 24;

const tokens = z.number().min(1).max(MAX_TOKENS);
const tokensOrNone = z.number().min(0).max(MAX_TOKENS);
const seconds = z.number().gt(0).max(MAX_SECONDS);
const requests = z.number().int().min(1).max(MAX_CONCURRENCY);
/** Printed in terminals and pages: no control characters, no space at the ends. */
export const NAME = /^[^\p{C}\s](?:[^\p{C}]*[^\p{C}\s])?$/u;

const SLO = z.strictObject({
  ttftSeconds: seconds.optional().describe("Most seconds to the first token, whether it is thought or answered"),
  firstAnswerTokenSeconds: seconds
    .optional()
    .describe("Most seconds to the first token of the answer, behind the reasoning part"),
  tokensPerSecondPerUser: z.number().gt(0).max(10_000).optional().describe("Fewest tokens a second for each user"),
  endToEndSeconds: seconds.optional().describe("Most seconds for a whole answer, the reasoning part included"),
});

/** `workload` of a request. */
export const WORKLOAD_SCHEMA = z
  .strictObject({
    concurrency: requests.optional().describe("Requests in flight at the same time"),
    promptTokens: tokens.optional().describe("Mean tokens of a prompt; of a dialogue, of its first turn"),
    promptTokensP95: tokens.optional().describe("Tokens that 95 of 100 prompts do not exceed; left out: all are alike"),
    outputTokens: tokens.optional().describe("Mean tokens of an answer, its reasoning part left out"),
    outputTokensP95: tokens
      .optional()
      .describe("Tokens that 95 of 100 answers do not exceed; left out: all are alike; reasoning varies as much"),
    reasoningTokens: tokensOrNone.optional().describe("Mean tokens of thinking before the visible answer"),
    turns: z
      .number()
      .int()
      .min(1)
      .max(MAX_TURNS)
      .optional()
      .describe(
        "Turns of a conversation; each later one adds promptTokens less sharedPrefixTokens and carries the rest",
      ),
    sharedPrefixTokens: tokensOrNone
      .optional()
      .describe("Start of every prompt that is the same for all, such as a system prompt; part of promptTokens"),
    hourlyConcurrency: z
      .array(z.number().int().min(0).max(MAX_CONCURRENCY))
      .length(HOURS_PER_DAY)
      .optional()
      .describe(
        "Requests in flight in each hour of the day, from midnight; the largest takes the place of concurrency",
      ),
  })
  .describe("What has to be served");

/** `slo` of a request. */
export const SLO_SCHEMA = SLO.describe("Limits at the 95th percentile; a limit that is left out does not bind");

/** `scenarios` of a request. */
export const SCENARIOS_SCHEMA = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(MAX_NAME).regex(NAME).describe("What the plan calls it"),
      concurrency: requests.optional().describe("Requests in flight; left out: as in workload"),
      promptTokens: tokens
        .optional()
        .describe("Mean tokens of a prompt, all alike and each a conversation of its own; left out: as in workload"),
      outputTokens: tokens.optional().describe("Mean tokens of an answer, all alike; left out: as in workload"),
      reasoningTokens: tokensOrNone.optional().describe("Mean tokens of thinking; left out: as in workload"),
      slo: SLO.optional().describe("Limits in place of those of the request"),
    }),
  )
  .max(MAX_SCENARIOS)
  .describe("Other loads that the same machines have to serve, one at a time");

const WHOLE = `a whole number from 1 to ${MAX_CONCURRENCY.toLocaleString("en-US")}`;
const SECONDS = `a number of seconds above 0, up to ${MAX_SECONDS.toLocaleString("en-US")}`;
const TOKENS = `a number of tokens from 1 to ${MAX_TOKENS.toLocaleString("en-US")}`;
const TOKENS_OR_NONE = `a number of tokens from 0 to ${MAX_TOKENS.toLocaleString("en-US")}`;
const SPEED = "a number above 0, up to 10,000";
const SLO_OBJECT = `an object {${Object.keys(SLO.shape).join(", ")}}`;
const SCENARIO = "an object {name, concurrency, promptTokens, outputTokens, reasoningTokens, slo}";

function sloWanted(path: string): Record<string, string> {
  return {
    [path]: SLO_OBJECT,
    [`${path}.ttftSeconds`]: SECONDS,
    [`${path}.firstAnswerTokenSeconds`]: SECONDS,
    [`${path}.tokensPerSecondPerUser`]: SPEED,
    [`${path}.endToEndSeconds`]: SECONDS,
  };
}

/** What the fields of workload, slo and scenarios have to be, in words. */
export const WORKLOAD_WANTED: Readonly<Record<string, string>> = {
  workload: `an object such as {concurrency: 50, promptTokens: 1024, outputTokens: 512}`,
  "workload.concurrency": WHOLE,
  "workload.promptTokens": TOKENS,
  "workload.promptTokensP95": TOKENS,
  "workload.outputTokens": TOKENS,
  "workload.outputTokensP95": TOKENS,
  "workload.reasoningTokens": TOKENS_OR_NONE,
  "workload.turns": `a whole number from 1 to ${MAX_TURNS.toLocaleString("en-US")}`,
  "workload.sharedPrefixTokens": TOKENS_OR_NONE,
  "workload.hourlyConcurrency": `a list of ${HOURS_PER_DAY} whole numbers, the requests in flight in each hour from midnight on`,
  "workload.hourlyConcurrency[]": `a whole number from 0 to ${MAX_CONCURRENCY.toLocaleString("en-US")}`,
  ...sloWanted("slo"),
  scenarios: `a list of at most ${MAX_SCENARIOS} scenarios, each ${SCENARIO}`,
  "scenarios[]": SCENARIO,
  "scenarios[].name": `a name of 1 to ${MAX_NAME} characters, without spaces at its ends`,
  "scenarios[].concurrency": WHOLE,
  "scenarios[].promptTokens": TOKENS,
  "scenarios[].outputTokens": TOKENS,
  "scenarios[].reasoningTokens": TOKENS_OR_NONE,
  ...sloWanted("scenarios[].slo"),
};

/** What a 95th percentile may be, given its mean and the part that does not vary. */
export function p95Wanted(meanField: string, mean: number, shared: number, most: number): string {
  const times =
    shared > 0 ? `${MOST_P95_OVER_MEAN} times the part that is not shared` : `${MOST_P95_OVER_MEAN} times as much`;
  return (
    `at least ${meanField}, ${mean.toLocaleString("en-US")}, and at most ${times}, ${Math.floor(most).toLocaleString("en-US")} ` +
    `(longer ones are a scenario of their own)`
  );
}
