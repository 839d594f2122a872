import type { LimitOutcome, ScenarioOutcome, TrafficHour } from "../plan/scenario-plan";
import { hourText, limitText } from "../plan/scenarios";
import type { FeasiblePlan } from "../serving-plan";
import { duration, rate, usd, whole } from "./text";

/** Which limit of which scenario is the nearest; nothing where there is no limit. */
export function bindingLine({ binding }: FeasiblePlan): string[] {
  return binding === undefined ? [] : [`what binds: ${binding.text}`];
}

export const SCENARIO_HEAD = ["scenario", "load", "first token", "tokens/s per user", "whole answer", "least margin"];

/** A row for each scenario, where there are more than the request itself. */
export function scenarioRows({ scenarios }: FeasiblePlan): string[][] {
  if (scenarios.length < 2) return [];
  return scenarios.map(
    ({ name, load, ttftP95Ms, firstAnswerTokenP95Ms, tokensPerSecondPerUser, endToEndP95Ms, limits }) => [
      name,
      loadCell(load),
      firstAnswerTokenP95Ms === undefined
        ? duration(ttftP95Ms.value)
        : `${duration(ttftP95Ms.value)}, answer ${duration(firstAnswerTokenP95Ms.value)}`,
      rate(tokensPerSecondPerUser.value),
      duration(endToEndP95Ms.value),
      leastMargin(limits),
    ],
  );
}

/** `50 x 1,024 + 512`, or `1 of 50: 5,120 + 512` where one request is looked at among others of other lengths. */
function loadCell({ requests, concurrency, promptTokens, generatedTokens }: ScenarioOutcome["load"]): string {
  const lengths = `${whole(promptTokens)} + ${whole(generatedTokens)}`;
  return requests === "all" ? `${whole(concurrency)} x ${lengths}` : `1 of ${whole(concurrency)}: ${lengths}`;
}

function leastMargin(limits: readonly LimitOutcome[]): string {
  const [least] = limits.toSorted((a, b) => a.margin - b.margin);
  if (least === undefined) return "no limit";
  return `${limitText(least)}${least.met ? "" : ", MISSED"}`;
}

/** What is found in the KV cache instead of computed; nothing where requests share nothing. */
export function prefixCacheLine({ prefixCache }: FeasiblePlan): string[] {
  if (prefixCache === undefined) return [];
  const { sharedTokens, waitingConversations, historyTokens, historyKeptShare, historyHitShare } = prefixCache;
  const shared = sharedTokens === 0 ? [] : [`${whole(sharedTokens)} tokens are stored and computed once for all`];
  const history =
    waitingConversations === undefined || historyTokens === undefined || historyHitShare === undefined
      ? []
      : [
          `${percent(historyHitShare)} of later turns find their history (${whole(waitingConversations)} conversations of a ` +
            `replica wait for their user with ${whole(historyTokens)} tokens, of which ${percent(historyKeptShare ?? 0)} have room)`,
        ];
  return [`prefix caching (assumed): ${[...shared, ...history].join("; ")}`];
}

function percent(share: number): string {
  return `${Math.floor(share * 100 + 1e-9)} %`;
}

/** The day of a traffic profile: hours of equal load side by side. */
export function trafficRows({ traffic }: FeasiblePlan): string[][] {
  if (traffic === undefined) return [];
  const runs: { first: TrafficHour; last: TrafficHour }[] = [];
  for (const hour of traffic.hours) {
    const run = runs.at(-1);
    if (run?.first.concurrency === hour.concurrency) run.last = hour;
    else runs.push({ first: hour, last: hour });
  }
  return runs.map(({ first, last }) => [
    `${hourText(first.hour)}-${hourText(last.hour + 1)}`,
    whole(first.concurrency),
    whole(first.outputTokensPerSecond),
    String(first.nodes),
  ]);
}

export const TRAFFIC_HEAD = ["hours", "concurrent requests", "output tokens/s", "nodes needed"];

/** What the profile comes to, and what following it would save. */
export function trafficLines({ traffic, hardware }: FeasiblePlan): string[] {
  if (traffic === undefined) return [];
  const { averageConcurrency, usdPerMillionOutputTokens, usdPerMillionOutputTokensAtPeak, peakHour, scaled } = traffic;
  const average = averageConcurrency.toLocaleString("en-US", { maximumFractionDigits: 1 });
  const saved = Math.round(scaled.savedShare * 100);
  return [
    `${average} requests on average, the most from ${hourText(peakHour)}; ${usd(usdPerMillionOutputTokens)} per million ` +
      `output tokens over the day, ${usd(usdPerMillionOutputTokensAtPeak)} in the peak hour`,
    saved <= 0
      ? `every hour needs the ${hardware.nodes} planned, so that scaling by the hour would save nothing`
      : `nodes that follow the hours would run ${whole(scaled.nodeHoursPerDay)} of ${whole(hardware.nodes * traffic.hours.length)} ` +
        `node-hours a day: ${usd(scaled.usdPerMonth)} a month, ${saved} % less (an estimate: fitserve builds no autoscaling)`,
  ];
}
