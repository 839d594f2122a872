import { MONITORING_REQUESTS, type Share } from "../../../sizing/cost/system-pool";
import type { Chart } from "../../chart-release";
import { SYSTEM_POOL } from "../../kubernetes-object";
import { CLOSED_CONTAINER } from "../../pod-security";
import { QUERIED_POD_LABELS } from "./monitoring-queries";
import { alertGroups, type ServedModel } from "./monitoring-rules.manifest";
import { GRAFANA, MONITORING_NAMESPACE, PROMETHEUS } from "./monitoring.manifest";

/** What the strictest standard of pod security asks of a container whose pod says nothing. */
const RESTRICTED = {
  ...CLOSED_CONTAINER,
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
} as const;

/** Bounds of what is kept, on the disk of a system node (50 GiB): the first that is reached. */
const KEPT = { time: "15d", size: "5GB", volume: "8Gi" } as const;

/** What the chart would scrape beside: API server, kubelets, everything's endpoints; most of it is never looked at. */
const JOBS_OF_CHART = [
  "kubernetes-api-servers",
  "kubernetes-nodes",
  "kubernetes-nodes-cadvisor",
  "kubernetes-service-endpoints",
  "kubernetes-service-endpoints-slow",
  "kubernetes-services",
  "kubernetes-pods",
  "kubernetes-pods-slow",
  "prometheus-pushgateway",
] as const;

/**
 * Scrapes the pods that say so by their annotations, keeps it for some days on the node, and watches the rules. No
 * volume claim, which would outlive the cluster: what was measured goes with the node. Sources: chart 29.35.0 as public
 * repositories use it, values of 28 (prometheus-community/helm-charts#6429: `scrapeConfigs` is a map).
 */
export function prometheus(served: readonly ServedModel[], alertmanager?: string): Chart {
  const off = { enabled: false };
  return {
    name: PROMETHEUS,
    chart: "prometheus",
    version: "29.35.0",
    repository: "https://prometheus-community.github.io/helm-charts",
    namespace: MONITORING_NAMESPACE,
    values: {
      alertmanager: off,
      "kube-state-metrics": off,
      "prometheus-node-exporter": off,
      "prometheus-pushgateway": off,
      // The stack makes narrower ones.
      rbac: { create: false },
      serviceAccounts: { server: { create: true, name: PROMETHEUS } },
      configmapReload: {
        prometheus: { containerSecurityContext: RESTRICTED, resources: resources(MONITORING_REQUESTS.reloader, 64) },
      },
      server: {
        fullnameOverride: PROMETHEUS,
        global: { scrape_interval: "15s", scrape_timeout: "10s", evaluation_interval: "30s" },
        persistentVolume: off,
        emptyDir: { sizeLimit: KEPT.volume },
        retention: KEPT.time,
        retentionSize: KEPT.size,
        nodeSelector: SYSTEM_POOL,
        resources: resources(MONITORING_REQUESTS.prometheus, 2048),
        containerSecurityContext: RESTRICTED,
        service: { type: "ClusterIP" },
        alertmanagers: alertmanager === undefined ? [] : [toldAt(alertmanager)],
      },
      scrapeConfigs: {
        ...Object.fromEntries(JOBS_OF_CHART.map((job) => [job, off])),
        "annotated-pods": annotatedPods(),
      },
      serverFiles: { "alerting_rules.yml": { groups: alertGroups(served) } },
    },
  };
}

function toldAt(alertmanager: string) {
  const [scheme = "http", target = ""] = alertmanager.split("://");
  return { scheme, static_configs: [{ targets: [target] }] };
}

/** By `prometheus.io/scrape`, `/port` and `/path`; labels as the chart's own job gives them. */
function annotatedPods() {
  return {
    kubernetes_sd_configs: [{ role: "pod" }],
    relabel_configs: [
      { source_labels: [annotation("scrape")], action: "keep", regex: "true" },
      // A pod is found once for each port that it names: all become one and the same target.
      {
        source_labels: ["__meta_kubernetes_pod_ip", annotation("port")],
        regex: "(.+);(\\d+)",
        replacement: "$1:$2",
        target_label: "__address__",
      },
      { source_labels: [annotation("path")], regex: "(.+)", target_label: "__metrics_path__" },
      { source_labels: ["__meta_kubernetes_pod_phase"], action: "drop", regex: "Pending|Succeeded|Failed" },
      { source_labels: ["__meta_kubernetes_namespace"], target_label: "namespace" },
      { source_labels: ["__meta_kubernetes_pod_name"], target_label: "pod" },
      { source_labels: ["__meta_kubernetes_pod_node_name"], target_label: "node" },
      { action: "labelmap", regex: `__meta_kubernetes_pod_label_(${QUERIED_POD_LABELS})` },
    ],
  };
}

function annotation(key: "scrape" | "port" | "path"): string {
  return `__meta_kubernetes_pod_annotation_prometheus_io_${key}`;
}

/**
 * Shows the dashboards that lie in its namespace, to whoever forwards its port; there is nobody to sign in as, so there
 * is no password. Source: grafana-community/helm-charts, templates/_pod.tpl: without a first administrator the chart
 * makes no Secret for one; version 13.2.6 as public repositories use it.
 */
export function grafana(): Chart {
  return {
    name: GRAFANA,
    chart: "grafana",
    version: "13.2.6",
    repository: "https://grafana-community.github.io/helm-charts",
    namespace: MONITORING_NAMESPACE,
    values: {
      rbac: { create: false },
      serviceAccount: { create: true, name: GRAFANA },
      testFramework: { enabled: false },
      persistence: { enabled: false },
      service: { type: "ClusterIP" },
      nodeSelector: SYSTEM_POOL,
      resources: resources(MONITORING_REQUESTS.grafana, 768),
      containerSecurityContext: RESTRICTED,
      env: {
        GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
        // Grafana 13 replaces the plugins of its image as it starts: where it cannot write it takes them out, and with
        // them the source of all data (entigolabs/entigo-infralib#1737, grafana/grafana#129332).
        GF_PLUGINS_PREINSTALL_DISABLED: "true",
      },
      "grafana.ini": {
        analytics: { reporting_enabled: false, check_for_updates: false, check_for_plugin_updates: false },
        auth: { disable_login_form: true },
        "auth.anonymous": { enabled: true, org_role: "Viewer" },
        "auth.basic": { enabled: false },
      },
      datasources: { "datasources.yaml": { apiVersion: 1, datasources: [prometheusSource()] } },
      sidecar: {
        resources: resources(MONITORING_REQUESTS.dashboards, 128),
        securityContext: RESTRICTED,
        // Grafana looks into the folder by itself; telling it to would need an administrator.
        dashboards: { enabled: true, resource: "configmap", labelValue: "1", skipReload: true },
      },
    },
  };
}

function prometheusSource() {
  return {
    name: "Prometheus",
    uid: "prometheus",
    type: "prometheus",
    url: `http://${PROMETHEUS}.${MONITORING_NAMESPACE}.svc`,
    access: "proxy",
    isDefault: true,
    editable: false,
  };
}

/** CPU is not limited: whoever looks at a fault should not have to wait. */
function resources({ milliCpus, memoryMiB }: Share, memoryLimitMiB: number) {
  return {
    requests: { cpu: `${milliCpus}m`, memory: `${memoryMiB}Mi` },
    limits: { memory: `${memoryLimitMiB}Mi` },
  };
}
