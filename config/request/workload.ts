import type { ModelArchitecture } from "../../sizing/model/architecture";
import { isOwnScenarioName } from "../../sizing/search/cases";
import type { Scenario, ServiceLevel, ServingRequest, Workload } from "../../sizing/serving-request";
import { MOST_P95_OVER_MEAN } from "../../sizing/time/length-spread";
import { generatedTokens, historyTokens } from "../../sizing/time/workload";
import { fault, type Fault } from "./faults";
import { DEFAULTS, type ServingInput } from "./schema";
import { p95Wanted } from "./workload-schema";

type WorkloadInput = NonNullable<ServingInput["workload"]>;

const given = <Key extends keyof Workload>(key: Key, value: Workload[Key] | undefined): Partial<Workload> =>
  value === undefined ? {} : { [key]: value };

/** A value that means the same as none is none. */
function unless(nothing: number, value: number | undefined): number | undefined {
  return value === nothing ? undefined : value;
}

/** The workload with its defaults; what changes nothing (no reasoning, one turn, a p95 like the mean) is left out. */
export function filledWorkload(workload: WorkloadInput = {}): Workload {
  const hours = workload.hourlyConcurrency;
  const peak = hours === undefined ? undefined : Math.max(1, ...hours);
  const promptTokens = workload.promptTokens ?? DEFAULTS.workload.promptTokens;
  const outputTokens = workload.outputTokens ?? DEFAULTS.workload.outputTokens;
  return {
    concurrency: peak ?? workload.concurrency ?? DEFAULTS.workload.concurrency,
    promptTokens,
    ...given("promptTokensP95", unless(promptTokens, workload.promptTokensP95)),
    outputTokens,
    ...given("outputTokensP95", unless(outputTokens, workload.outputTokensP95)),
    ...given("reasoningTokens", unless(0, workload.reasoningTokens)),
    ...given("turns", unless(1, workload.turns)),
    ...given("sharedPrefixTokens", unless(0, workload.sharedPrefixTokens)),
    ...given("hourlyConcurrency", hours),
  };
}

/** The limits that are given, or the default ones where none are. */
export function filledServiceLevel(slo: ServingInput["slo"]): ServiceLevel {
  if (slo === undefined) return { ...DEFAULTS.slo };
  const { ttftSeconds, firstAnswerTokenSeconds, tokensPerSecondPerUser, endToEndSeconds } = slo;
  return {
    ...(ttftSeconds === undefined ? {} : { ttftSeconds }),
    ...(firstAnswerTokenSeconds === undefined ? {} : { firstAnswerTokenSeconds }),
    ...(tokensPerSecondPerUser === undefined ? {} : { tokensPerSecondPerUser }),
    ...(endToEndSeconds === undefined ? {} : { endToEndSeconds }),
  };
}

/** Scenarios with all that they do not name taken from the request; a length of their own is that of all requests, one turn each. */
export function filledScenarios(scenarios: ServingInput["scenarios"], base: Workload): readonly Scenario[] {
  const { hourlyConcurrency: _hours, promptTokensP95, outputTokensP95, reasoningTokens, turns, ...rest } = base;
  return (scenarios ?? []).map((scenario) => ({
    name: scenario.name,
    workload: {
      ...rest,
      ...given("concurrency", scenario.concurrency),
      ...given("promptTokens", scenario.promptTokens),
      // A prompt of another length is not the first turn of the same dialogue.
      ...(scenario.promptTokens === undefined
        ? { ...given("promptTokensP95", promptTokensP95), ...given("turns", turns) }
        : {}),
      ...given("outputTokens", scenario.outputTokens),
      ...given("outputTokensP95", scenario.outputTokens === undefined ? outputTokensP95 : undefined),
      ...reasoning(scenario.reasoningTokens ?? reasoningTokens ?? 0),
    },
    ...(scenario.slo === undefined ? {} : { slo: filledServiceLevel(scenario.slo) }),
  }));
}

function reasoning(reasoningTokens: number): Partial<Workload> {
  return reasoningTokens === 0 ? {} : { reasoningTokens };
}

const count = (value: number): string => value.toLocaleString("en-US");

/** What the fields of workload and scenarios say together that cannot be; without an architecture no context is judged. */
export function workloadFaults(
  request: ServingRequest,
  architecture: ModelArchitecture | undefined,
  input: Pick<ServingInput, "workload">,
): Fault[] {
  const { workload, scenarios = [] } = request;
  return [
    ...trafficFaults(input.workload ?? {}),
    ...spreadFaults(workload),
    ...prefixFaults(workload, "workload"),
    ...lengthFaults(request, workload, architecture, "workload"),
    ...nameFaults(scenarios),
    ...scenarios.flatMap((scenario, i) => [
      ...(scenario.workload.promptTokens === workload.promptTokens
        ? []
        : prefixFaults(scenario.workload, `scenarios[${i}]`)),
      ...lengthFaults(request, scenario.workload, architecture, `scenarios[${i}]`),
    ]),
  ];
}

