import type { types } from "@pulumi/kubernetes";
import { instanceLabels } from "../../kubernetes-object";

/** Pods of this namespace may reach the engines, unless a stack says otherwise. */
export const MONITORING_NAMESPACE = "monitoring";

/** Names of releases, and of their Services and accounts. */
export const PROMETHEUS = "prometheus";
export const GRAFANA = "grafana";

const POD_READER = "fitserve-monitoring";

/** Why a model cannot have this namespace; undefined where it can. */
export function monitoringNamespaceFault(namespace: string | undefined, monitoring: boolean): string | undefined {
  if (!monitoring || namespace !== MONITORING_NAMESPACE) return undefined;
  return (
    `fitserve:namespace is ${namespace}, which is that of Prometheus and Grafana. ` +
    "Set another one, or fitserve:aws.monitoring to false."
  );
}

function metadata(name: string) {
  return { name, namespace: MONITORING_NAMESPACE, labels: instanceLabels(MONITORING_NAMESPACE, "monitoring") };
}

/** Admits only pods of the strictest standard of pod security. */
export function monitoringNamespace() {
  const { name, labels } = metadata(MONITORING_NAMESPACE);
  const standard = { "pod-security.kubernetes.io/enforce": "restricted" };
  return { metadata: { name, labels: { ...labels, ...standard } } } as const satisfies types.input.core.v1.Namespace;
}

/**
 * Prometheus looks for pods, and that is all: its chart would let it read nodes through the kubelet's proxy, and every
 * ConfigMap.
 */
export function podReader() {
  return {
    metadata: { name: POD_READER, labels: metadata(PROMETHEUS).labels },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
  } satisfies types.input.rbac.v1.ClusterRole;
}

export function podReaderBinding() {
  return {
    metadata: { name: POD_READER, labels: metadata(PROMETHEUS).labels },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: POD_READER },
    subjects: [{ kind: "ServiceAccount", name: PROMETHEUS, namespace: MONITORING_NAMESPACE }],
  } satisfies types.input.rbac.v1.ClusterRoleBinding;
}

/** Grafana looks for dashboards in its own namespace; its chart would let it read the Secrets too. */
export function dashboardReader() {
  return {
    metadata: metadata(GRAFANA),
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] }],
  } satisfies types.input.rbac.v1.Role;
}

export function dashboardReaderBinding() {
  return {
    metadata: metadata(GRAFANA),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: GRAFANA },
    subjects: [{ kind: "ServiceAccount", name: GRAFANA, namespace: MONITORING_NAMESPACE }],
  } satisfies types.input.rbac.v1.RoleBinding;
}

/** Nobody comes in: a port is forwarded by the node itself, from within the pod, for whom Kubernetes lets do it. */
export function nobodyComesIn() {
  return {
    metadata: metadata("nobody-comes-in"),
    spec: { podSelector: {}, policyTypes: ["Ingress"] },
  } satisfies types.input.networking.v1.NetworkPolicy;
}

/** Grafana alone asks Prometheus, which anybody who reaches it could end. */
export function grafanaToPrometheus() {
  return {
    metadata: metadata("grafana-to-prometheus"),
    spec: {
      podSelector: { matchLabels: { "app.kubernetes.io/name": PROMETHEUS } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": GRAFANA } } }],
          ports: [{ port: 9090, protocol: "TCP" }],
        },
      ],
    },
  } satisfies types.input.networking.v1.NetworkPolicy;
}

/** How somebody who may reach the cluster opens what is seen: a command, and an address while it runs. */
export interface MonitoringAccess {
  readonly grafana: string;
  readonly dashboard: string;
  readonly prometheus: string;
  readonly alerts: string;
}

export function monitoringAccess(dashboardUid: string): MonitoringAccess {
  return {
    grafana: forward(GRAFANA, 3000),
    dashboard: `http://localhost:3000/d/${dashboardUid}`,
    prometheus: forward(PROMETHEUS, 9090),
    alerts: "http://localhost:9090/alerts",
  };
}

function forward(service: string, port: number): string {
  return `kubectl --namespace ${MONITORING_NAMESPACE} port-forward service/${service} ${port}:80`;
}
