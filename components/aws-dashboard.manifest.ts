import type { types } from "@pulumi/kubernetes";
import type { FeasiblePlan } from "../sizing/serving-plan";
import { instanceLabels } from "./kubernetes-object";
import type { ServingOptions } from "./serving-options";

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

/**
 * What to look at while a plan serves: its promises beside what users get, and the cards. Names of the metrics are those
 * of vLLM 0.33 (vllm/v1/metrics/loggers.py) and of the DCGM exporter's default list.
 */
function panels(plan: FeasiblePlan, { namespace }: ServingOptions): readonly Panel[] {
  const { workload, slo } = plan.request;
  const engines = `{namespace="${namespace}"}`;
  const p95 = (metric: string): string =>
    `histogram_quantile(0.95, sum by (le) (rate(vllm:${metric}_bucket${engines}[5m])))`;
  const perSecond = (metric: string): string => `sum(rate(vllm:${metric}${engines}[5m]))`;
  return [
    {
      title: "Time to first token, p95",
      unit: "s",
      queries: { "first token": p95("time_to_first_token_seconds") },
      ...(slo.ttftSeconds === undefined ? {} : { limit: slo.ttftSeconds }),
    },
    {
      title: "Time between tokens, p95",
      unit: "s",
      queries: { "next token": p95("inter_token_latency_seconds") },
      ...(slo.tokensPerSecondPerUser === undefined ? {} : { limit: 1 / slo.tokensPerSecondPerUser }),
    },
    {
      title: "Requests",
      unit: "short",
      queries: {
        running: `sum(vllm:num_requests_running${engines})`,
        waiting: `sum(vllm:num_requests_waiting${engines})`,
      },
      limit: workload.concurrency,
    },
    { title: "KV cache in use", unit: "percentunit", queries: { fullest: `max(vllm:kv_cache_usage_perc${engines})` } },
    {
      title: "Tokens a second",
      unit: "short",
      queries: { prompt: perSecond("prompt_tokens_total"), output: perSecond("generation_tokens_total") },
    },
    { title: "Preemptions a second", unit: "short", queries: { preempted: perSecond("num_preemptions_total") } },
    { title: "Cards: busy", unit: "percent", queries: { "{{Hostname}} {{gpu}}": "DCGM_FI_DEV_GPU_UTIL" } },
    { title: "Cards: last XID error", unit: "short", queries: { "{{Hostname}} {{gpu}}": "DCGM_FI_DEV_XID_ERRORS" } },
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

/** A dashboard that a Grafana with its sidecar takes up by itself; without one it lies there and does nothing. */
export function servingDashboard(plan: FeasiblePlan, options: ServingOptions) {
  const dashboard = {
    uid: `fitserve-${options.namespace}`.slice(0, 40),
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
      name: `${options.name}-dashboard`,
      namespace: options.namespace,
      labels: { ...instanceLabels(options.name, "dashboard"), ...GRAFANA_LABEL },
    },
    data: { [`${options.namespace}.json`]: JSON.stringify(dashboard) },
  } as const satisfies types.input.core.v1.ConfigMap;
}
