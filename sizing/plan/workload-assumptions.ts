import type { ModelFacts } from "../search/planned-model";
import { historyCachingOf, type Replica } from "../search/replica";
import type { Assumption } from "../serving-plan";
import type { ServingRequest, Workload } from "../serving-request";

type UndatedAssumption = Omit<Assumption, "date">;

/** Families that think before they answer unless they are told not to (model cards of Qwen3 and gpt-oss). */
const THINKING_FAMILIES = /^(qwen3|qwen3_moe|gpt_oss)$/;

function spread(p95: number | undefined): string {
  return p95 === undefined ? "" : ` (p95 ${p95}, log-normal)`;
}

/** Lengths of the requests in words; what is not given is said to be left out. */
export function loadText(workload: Workload): string {
  const { promptTokens, promptTokensP95, outputTokens, outputTokensP95 } = workload;
  const { reasoningTokens, turns, sharedPrefixTokens } = workload;
  return [
    `${promptTokens} prompt${spread(promptTokensP95)}`,
    ...(reasoningTokens === undefined ? [] : [`, ${reasoningTokens} reasoning`]),
    ` and ${outputTokens} answer tokens${spread(outputTokensP95)}`,
    ...(turns === undefined ? [] : [`, in dialogues of ${turns} turns`]),
    sharedPrefixTokens === undefined
      ? turns === undefined
        ? ", without shared prefixes"
        : ""
      : `, the first ${sharedPrefixTokens} of the prompt shared`,
  ].join("");
}

/** What the plan takes for granted of the workload itself. */
export function workloadAssumptions(request: ServingRequest, model: ModelFacts, replica: Replica): UndatedAssumption[] {
  return [
    ...thinking(request, model),
    ...spreadLengths(request),
    ...dialogue(request, replica),
    ...sharedPrefix(request),
  ];
}

function thinking({ workload, scenarios = [] }: ServingRequest, model: ModelFacts): UndatedAssumption[] {
  if (!THINKING_FAMILIES.test(model.architecture.modelType)) return [];
  if ([workload, ...scenarios.map((one) => one.workload)].some((one) => one.reasoningTokens !== undefined)) return [];
  return [
    {
      text: `${model.key} thinks before it answers unless the client turns that off; no workload.reasoningTokens are given, so that none are counted: thinking adds tokens of cache, time and cost`,
      source: "model card",
      basis: "assumed",
    },
  ];
}

function spreadLengths({ workload }: ServingRequest): UndatedAssumption[] {
  const { promptTokensP95, outputTokensP95, reasoningTokens } = workload;
  if (promptTokensP95 === undefined && outputTokensP95 === undefined) return [];
  const reasoning =
    reasoningTokens === undefined || outputTokensP95 === undefined ? "" : "; reasoning varies as the answers do";
  return [
    {
      text: `lengths follow a log-normal distribution through mean and p95, prompts and answers independently${reasoning}; max-model-len admits what 99 of 100 do not exceed, longer requests are refused by the engine`,
      source: "fitserve:serving",
      basis: "assumed",
    },
  ];
}

function dialogue(request: ServingRequest, replica: Replica): UndatedAssumption[] {
  const { workload } = request;
  const { turns, reasoningTokens } = workload;
  const history = historyCachingOf(request, replica);
  if (turns === undefined || history === undefined) return [];
  const dropped =
    reasoningTokens === undefined
      ? "the whole request before is found"
      : "chat templates drop the reasoning of earlier turns, so that the answers behind it are computed anew";
  const room =
    history.keptShare < 1
      ? `the cache has room for ${Math.floor(history.keptShare * 100)} % of the histories`
      : "the cache has room for every history";
  const replicas = Math.round(history.keptShare / history.hitShare);
  const routing =
    replicas > 1
      ? `, and as the gateway keeps no dialogue on its replica, one turn in ${replicas} comes to the one that has it`
      : "";
  return [
    {
      text:
        `a turn is as likely to be any of the ${turns} of a dialogue, whose history has mean length; prefix caching is on ` +
        `(the default of vLLM V1): ${dropped}`,
      source: "vLLM documentation, automatic prefix caching; no measured run",
      basis: "assumed",
    },
    {
      text:
        `users read and type as long as they wait for an answer, so that as many dialogues wait before a later turn as are answered: ` +
        `${room}${routing}; where users take longer, less is found and the first token comes later than predicted`,
      source: "fitserve; no measured run",
      basis: "assumed",
    },
  ];
}

function sharedPrefix({ workload }: ServingRequest): UndatedAssumption[] {
  if (workload.sharedPrefixTokens === undefined) return [];
  return [
    {
      text: `the shared ${workload.sharedPrefixTokens} tokens are the same bytes at the start of every prompt, and stay in the cache in whole blocks of 16 tokens; a prompt that differs before their end finds less, and its first token comes later`,
      source: "vLLM documentation, automatic prefix caching; no measured run",
      basis: "assumed",
    },
  ];
}
