import { plannedConcurrency } from "../../../sizing/search/cases";
import type { FeasiblePlan } from "../../../sizing/serving-plan";
import type { ServingOptions } from "../../serving-options";
import { promisedSeconds, watchedSeconds, type PromisedTime } from "../../vllm/latency-buckets";
import { CARD_QUERIES, servingQueries } from "./monitoring-queries";

/** A model that is served on the cluster. */
export interface ServedModel {
  readonly plan: FeasiblePlan;
  readonly options: ServingOptions;
}

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly summary: string; readonly description: string };
}

export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** Share of the planned requests that may wait: what is more is more than the plan was made for. */
const WAITING_SHARE = 0.1;

/** Fuller than this, the next long request puts out another. */
const FULL_CACHE_SHARE = 0.95;

/** Of all answers of the gateway. */
const FAILURE_SHARE = 0.05;

/**
 * Errors of the card or its driver, after which it wants a reset or another node; those of a program that was ended or
 * went wrong (13, 31, 43, 45) are none. Source: NVIDIA, XID errors catalog; the choice is assumed.
 */
const HARDWARE_XIDS = [48, 64, 74, 79, 92, 94, 95, 119, 120, 140] as const;

/** What Prometheus watches: each model against what its plan promises, and the cards. */
export function alertGroups(served: readonly ServedModel[]): readonly AlertGroup[] {
  return [
    ...served.map((model) => ({ name: `fitserve ${model.options.namespace}`, rules: modelRules(model) })),
    { name: "fitserve cards", rules: cardRules() },
  ];
}

function modelRules(model: ServedModel): AlertRule[] {
  const { plan, options } = model;
  const labels = { namespace: options.namespace, model: plan.model.key };
  return [...availabilityRules(model), ...promiseRules(model), ...loadRules(model)].map((one) => ({
    ...one,
    labels: { ...labels, ...one.labels },
  }));
}

function availabilityRules({ plan, options }: ServedModel): AlertRule[] {
  const { enginesUp, failures, answers } = servingQueries(options.namespace);
  const { replicas } = plan.hardware;
  return [
    rule("EngineDown", "critical", "5m", `${enginesUp} == 0`, {
      summary: "No engine answers",
      description:
        "No replica has answered for 5 minutes. So it is while the first one starts, and where there is to be none.",
    }),
    ...(replicas === 1
      ? []
      : [
          rule("EngineMissing", "warning", "15m", `${enginesUp} < ${replicas}`, {
            summary: `Fewer engines than the ${replicas} of the plan`,
            description: "{{ $value }} replicas have answered for 15 minutes.",
          }),
        ]),
    rule("AnswersFail", "critical", "5m", `${failures} / ${answers} > ${FAILURE_SHARE}`, {
      summary: "The gateway answers with errors",
      description: "{{ $value | humanizePercentage }} of the answers are of class 5xx.",
    }),
  ];
}

/** Promises alone: what was only predicted may be missed. */
function promiseRules({ plan, options }: ServedModel): AlertRule[] {
  const { p95 } = servingQueries(options.namespace);
  const { ttftSeconds, tokensPerSecondPerUser, endToEndSeconds } = plan.request.slo;
  const promises = promisedSeconds(plan);
  const promised = (alert: string, time: PromisedTime, summary: string): AlertRule[] => {
    const limit = promises[time];
    if (limit === undefined) return [];
    return [
      rule(alert, "warning", "10m", `${p95(time)} > ${watchedSeconds(plan, time, limit)}`, {
        summary,
        description: "At the 95th percentile it is about {{ $value | humanizeDuration }}.",
      }),
    ];
  };
  return [
    ...promised(
      "FirstTokenLate",
      "time_to_first_token_seconds",
      `Time to the first token is above the ${ttftSeconds} s that are promised`,
    ),
    ...promised(
      "TokensSlow",
      "request_time_per_output_token_seconds",
      `Time per token is above that of the ${tokensPerSecondPerUser} tokens a second that are promised`,
    ),
    ...promised(
      "AnswersLate",
      "e2e_request_latency_seconds",
      `Time of a whole answer is above the ${endToEndSeconds} s that are promised`,
    ),
  ];
}

function loadRules({ plan, options }: ServedModel): AlertRule[] {
  const { waiting, fullestCache, preemptions } = servingQueries(options.namespace);
  const concurrency = plannedConcurrency(plan.request);
  return [
    rule("QueueGrows", "warning", "5m", `${waiting} > ${Math.max(1, Math.ceil(concurrency * WAITING_SHARE))}`, {
      summary: `More requests come than the ${concurrency} at once that were planned`,
      description: "{{ $value }} requests wait.",
    }),
    rule("KvCacheFull", "warning", "10m", `${fullestCache} > ${FULL_CACHE_SHARE}`, {
      summary: "The KV cache is full",
      description: "{{ $value | humanizePercentage }} of it are in use: requests are longer or more than was planned.",
    }),
    rule("RequestsPreempted", "warning", "10m", `${preemptions} > 0`, {
      summary: "Requests are put out and begun again",
      description: "The KV cache does not hold what runs at once: {{ $value }} a second.",
    }),
  ];
}

function cardRules(): AlertRule[] {
  const { lastError, remapFailed, remappedInADay, blindExporters } = CARD_QUERIES;
  const broken = HARDWARE_XIDS.map((xid) => `${lastError} == ${xid}`).join(" or ");
  const card = "card {{ $labels.gpu }} of {{ $labels.Hostname }}";
  return [
    rule("CardError", "critical", undefined, broken, {
      summary: "A card has failed",
      description: `XID {{ $value }} on ${card}. EKS repairs such a node where it sees the error; else end the instance.`,
    }),
    rule("CardMemoryFails", "critical", undefined, `${remapFailed} > 0 or ${remappedInADay} > 0`, {
      summary: "A card's memory fails",
      description: `Errors that could not be corrected (ECC) on ${card}.`,
    }),
    rule("CardsUnseen", "warning", "10m", blindExporters, {
      summary: "Cards are not watched",
      description: "The exporter {{ $labels.pod }} on {{ $labels.node }} does not answer, or shows no card.",
    }),
  ];
}

function rule(
  alert: string,
  severity: "critical" | "warning",
  lasting: string | undefined,
  expr: string,
  annotations: AlertRule["annotations"],
): AlertRule {
  return { alert, expr, ...(lasting === undefined ? {} : { for: lasting }), labels: { severity }, annotations };
}
