import type { types } from "@pulumi/kubernetes";
import { plannedConcurrency } from "../../../sizing/search/cases";
import type { FeasiblePlan } from "../../../sizing/serving-plan";
import { instanceLabels } from "../../kubernetes-object";
import type { ServingOptions } from "../../serving-options";
import { CARD_QUERIES, servingQueries } from "./monitoring-queries";

/** Label by which the sidecar of Grafana's own chart finds dashboards. */
const GRAFANA_LABEL = { grafana_dashboard: "1" } as const;

interface Panel {
  readonly title: string;
  /** Grafana's name of the unit. */
  readonly unit: "s" | "percentunit" | "percent" | "short";
  /** PromQL by legend. */
  readonly queries: Readonly<Record<string, string>>;
  /** What the plan promises or allows; drawn as a line. */
  readonly limit?: number;
}

/** What to look at while a plan serves: its promises beside what users get, what runs and waits, and the cards. */
function panels(plan: FeasiblePlan, { namespace }: ServingOptions): readonly Panel[] {
  const { slo } = plan.request;
  const queries = servingQueries(namespace);
  return [
    {
      title: "Time to first token, p95",
      unit: "s",
      queries: { "first token": queries.p95("time_to_first_token_seconds") },
      ...(slo.ttftSeconds === undefined ? {} : { limit: slo.ttftSeconds }),
    },
    {
      title: "Time per output token, p95 of the requests",
      unit: "s",
      queries: { "each token": queries.p95("request_time_per_output_token_seconds") },
      ...(slo.tokensPerSecondPerUser === undefined ? {} : { limit: 1 / slo.tokensPerSecondPerUser }),
    },
    {
      title: "Time of a whole answer, p95",
      unit: "s",
      queries: { "whole answer": queries.p95("e2e_request_latency_seconds") },
      ...(slo.endToEndSeconds === undefined ? {} : { limit: slo.endToEndSeconds }),
    },
    {
      title: "Requests",
      unit: "short",
      queries: { running: queries.running, waiting: queries.waiting },
      limit: plannedConcurrency(plan.request),
    },
    { title: "KV cache in use", unit: "percentunit", queries: { fullest: queries.fullestCache } },
    {
      title: "Tokens a second",
      unit: "short",
      queries: { prompt: queries.promptTokens, output: queries.outputTokens },
    },
    { title: "Preemptions a second", unit: "short", queries: { preempted: queries.preemptions } },
    {
      title: "Answers of the gateway a second",
      unit: "short",
      queries: { all: queries.answers, "5xx": queries.failures },
    },
    {
      title: "Engines that answer",
      unit: "short",
      queries: { engines: queries.enginesUp },
      limit: plan.hardware.replicas,
    },
    { title: "Cards: busy", unit: "percent", queries: { "{{Hostname}} {{gpu}}": CARD_QUERIES.busy } },
    { title: "Cards: last XID error", unit: "short", queries: { "{{Hostname}} {{gpu}}": CARD_QUERIES.lastError } },
    {
      title: "Alerts that fire",
      unit: "short",
      queries: { "{{alertname}} {{namespace}}": 'ALERTS{alertstate="firing"}' },
    },
  ];
}

const WIDTH = 12;
const HEIGHT = 8;

/** Two beside each other; the limit is a constant query, so that it is drawn whatever Grafana's settings are. */
function drawn({ title, unit, queries, limit }: Panel, index: number) {
  const lines = { ...queries, ...(limit === undefined ? {} : { plan: `vector(${limit})` }) };
  return {
    id: index + 1,
    type: "timeseries",
    title,
    gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    datasource: { type: "prometheus", uid: "${datasource}" },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: Object.entries(lines).map(([legendFormat, expr], number) => ({
      refId: String.fromCodePoint("A".charCodeAt(0) + number),
      expr,
      legendFormat,
    })),
  };
}

/** Grafana takes 40 characters. */
export function dashboardUid({ namespace }: ServingOptions): string {
  return `fitserve-${namespace}`.slice(0, 40);
}

/**
 * A dashboard that a Grafana with its sidecar takes up by itself; without one it lies there and does nothing.
 * `namespace` is where that Grafana looks.
 */
export function servingDashboard(plan: FeasiblePlan, options: ServingOptions, namespace: string) {
  const dashboard = {
    uid: dashboardUid(options),
    title: `fitserve: ${plan.model.key} in ${options.namespace}`,
    tags: ["fitserve"],
    schemaVersion: 39,
    time: { from: "now-3h", to: "now" },
    refresh: "30s",
    templating: { list: [{ name: "datasource", type: "datasource", query: "prometheus" }] },
    panels: panels(plan, options).map(drawn),
  };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `${options.namespace}-dashboard`,
      namespace,
      labels: { ...instanceLabels(options.name, "dashboard"), ...GRAFANA_LABEL },
    },
    data: { [`${options.namespace}.json`]: JSON.stringify(dashboard) },
  } as const satisfies types.input.core.v1.ConfigMap;
}