function trafficFaults({ concurrency, hourlyConcurrency: hours }: WorkloadInput): Fault[] {
  if (hours === undefined) return [];
  const peak = Math.max(...hours);
  if (peak === 0) return [fault("workload.hourlyConcurrency", hours, "at least one hour with a request in flight")];
  if (concurrency === undefined || concurrency === peak) return [];
  const wanted = `nothing, or the ${count(peak)} of the peak hour of workload.hourlyConcurrency, which takes its place`;
  return [fault("workload.concurrency", concurrency, wanted)];
}

function spreadFaults(workload: Workload): Fault[] {
  return (["promptTokens", "outputTokens"] as const).flatMap((field) => {
    const mean = workload[field];
    const p95 = workload[`${field}P95`];
    // The start that all prompts share does not vary.
    const shared = field === "promptTokens" ? Math.min(workload.sharedPrefixTokens ?? 0, mean - 1) : 0;
    const most = shared + (mean - shared) * MOST_P95_OVER_MEAN;
    if (p95 === undefined || (p95 >= mean && p95 <= most)) return [];
    return [fault(`workload.${field}P95`, p95, p95Wanted(`workload.${field}`, mean, shared, most))];
  });
}

function prefixFaults({ promptTokens, sharedPrefixTokens }: Workload, path: string): Fault[] {
  if (sharedPrefixTokens === undefined || sharedPrefixTokens <= promptTokens - 1) return [];
  const wanted = `less than ${path}.promptTokens, ${count(promptTokens)}, of which it is a part`;
  return path === "workload"
    ? [fault("workload.sharedPrefixTokens", sharedPrefixTokens, wanted)]
    : [
        fault(
          `${path}.promptTokens`,
          promptTokens,
          `more than workload.sharedPrefixTokens, ${count(sharedPrefixTokens)}, with which every prompt starts`,
        ),
      ];
}

function nameFaults(scenarios: readonly Scenario[]): Fault[] {
  const seen = new Set<string>();
  return scenarios.flatMap(({ name }, i) => {
    const key = name.toLowerCase();
    const twice = seen.has(key);
    seen.add(key);
    if (twice) return [fault(`scenarios[${i}].name`, name, "a name that no other scenario has")];
    return isOwnScenarioName(name)
      ? [fault(`scenarios[${i}].name`, name, "another name than those of the plan's own scenarios")]
      : [];
  });
}

/** The last turn of mean length, and the longest lengths that are expected, have to fit the context. */
function lengthFaults(
  request: ServingRequest,
  workload: Workload,
  architecture: ModelArchitecture | undefined,
  path: string,
): Fault[] {
  const context = architecture?.maxPositionEmbeddings ?? Infinity;
  const { promptTokens, promptTokensP95 = 0, outputTokens, outputTokensP95 = 0 } = workload;
  const mean = lengthsText(workload, promptTokens, outputTokens, generatedTokens(workload) - outputTokens);
  const longer = Math.max(1, outputTokensP95 / outputTokens);
  const longest = lengthsText(
    workload,
    Math.max(promptTokens, promptTokensP95),
    outputTokens * longer,
    (workload.reasoningTokens ?? 0) * longer,
  );
  const faults: Fault[] = [];
  for (const { tokens, sum } of [mean, longest]) {
    if (tokens <= context || faults.length > 0) continue;
    const wanted = `at most the ${count(context)} tokens of ${request.model}'s context`;
    faults.push({ path, given: sum, wanted, message: `${path}: got ${sum}; wanted ${wanted}` });
  }
  const { maxModelLen } = request;
  if (maxModelLen === "auto") return faults;
  if (maxModelLen > context) {
    if (path === "workload")
      faults.push(fault("maxModelLen", maxModelLen, `at most ${request.model}'s context of ${count(context)} tokens`));
  } else if (maxModelLen < longest.tokens && longest.tokens <= context) {
    const what = longest.tokens === mean.tokens ? "mean" : "p95";
    const whose = path === "workload" ? "" : ` of ${path}`;
    faults.push(fault("maxModelLen", maxModelLen, `at least the ${what} request${whose} of ${longest.sum}`));
  }
  return faults;
}

interface Sum {
  readonly tokens: number;
  readonly sum: string;
}

function lengthsText(workload: Workload, prompt: number, answer: number, reasoningTokens: number): Sum {
  const history = historyTokens(workload, workload.turns ?? 1);
  const tokens = prompt + history + reasoningTokens + answer;
  const parts = [
    `${count(prompt)} prompt`,
    ...(history > 0 ? [`${count(history)} history`] : []),
    ...(reasoningTokens > 0 ? [`${count(reasoningTokens)} reasoning`] : []),
    `${count(answer)} answer`,
  ];
  return { tokens, sum: `${parts.join(" + ")} = ${count(tokens)} tokens` };
}
